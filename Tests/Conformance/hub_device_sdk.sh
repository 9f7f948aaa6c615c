#!/usr/bin/env bash
# The hub emulator as the official Python device SDK sees it over MQTT, unchanged: tokens and certificates, telemetry, messages,
# methods, twins, files. The SDK has one port, 8883, and 443 for files: the hub has an address of this test's own. Ends with
# `N passed, N failed`. With `websockets`, the same over WebSocket, for which the SDK has port 443.
# MOTE_HUB=PROGRAM tests another build.
set -euo pipefail
. "$(dirname "$0")/../../Embedded/scripts/common.sh"
. Embedded/scripts/broker.sh
. Tests/Conformance/python.bash
. Tests/Conformance/hub.bash

python_with azure-iot-device
address=127.$((1 + $$ / 65536 % 254)).$(($$ / 256 % 256)).$((1 + $$ % 254))
ports=(--port-https 443)
if [ "${1:-}" != websockets ]; then ports+=(--port-mqtt 8883); fi
serve hub --listen "$address" --host-name "$address" "${ports[@]}"

# device_certificate NAME SUBJECT [OPTION…]: a key and a certificate, $folder/NAME.key and .pem.
device_certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$folder/$1.key" -x509 -days 2 \
    -out "$folder/$1.pem" "${@:3}" 2>"$folder/openssl.log" || fail "openssl made no certificate: $(cat "$folder/openssl.log")"
}
device_certificate selfsigned anything
device_certificate stranger vouched
device_certificate vouched vouched -CA "$hub_folder/device-ca.pem" -CAkey "$hub_folder/device-ca-key.pem"
device_certificate certified certified -CA "$hub_folder/device-ca.pem" -CAkey "$hub_folder/device-ca-key.pem"
device_certificate other other -CA "$hub_folder/device-ca.pem" -CAkey "$hub_folder/device-ca-key.pem"

"$python" Tests/Conformance/hub_device_sdk.py --host "$address" --ca-file "$ca" --certificates "$folder" \
  --service "$(cat "$hub_folder/service-connection-string")" ${1:+--websockets}
