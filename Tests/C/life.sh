#!/usr/bin/env bash
# The life of a connection on a virtual clock (life*.c). Arguments go to the compiler, such as -fsanitize=address,undefined;
# MOTE_UNDER is a program to run it under, such as valgrind, and then a day is shorter.
set -euo pipefail
. "$(dirname "$0")/hub.bash"

flags=("$@")
MOTE_HOURS=${MOTE_HOURS:-${MOTE_UNDER:+2}}
export MOTE_HOURS=${MOTE_HOURS:-24}
program life C/life.c C/life_reach.c C/life_refusals.c C/life_token.c C/life_silence.c C/life_leave.c C/life_corners.c "${hub_sources[@]}"
