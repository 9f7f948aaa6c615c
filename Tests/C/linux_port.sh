#!/usr/bin/env bash
# Builds linux_port.c and runs it. Arguments go to the compiler, such as -fsanitize=thread.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

${CC:-cc} -std=gnu11 -Wall -Wextra -Wpedantic -Werror -g "$@" -I"$root/Embedded/include" -I"$here/../Conformance" "$here/linux_port.c" \
  "$here/../Conformance/checks.c" \
  "$root"/Sources/CMoteLinux/*.c -o "$folder/linux_port" -lpthread
${MOTE_UNDER:-} "$folder/linux_port"
