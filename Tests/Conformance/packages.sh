#!/usr/bin/env bash
# The packed library as a user's build finds it: the C examples through CMake's find_package and through pkg-config, for
# this machine and for the Raspberry Pi Zero (soft and hard float, run on emulated CPUs), and the C sources for a firmware.
# All of it from copies that were moved.
set -euo pipefail
. "$(dirname "$0")/programs.bash"

for board in host raspberry-pi-zero cortex-m4; do
  library "$board"
  mkdir -p "$folder/moved here"
  cp -r "build/$board" "$folder/moved here/$board"
  ln -s "moved here/$board" "$folder/$board"
done
Embedded/scripts/foreign-package armel libmbedtls-dev libmbedtls14 libmbedx509-1 libmbedcrypto7
Embedded/scripts/foreign-package armhf libmbedtls-dev libmbedtls14 libmbedx509-1 libmbedcrypto7
Embedded/scripts/foreign-package source mbedtls
armel=$PWD/.build/sysroot-armel armhf=$PWD/.build/sysroot-armhf
warnings='-Wall -Wextra -Wpedantic -Werror'

# cmake_build NAME SOURCES [OPTION…]: configures and builds in $folder/NAME.
cmake_build() {
  cmake -S "$2" -B "$folder/$1" -D "CMAKE_C_FLAGS=$warnings" "${@:3}"
  cmake --build "$folder/$1" --verbose
}
# What stands in a toolchain file for the board.
zero=(-D CMAKE_SYSTEM_NAME=Linux -D CMAKE_SYSTEM_PROCESSOR=armv6 -D CMAKE_C_COMPILER=arm-linux-gnueabi-gcc
  -D "CMAKE_C_FLAGS=-march=armv6 -marm -mfloat-abi=soft $warnings" -D CMAKE_EXE_LINKER_FLAGS=-static
  -D "CMAKE_FIND_ROOT_PATH=$armel")

# runs COMMAND…: the example starts TLS, and says what is wrong with a connection string.
runs() {
  if "$@" 'HostName=h;HostName=h' 2>"$folder/text"; then return 1; fi
  grep -i 'same name twice' "$folder/text"
}
# Nothing of the place it was packed in.
knows_no_place() { ! grep -rIF "$PWD/build/" "$folder/$1"; }

check 'CMake: this machine' cmake_build with-cmake Embedded/examples -D "CMAKE_PREFIX_PATH=$folder/moved here/host"
check 'CMake: this machine: runs' runs "$folder/with-cmake/telemetry"
check 'CMake: refers to the copy alone' knows_no_place with-cmake
check 'CMake: Raspberry Pi Zero' cmake_build zero Embedded/examples "${zero[@]}" \
  -D "CMAKE_PREFIX_PATH=$folder/moved here/host;$folder/moved here/raspberry-pi-zero"
check 'CMake: Raspberry Pi Zero: runs' runs qemu-arm -cpu arm1176 "$folder/zero/telemetry"

# with_pkg_config BOARD COMPILER [OPTION…]
with_pkg_config() {
  # shellcheck disable=SC2046,SC2086
  "$2" -std=c99 $warnings "${@:3}" Embedded/examples/telemetry.c -o "$folder/telemetry-$1" \
    $(PKG_CONFIG_PATH=$folder/$1/lib/pkgconfig pkg-config --cflags --libs mote)
}
is_hard_float() { arm-linux-gnueabihf-readelf --file-header "$1" | grep 'hard-float ABI'; }
check 'pkg-config: this machine' with_pkg_config host gcc
check 'pkg-config: this machine: runs' runs "$folder/telemetry-host"
check 'pkg-config: Raspberry Pi Zero' with_pkg_config raspberry-pi-zero arm-linux-gnueabi-gcc -march=armv6 -marm -mfloat-abi=soft \
  -static -isystem "$armel/usr/include" "-L$armel/usr/lib/arm-linux-gnueabi"
check 'pkg-config: Raspberry Pi Zero: runs' runs qemu-arm -cpu arm1176 "$folder/telemetry-raspberry-pi-zero"

# As Raspberry Pi OS's own compiler builds: hard float, position-independent, with the system's libraries. Debian's are
# ARMv7's, so it runs on one of those; and position-independent with soft float on the board's own CPU.
check 'pkg-config: Raspberry Pi Zero, hard float' with_pkg_config raspberry-pi-zero arm-linux-gnueabihf-gcc -Wl,--fatal-warnings \
  -pie -fPIE -isystem "$armhf/usr/include" "-L$armhf/usr/lib/arm-linux-gnueabihf"
check 'pkg-config: Raspberry Pi Zero, hard float: is that' is_hard_float "$folder/telemetry-raspberry-pi-zero"
check 'pkg-config: Raspberry Pi Zero, hard float: runs' runs qemu-arm -cpu cortex-a7 -L /usr/arm-linux-gnueabihf \
  -E "LD_LIBRARY_PATH=$armhf/usr/lib/arm-linux-gnueabihf" "$folder/telemetry-raspberry-pi-zero"
