#!/usr/bin/env bash
# The emulator's web page in headless Chromium, with `mote-hub serve` behind it, and devices in front: `mote`, and one
# that sends what no SDK would. Ends with `N passed, N failed`. With PICTURE=FILE it takes the README's picture instead.
set -euo pipefail
. "$(dirname "$0")/mote.bash"
. Tests/Conformance/hub.bash

serve hub
mkdir "$folder/browser"
export PYTHONDONTWRITEBYTECODE=1
arguments=(--address "$(value_of pageAddress <"$folder/hub.json")" --mqtt-port "$mqtt_port" --ca-file "$ca" --mote "$MOTE"
  --folder "$folder" ${PICTURE:+--picture "$PICTURE"})

# It asks for another hub in the place of the first, when it wants to see the page find it.
coproc page { exec python3 Tests/Conformance/hub_page.py "${arguments[@]}"; }
browser=$page_PID
children+=("$browser")
exec {answers}<&"${page[0]}" {requests}>&"${page[1]}"
last=
while read -r line <&"$answers"; do
  if [ "$line" = restart ]; then
    kill -9 "$hub"
    wait "$hub" 2>/dev/null || true
    serve hub --port-mqtt "$mqtt_port" --port-web "$web_port"
    echo >&"$requests"
  else
    if [ -n "$last" ]; then echo "$last"; fi
    last=$line
  fi
done
status=0
wait "$browser" || status=$?
if [ -z "${PICTURE:-}" ]; then echo "${last:-0 passed, 1 failed}"; fi
exit "$status"
