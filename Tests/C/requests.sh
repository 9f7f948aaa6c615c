#!/usr/bin/env bash
# Twin and direct methods on a virtual clock (requests*.c). Arguments go to the compiler, such as -fsanitize=address,undefined;
# MOTE_UNDER is a program to run it under, such as valgrind, and then less is repeated.
set -euo pipefail
. "$(dirname "$0")/hub.bash"

flags=("$@")
export MOTE_TOPICS=${MOTE_TOPICS:-${MOTE_UNDER:+300}}
program requests C/requests.c C/requests_twin.c C/requests_methods.c "${hub_sources[@]}"
