#!/usr/bin/env bash
# What other build systems read of Mote, which are not here to run it: that it can be read, names files that exist, and passes
# the packed archive on. Python is the distribution's, whose modules are installed.
set -euo pipefail
. "$(dirname "$0")/programs.bash"
Embedded/scripts/packages manifests
library cortex-m4
library riscv32

cat >"$folder/stand-ins.cmake" <<'CMAKE'
foreach(name zephyr_include_directories zephyr_library_named zephyr_library_sources zephyr_library_include_directories
        zephyr_library_link_libraries zephyr_library_import idf_component_register add_prebuilt_library target_link_libraries)
  cmake_language(EVAL CODE "function(${name})\n message(\"${name} \${ARGV}\")\n endfunction()")
endforeach()
set(COMPONENT_LIB mote_component)
include(${FILE})
CMAKE
# cmake_says FILE TEXT [OPTION…]: whether a run of a CMakeLists.txt against the stand-ins says a text.
cmake_says() {
  cmake "${@:3}" -D "FILE=$PWD/$1" -P "$folder/stand-ins.cmake" >"$folder/said" 2>&1 || true
  cat "$folder/said"
  tr -s ' \n' ' ' <"$folder/said" | grep -qF -- "$2"
}
succeeds() { cmake "${@:2}" -D "FILE=$PWD/$1" -P "$folder/stand-ins.cmake"; }
version=$(PKG_CONFIG_PATH=build/cortex-m4/lib/pkgconfig pkg-config --modversion mote)

module_names_files() {
  /usr/bin/python3 - <<'PYTHON'
import os, yaml
build = yaml.safe_load(open("zephyr/module.yml"))["build"]
assert os.path.isfile(build["cmake"] + "/CMakeLists.txt") and os.path.isfile(build["kconfig"])
PYTHON
}
# kconfig CPU: the library that Kconfig chooses when Zephyr has chosen a CPU.
kconfig() {
  printf '%s\n' 'config MBEDTLS' ' def_bool y' "config $1" ' def_bool y' "source \"$PWD/zephyr/Kconfig\"" >"$folder/Kconfig"
  /usr/bin/python3 -c 'import kconfiglib, sys
configuration = kconfiglib.Kconfig(sys.argv[1], warn_to_stderr=True)
configuration.syms["MOTE"].set_value(2)
print(configuration.syms["MOTE_CPU"].str_value)' "$folder/Kconfig"
}
chooses() { [ "$(kconfig "$1")" = "$2" ] && [ -f "Embedded/targets/$2" ]; }
check 'Zephyr: the module names files that exist' module_names_files
while read -r cpu target; do
  check "Zephyr: $cpu takes the library $target" chooses "$cpu" "$target"
done <<'END'
CPU_CORTEX_M3 cortex-m3
CPU_CORTEX_M4 cortex-m4
CPU_CORTEX_M33 cortex-m4
CPU_CORTEX_M0PLUS cortex-m0plus
RISCV riscv32
END
zephyr=(-D CONFIG_MOTE=y -D CONFIG_MOTE_CPU=cortex-m4)
check 'Zephyr: succeeds' succeeds zephyr/CMakeLists.txt "${zephyr[@]}"
check 'Zephyr: imports the archive' cmake_says zephyr/CMakeLists.txt build/cortex-m4/lib/libmote.a "${zephyr[@]}"
check 'Zephyr: compiles the sources' cmake_says zephyr/CMakeLists.txt build/cortex-m4/src/mote_tls.c "${zephyr[@]}"
check 'Zephyr: says what is missing' cmake_says zephyr/CMakeLists.txt 'make lib BOARD=none' -D CONFIG_MOTE=y -D CONFIG_MOTE_CPU=none

risc_v=(-D CONFIG_IDF_TARGET_ARCH_RISCV=y -D IDF_TARGET=esp32c3)
component=Embedded/esp-idf/CMakeLists.txt
check 'ESP-IDF: succeeds' succeeds $component "${risc_v[@]}"
check 'ESP-IDF: links the archive' cmake_says $component build/riscv32/lib/libmote.a "${risc_v[@]}"
check 'ESP-IDF: compiles the sources' cmake_says $component build/riscv32/src/mote_tls.c "${risc_v[@]}"
check 'ESP-IDF: refuses Xtensa' cmake_says $component 'no library for esp32s3' -D IDF_TARGET=esp32s3
check 'ESP-IDF: its manifest can be read' /usr/bin/python3 -c 'import yaml; assert "esp32c3" in yaml.safe_load(open("Embedded/esp-idf/idf_component.yml"))["targets"]'

platformio() {
  /usr/bin/python3 - "$version" <<'PYTHON'
import json, os, sys
library = json.load(open("library.json"))
assert library["version"] == sys.argv[1], library["version"]
assert os.path.isfile(os.path.join(library["build"]["srcDir"], "mote_tls.c"))
assert os.path.isfile(os.path.join(library["build"]["includeDir"], library["headers"]))
PYTHON
}
check "PlatformIO: the manifest is of version $version, and names what is packed" platformio

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
