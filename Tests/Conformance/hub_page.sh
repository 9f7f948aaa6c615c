#!/usr/bin/env bash
# The emulator's web page in headless Chromium, with `mote-hub serve` behind it, and devices in front: `mote`, and one
# that sends what no SDK would. Ends with `N passed, N failed`. With PICTURE=FILE it takes the README's picture instead.
set -euo pipefail
. "$(dirname "$0")/mote.bash"
if [ -z "${MOTE_HUB:-}" ]; then
  swift build "${swift_flags[@]}" --product mote-hub >"$folder/build.log" 2>&1 ||
    { cat "$folder/build.log"; fail 'mote-hub could not be built'; }
  MOTE_HUB=$(swift build "${swift_flags[@]}" --show-bin-path)/mote-hub
fi

# serve MQTT_PORT WEB_PORT: starts the hub, and waits until it listens. $address is the page's, with the key.
serve() {
  : >"$folder/serve"
  "$MOTE_HUB" serve --data "$folder/data" --port-mqtt "$1" --port-https 0 --port-web "$2" \
    >"$folder/serve" 2>"$folder/serve.log" &
  hub=$!
  children+=("$hub")
  await 20 grep -q '#key=' "$folder/serve" || { cat "$folder/serve.log"; fail 'mote-hub does not start'; }
  address=$(grep -o 'http://[^ ]*#key=[^ ]*' "$folder/serve")
  port() { python3 -c "import json; print(json.load(open('$folder/data/hub.json'))['ports']['$1'])"; }
}

serve 0 0
mqtt=$(port mqtt) web=$(port web)
mkdir "$folder/browser"
export PYTHONDONTWRITEBYTECODE=1

# The page's script asks for another hub in the place of the first, when it wants to see the page find it.
coproc page { exec python3 Tests/Conformance/hub_page.py --address "$address" --mqtt-port "$mqtt" \
  --ca-file "$folder/data/ca.pem" --mote "$MOTE" --folder "$folder" ${PICTURE:+--picture "$PICTURE"}; }
browser=$page_PID
children+=("$browser")
exec {answers}<&"${page[0]}" {requests}>&"${page[1]}"
last=
while read -r line <&"$answers"; do
  if [ "$line" = restart ]; then
    kill -9 "$hub"
    wait "$hub" 2>/dev/null || true
    serve "$mqtt" "$web"
    echo >&"$requests"
  else
    if [ -n "$last" ]; then echo "$last"; fi
    last=$line
  fi
done
if [ -n "${PICTURES:-}" ]; then cp "$folder/failed.png" "$PICTURES" 2>/dev/null || true; fi
wait "$browser" || status=$?
if [ -z "${PICTURE:-}" ]; then echo "${last:-0 passed, 1 failed}"; fi
exit "${status:-0}"
