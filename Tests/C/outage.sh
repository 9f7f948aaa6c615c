#!/usr/bin/env bash
# A hub that is gone, and a fleet that comes back, on a virtual clock (outage.c). Arguments go to the compiler, such as
# -fsanitize=address,undefined; MOTE_UNDER is a program to run it under, such as valgrind, and then the fleet is smaller.
set -euo pipefail
. "$(dirname "$0")/hub.bash"

flags=("$@")
MOTE_FLEET=${MOTE_FLEET:-${MOTE_UNDER:+100}}
export MOTE_FLEET=${MOTE_FLEET:-1000}
program outage C/outage.c C/fleet.c "${hub_sources[@]}"
