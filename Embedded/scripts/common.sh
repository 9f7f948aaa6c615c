# What every script here shares. Sourced, after `set -euo pipefail`; leaves the shell in the repository's root.
unset CDPATH
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Prints a message on standard error and ends the script.
fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# With MOTE_TLS, compilers take that mbedTLS in place of the system's (scripts/mbedtls), for this machine only, and what is
# built goes beside the rest: folders that depend on mbedTLS end with $variant. $swift_flags are for SwiftPM.
variant=
swift_flags=(--build-system native --traits Tools)
if [ -n "${MOTE_TLS:-}" ]; then
  variant=-mbedtls-$MOTE_TLS
  export C_INCLUDE_PATH=$PWD/.build/mbedtls-$MOTE_TLS/include LIBRARY_PATH=$PWD/.build/mbedtls-$MOTE_TLS/lib
  swift_flags+=(--scratch-path ".build/swift$variant" -Xlinker "-L$LIBRARY_PATH")
fi

# Reads Embedded/targets/NAME: what is true of one CPU and system.
read_target() {
  [[ $1 =~ ^[a-z0-9-]+$ && -f Embedded/targets/$1 ]] || fail "no board '$1'; there are: $(ls Embedded/targets | tr '\n' ' ')"
  architecture= tools= clang_flags=() gcc_flags=()
  # shellcheck source=/dev/null
  . "Embedded/targets/$1"
}

# The rooms that belong to the target read last and have files of the kind given (swift or c), in dependency order.
# With `linux`, the Linux port too, whatever the target's system.
rooms() {
  local room place
  grep -v '^#' Embedded/rooms | while read -r room place; do
    if [ "$place" = everywhere ] || [ "$place" = "${2:-$system}" ]; then
      if compgen -G "Sources/$room/*.$1" >/dev/null; then echo "$room"; fi
    fi
  done
}

# Where C headers are, for Swift and C alike.
include_folders=(Embedded/include)
for room in $(system=linux rooms c); do include_folders+=("Sources/$room/include"); done
include_flags=("${include_folders[@]/#/-I}")

# Where the tools of the Swift toolchain are: one linker, archiver and object editor for every CPU.
swift_tools=$(swiftc -print-target-info | sed -n 's|.*"runtimeResourcePath": "\(.*\)/lib/swift".*|\1/bin|p')

# What clang is told of code that swiftc has optimised already.
ir_flags=(-x ir -Oz -Xclang -disable-llvm-passes -Wno-override-module -Wno-unused-command-line-argument)

# The functions that C headers declare, sorted.
functions_of() {
  grep -hvE '^ *(/\*|\*|#)' "$@" | grep -oE '\bmote_[a-z0-9_]+\(' | tr -d '(' | sort -u
}

# The global symbols that objects define, or need and do not define, sorted.
defined_in() {
  "$swift_tools/llvm-nm" --quiet --defined-only --extern-only --format=just-symbols "$@" | grep -vE ':$|^$' | sort -u
}
needed_by() {
  "$swift_tools/llvm-nm" --quiet --undefined-only --format=just-symbols "$@" | grep -vE ':$|^$' | sort -u
}
