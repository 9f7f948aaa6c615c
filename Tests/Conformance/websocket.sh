#!/usr/bin/env bash
# MQTT over a WebSocket over TLS, against mosquitto's own listener: what client.sh does, over that.
# Ends with `N passed, N failed`.
set -euo pipefail
. "$(dirname "$0")/programs.bash"

authority ca
authority stranger
certificate ca server
certificate ca device
export MOTE_WEBSOCKET=1
program client Conformance/client.c Conformance/peers.c
