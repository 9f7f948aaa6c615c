#!/usr/bin/env bash
# A day of faults on a virtual clock (soak.c). Its seed is printed, and MOTE_SEED=N replays it. Arguments go to the compiler,
# such as -fsanitize=address,undefined; MOTE_UNDER is a program to run it under, such as valgrind, and then a day is shorter.
set -euo pipefail
. "$(dirname "$0")/hub.bash"

flags=("$@")
MOTE_HOURS=${MOTE_HOURS:-${MOTE_UNDER:+6}}
export MOTE_HOURS=${MOTE_HOURS:-24}
program soak C/soak.c "${hub_sources[@]}"
