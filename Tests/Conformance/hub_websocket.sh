#!/usr/bin/env bash
# The command line `mote` over a WebSocket against the hub emulator, and how each refuses the other.
# Ends with `N passed, N failed`. MOTE=PROGRAM and MOTE_HUB=PROGRAM test other builds.
set -euo pipefail
. "$(dirname "$0")/mote.bash"
. Tests/Conformance/hub.bash

authority other
certificate other server
serve hub
own=$(value_of deviceConnectionString <"$folder/hub.json")
at=(--websocket --endpoint "localhost:$https_port" --ca-file "$ca")
hub_command() { "$MOTE_HUB" "$@" --data "$hub_folder"; }
hub_command monitor --json >>"$folder/events" 2>&1 &
children+=($!)
# A message is seen when there is somebody to see it.
probe() {
  mote send "${at[@]}" --payload probe
  grep -q probe "$folder/events"
}
await 20 probe || fail 'the hub tells of no message'
await 10 grep -q '"kind":"disconnected"' "$folder/events"
: >"$folder/events"

# ---- mote ---------------------------------------------------------------------------------------------------------------

telemetry() { grep -c '"kind":"telemetry"' "$folder/events"; }
has_telemetry() { [ "$(telemetry)" -eq "$1" ]; }
sends() {
  mote send "${at[@]}" - < <(seq -f 'line %.0f' 500)
  ends 0
  await 10 has_telemetry 500
  grep -qF '"line 500"' "$folder/events"
}
sends_large() {
  head -c 190000 /dev/urandom | base64 -w0 >"$folder/large"
  mote send "${at[@]}" --payload "$(head -c 100000 "$folder/large")"
  ends 0
  await 10 has_telemetry 501
  grep -qF "$(tail -c 100 <(head -c 100000 "$folder/large"))" "$folder/events"
}
listens() {
  hub_command send device-1 'for the device'
  mote listen "${at[@]}" --count 1
  ends 0
  grep -qF 'for the device' "$folder/out"
}
reports() {
  mote twin report "${at[@]}" '{"over":"WebSocket"}'
  ends 0
  mote twin get "${at[@]}"
  ends 0
  grep -qF '"over":"WebSocket"' <(tr -d ' \n' <"$folder/out")
}
doctor() {
  mote doctor "${at[@]}" --watch 2
  ends 0
  grep -qE '^ok +WebSocket +open' "$folder/out"
}
refused_key() {
  local string=${own%SharedAccessKey=*}SharedAccessKey=$key
  mote_as "$string" send "${at[@]}" --payload x
  ends 77 'not authorised'
}
no_websocket() {
  mote send --websocket --endpoint "localhost:$plain_port" --ca-file "$folder/other.pem" --payload x
  ends 76 'refused a WebSocket with status 404 of HTTP'
  mote doctor --websocket --endpoint "localhost:$plain_port" --ca-file "$folder/other.pem"
  ends 76
  grep -qE '^ok +TLS ' "$folder/out"
  grep -qE '^FAILED +WebSocket +The server answered with another status' "$folder/out"
}
check 'mote send: 500 lines' sends
check 'mote send: 100,000 bytes' sends_large
check 'mote listen' listens
check 'mote twin' reports
check 'mote doctor' doctor
check 'mote: a key that the hub refuses' refused_key
printf 'import http.server, ssl
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("%s", "%s")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()\n' "$folder/server.pem" "$folder/server.key" >"$folder/server.py"
mkdir "$folder/empty"
(cd "$folder/empty" && exec python3 "$folder/server.py" >"$folder/server.port" 2>"$folder/server.log") &
children+=($!)
await 10 grep -q . "$folder/server.port"
plain_port=$(cat "$folder/server.port")
check 'mote: a web server that takes none' no_websocket

# ---- The hub ------------------------------------------------------------------------------------------------------------

# handshake STATUS PATH HEADER…: what the hub answers to one; the example of RFC 6455, 1.3, unless a header says otherwise.
handshake() {
  local status=$1 path=$2 headers=()
  shift 2
  for header in 'Connection: Upgrade' 'Upgrade: websocket' 'Sec-WebSocket-Version: 13' \
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' 'Sec-WebSocket-Protocol: mqtt'; do
    case "$*" in *"${header%%:*}:"*) ;; *) headers+=(-H "$header") ;; esac
  done
  for header in "$@"; do headers+=(-H "$header"); done
  curl -s -i --http1.1 --max-time 2 --cacert "$ca" "${headers[@]}" "https://localhost:$https_port$path" >"$folder/answer" || true
  grep -q "^HTTP/1.1 $status" "$folder/answer" || { cat "$folder/answer"; return 1; }
}
accepts() {
  handshake 101 '/$iothub/websocket'
  grep -qi '^sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=' "$folder/answer"
  grep -qi '^sec-websocket-protocol: mqtt' "$folder/answer"
  handshake 101 '/$iothub/websocket?iothub-no-client-cert=true' 'Sec-WebSocket-Protocol: amqp, MQTT'
  grep -qi '^sec-websocket-protocol: MQTT' "$folder/answer"
}
check 'hub: accepts what RFC 6455 has, with a query or without' accepts
check 'hub: another path is none' handshake 404 /websocket
check 'hub: another protocol is none' handshake 404 '/$iothub/websocket' 'Sec-WebSocket-Protocol: amqp'
check 'hub: another version is none' handshake 4 '/$iothub/websocket' 'Sec-WebSocket-Version: 8'
check 'hub: another host is none' handshake 421 '/$iothub/websocket' 'Host: other.example'
check 'hub: a page of another origin is none' handshake 403 '/$iothub/websocket' 'Origin: https://other.example'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
