#!/usr/bin/env bash
# The way by proxies and over a WebSocket on a virtual clock (ways.c). Arguments go to the compiler, such as
# -fsanitize=address,undefined; MOTE_UNDER is a program to run it under, such as valgrind, and then fewer places are cut at.
set -euo pipefail
. "$(dirname "$0")/hub.bash"

flags=("$@")
export MOTE_STEPS=${MOTE_STEPS:-${MOTE_UNDER:+9}}
program ways C/ways.c "${hub_sources[@]}"
