#!/usr/bin/env bash
# The command line `mote` over a WebSocket that nginx holds the TLS of, with what it does unless told otherwise: in front of mosquitto's
# listener without TLS, and of the hub emulator. Ends with `N passed, N failed`. MOTE=PROGRAM and MOTE_HUB=PROGRAM test other builds.
set -euo pipefail
. "$(dirname "$0")/mote.bash"
. Tests/Conformance/hub.bash
. Tests/Conformance/nginx.bash

authority ca
certificate ca server
websocket_port=$((12000 + RANDOM % 8000))
broker hub 'allow_anonymous true' "listener $websocket_port 127.0.0.1" 'protocol websockets' 'socket_domain ipv4'
hub_port=$port
# pass PORT [SCHEME]: the lines that lead to a WebSocket behind.
pass() {
  printf '%s' "location / { proxy_pass ${2:-http}://127.0.0.1:$1; proxy_http_version 1.1; proxy_set_header Host localhost; " \
    'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }'
}
# through PORT: $at leads there.
through() { at=(--websocket --endpoint "localhost:$1" --ca-file "$folder/ca.pem"); }
received() { grep -c "Received PUBLISH from $device" "$folder/hub.log" || true; }
has_received() { [ "$(received)" -ge "$1" ]; }

front plain "$(pass "$websocket_port")"
plain=$front
# Ends a tunnel through which nothing has come from behind for a while.
front impatient "$(pass "$websocket_port")" 'proxy_read_timeout 1s;'
impatient=$front
# Without the two lines that nginx wants for it there is no WebSocket.
front deaf "location / { proxy_pass http://127.0.0.1:$websocket_port; }"
deaf=$front
through "$plain"
sends() {
  mote send "${at[@]}" - < <(seq -f 'line %.0f' 500) --verbose
  ends 0
  [ "$(received)" -eq 500 ] && [ "$(grep -c 'starting TLS' "$folder/err")" -eq 1 ]
}
# 100,000 bytes each way, more than nginx has buffers for.
sends_much() {
  head -c 75000 /dev/urandom | base64 -w0 >"$folder/much"
  mosquitto_sub -h 127.0.0.1 -p "$hub_port" -t 'devices/+/messages/events/#' -C 1 >"$folder/heard" &
  local listener=$!
  await 10 grep -q 'Received SUBSCRIBE' "$folder/hub.log"
  mote send "${at[@]}" --file "$folder/much"
  ends 0
  wait "$listener"
  [ "$(tr -d '\n' <"$folder/heard")" = "$(cat "$folder/much")" ]
}
hears_much() {
  MOTE_CONNECTION_STRING=$own "$MOTE" listen "${at[@]}" --count 1 >"$folder/out" 2>"$folder/err" &
  local listener=$!
  await 10 grep -q "Received SUBSCRIBE from $device" "$folder/hub.log"
  mosquitto_pub -h 127.0.0.1 -p "$hub_port" -q 1 -t "devices/$device/messages/devicebound/" -f "$folder/much"
  wait "$listener"
  grep -qF "$(cat "$folder/much")" "$folder/out"
}
# What is sent next goes over another one.
idle() {
  through "$impatient"
  local before
  before=$(received)
  mote send "${at[@]}" --payload idle --interval 2 --count 3 --verbose
  ends 0
  has_received $((before + 3))
  [ "$(grep -c 'starting TLS' "$folder/err")" -ge 3 ]
}
not_passed_on() {
  through "$deaf"
  mote send "${at[@]}" --payload x
  ends 76 'WebSocket'
}
check 'mosquitto behind nginx: 500 messages over one connection' sends
check 'mosquitto behind nginx: 100,000 bytes go' sends_much
check 'mosquitto behind nginx: 100,000 bytes come' hears_much
check 'a tunnel that nginx ends while it is idle is made anew' idle
check 'an nginx that passes no WebSocket on' not_passed_on

# nginx answers for a server behind it that is not there, and that has come back when it is asked again.
kill "$broker"
wait "$broker" || true
before=$(received)
MOTE_CONNECTION_STRING=$own "$MOTE" send "${at[@]}" --payload away --outbox "$folder/outbox" --verbose >"$folder/out" 2>"$folder/err" &
children+=("$!")
check 'a server behind nginx that is away: 502 is told' await 20 grep -q 502 "$folder/err"
mosquitto -v -c "$folder/hub.conf" >>"$folder/hub.log" 2>&1 &
children+=("$!")
check 'a server behind nginx that comes back' await 30 has_received $((before + 1))

serve emulator
own=$(value_of deviceConnectionString <"$folder/emulator.json")
device=$(sed 's/.*DeviceId=\([^;]*\).*/\1/' <<<"$own")
watch_events
front secure "$(pass "$https_port" https)"
through "$front"
hub_behind() {
  mote send "${at[@]}" --payload 'by nginx' --property a=b
  ends 0
  happened '"body":"by nginx"' '"a":"b"'
  hub send "$device" 'for the device'
  mote listen "${at[@]}" --count 1
  ends 0
  grep -qF 'for the device' "$folder/out"
  mote twin report "${at[@]}" '{"by":"nginx"}'
  ends 0
}
check 'the hub behind nginx: a message each way, and the twin' hub_behind

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
