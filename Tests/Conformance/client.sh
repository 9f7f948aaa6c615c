#!/usr/bin/env bash
# A device of IoT Hub against mosquitto over TLS (client.c).
set -euo pipefail
. "$(dirname "$0")/programs.bash"

authority ca
authority stranger
certificate ca server
certificate ca device
program client Conformance/client.c Conformance/peers.c
