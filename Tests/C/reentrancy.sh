#!/usr/bin/env bash
# mote.h used in wrong ways (reentrancy.c), with mosquitto as the peer. Arguments go to the compiler, such as
# -fsanitize=address,undefined; MOTE_UNDER is a program to run it under, such as valgrind.
set -euo pipefail
. "$(dirname "$0")/../Conformance/programs.bash"

authority ca
certificate ca server
flags=("$@")
program reentrancy C/reentrancy.c Conformance/peers.c
