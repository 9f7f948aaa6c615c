#!/usr/bin/env bash
# 10,000 messages through 200 faults, to mosquitto over TLS (faults.c, relay.py). MOTE_SEED=NUMBER replays the faults of a
# run that printed it. Arguments go to the compiler; without, the sanitizers.
set -euo pipefail
. "$(dirname "$0")/programs.bash"

flags=("$@")
if [ $# -eq 0 ]; then flags=(-fsanitize=address,undefined); fi
export MOTE_RELAY=$PWD/Tests/Conformance/relay.py
authority ca
certificate ca server
program faults Conformance/{faults,sender,arrivals,peers}.c
