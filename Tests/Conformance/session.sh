#!/usr/bin/env bash
# An MQTT session against mosquitto over TLS (session.c).
set -euo pipefail
. "$(dirname "$0")/programs.bash"

authority ca
certificate ca server
program session Conformance/session.c Conformance/transport.c Conformance/peers.c
