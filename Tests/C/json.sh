#!/usr/bin/env bash
# What mote_json.h promises (json.c). Arguments go to the compiler, such as -fsanitize=address,undefined; MOTE_UNDER is a
# program to run it under, such as valgrind.
set -euo pipefail
. "$(dirname "$0")/../Conformance/programs.bash"

flags=("$@")
program json C/json.c