check 'pkg-config: Raspberry Pi Zero, position-independent' with_pkg_config raspberry-pi-zero arm-linux-gnueabi-gcc -march=armv6 \
  -Wl,--fatal-warnings -marm -pie -fPIE -isystem "$armel/usr/include" "-L$armel/usr/lib/arm-linux-gnueabi"
check 'pkg-config: Raspberry Pi Zero, position-independent: runs' runs qemu-arm -cpu arm1176 -L /usr/arm-linux-gnueabi \
  -E "LD_LIBRARY_PATH=$armel/usr/lib/arm-linux-gnueabi" "$folder/telemetry-raspberry-pi-zero"

# ---- Bare metal ----------------------------------------------------------------------------------------------------

mkdir "$folder/firmware"
cat >"$folder/firmware/main.c" <<'C'
#include <mote.h>
#include <mote_tls.h>
static mote_tls tls;
int main(void) { return mote_tls_init(&tls, sizeof tls, 0) == MOTE_ERROR_ARGUMENT && mote_version() == MOTE_VERSION; }
C
cat >"$folder/firmware/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.13)
project(firmware LANGUAGES C)
find_package(Mote 0.1 REQUIRED)
add_executable(firmware main.c)
target_link_libraries(firmware PRIVATE Mote::sources)
target_include_directories(firmware SYSTEM PRIVATE ${MBEDTLS}/include)
target_include_directories(firmware PRIVATE ${CONFIGURATION})
target_compile_definitions(firmware PRIVATE MBEDTLS_CONFIG_FILE=<config.h>)
CMAKE
# Without mbedTLS itself, what the linker misses must be mbedTLS's and the C library's, and none of Mote's.
firmware() {
  cmake_build firmware-built "$folder/firmware" -D CMAKE_SYSTEM_NAME=Generic -D CMAKE_C_COMPILER=arm-none-eabi-gcc \
    -D CMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY -D "CMAKE_PREFIX_PATH=$folder/moved here/cortex-m4" \
    -D "MBEDTLS=$PWD/.build/source/mbedtls" -D "CONFIGURATION=$PWD/Embedded/mbedtls" \
    -D "CMAKE_C_FLAGS=-mcpu=cortex-m4 -mthumb $warnings" \
    -D 'CMAKE_EXE_LINKER_FLAGS=--specs=nosys.specs -Wl,--warn-unresolved-symbols' 2>&1 | tee "$folder/firmware.log"
  local missing
  missing=$(sed -n "s/.*undefined reference to .\([a-zA-Z0-9_]*\).*/\1/p" "$folder/firmware.log")
  grep '^mbedtls_' <<<"$missing"
  ! grep '^mote_' <<<"$missing"
}
check 'CMake: the sources and the archive for a firmware' firmware

# ---- What does not fit ---------------------------------------------------------------------------------------------

mkdir "$folder/asks"
cat >"$folder/asks/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.19)
project(asks LANGUAGES C)
if(BUILDS_MBEDTLS)
  foreach(name mbedtls mbedx509 mbedcrypto)
    add_library(${name} INTERFACE)
  endforeach()
endif()
find_package(Mote ${VERSION} REQUIRED)
message(STATUS "found ${Mote_VERSION}")
CMAKE
# ask BOARD VERSION [OPTION…]: whether a project that asks for a version configures; what it says is in $folder/said.
ask() {
  rm -rf "$folder/asked"
  cmake -S "$folder/asks" -B "$folder/asked" -D "CMAKE_PREFIX_PATH=$folder/moved here/$1" -D "VERSION=$2" "${@:3}" \
    >"$folder/said" 2>&1 || { cat "$folder/said"; return 1; }
}
# refuses TEXT BOARD VERSION [OPTION…]: not, and it says why.
refuses() {
  if ask "${@:2}"; then return 1; fi
  tr -s ' \n' ' ' <"$folder/said" | grep -F "$1"
}
version=$(PKG_CONFIG_PATH=$folder/host/lib/pkgconfig pkg-config --modversion mote)
asked_for() { ask host "$1" && grep "found $version" "$folder/said"; }
for request in 0.1 "$version" "$version;EXACT" 0.0.9...0.1 0.1...1 ''; do
  check "CMake: fits '$request'" asked_for "$request"
done
for request in 99 0.2 0.0 1 "$version.1" 0.2...1 0.0.1...0.0.9 "0.0.1...<$version"; do
  check "CMake: refuses $request" refuses "version: $version" host "$request"
done
check 'CMake: refuses the library of another board' refuses 'pointers of 4 bytes' raspberry-pi-zero 0.1
without=(-D CMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF)
check 'CMake: says that mbedTLS is missing' refuses 'mbedTLS is missing' host 0.1 "${without[@]}"
check 'CMake: looks for none when the project builds its own' ask host 0.1 "${without[@]}" -D BUILDS_MBEDTLS=ON

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
