#!/usr/bin/env bash
# What mote_http.h promises (http.c). Arguments go to the compiler, such as -fsanitize=address,undefined; MOTE_UNDER is a
# program to run it under, such as valgrind.
set -euo pipefail
. "$(dirname "$0")/../Conformance/programs.bash"

flags=("$@")
program http C/http.c
