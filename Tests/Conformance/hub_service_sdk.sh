#!/usr/bin/env bash
# The hub emulator's service API, proved by the official Python service SDK over HTTPS, unchanged: its connection string names
# the port, and its CA comes by the environment. Ends with `N passed, N failed`. MOTE_HUB=PROGRAM tests another build.
set -euo pipefail
. "$(dirname "$0")/../../Embedded/scripts/common.sh"
. Embedded/scripts/broker.sh
. Tests/Conformance/python.bash
. Tests/Conformance/hub.bash

python_with azure-iot-hub paho-mqtt
serve hub
REQUESTS_CA_BUNDLE=$ca "$python" Tests/Conformance/hub_service_sdk.py --host localhost --mqtt-port "$mqtt_port" --ca-file "$ca" \
  --connection-string "$(cat "$hub_folder/service-connection-string")"
