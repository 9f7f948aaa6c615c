#!/usr/bin/env bash
# The hub emulator's MQTT side against clients of three kinds: openssl and its certificates, mosquitto's, and our own `mote`. Ends
# with `N passed, N failed`. MOTE=PROGRAM and MOTE_HUB=PROGRAM test other builds.
set -euo pipefail
. "$(dirname "$0")/mote.bash"
. Tests/Conformance/hub.bash

serve hub
own=$(value_of deviceConnectionString <"$folder/hub.json")
device=$(sed 's/.*DeviceId=\([^;]*\).*/\1/' <<<"$own")
at=(--endpoint "localhost:$mqtt_port" --ca-file "$ca")

watch_events

# ---- Certificates -----------------------------------------------------------------------------------------------------

# tls TEXT OPTION…: whether openssl says so of a connection.
tls() {
  local text=$1
  openssl s_client -connect "127.0.0.1:$mqtt_port" -CAfile "$ca" -verify_return_error "${@:2}" </dev/null >"$folder/out" 2>&1 || true
  grep -qi "$text" "$folder/out"
}
good='Verify return code: 0 (ok)'
one_certificate() {
  tls "$good" -servername localhost -verify_hostname localhost -showcerts
  [ "$(grep -c 'BEGIN CERTIFICATE' "$folder/out")" -eq 1 ]
}
by_address() { tls "$good" -verify_ip 127.0.0.1; }
other_name() { tls 'hostname mismatch' -verify_hostname example.com; }
old_tls() { tls 'alert protocol version' -tls1_1 -cipher 'ALL:@SECLEVEL=0'; }
tls12() { tls 'Protocol *: TLSv1.2' -tls1_2; }
check 'the server shows one certificate, which its CA vouches for' one_certificate
check 'it is good for the address too' by_address
check 'it is not good for another name' other_name
check 'TLS 1.1 is refused' old_tls
check 'TLS 1.2 is spoken' tls12

# issued NAME: what openssl says of a server certificate for that name that somebody has made with the CA's key.
issued() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -x509 -days 1 -CA "$ca" \
    -CAkey "$hub_folder/ca-key.pem" -addext "subjectAltName=$1" -addext basicConstraints=critical,CA:FALSE \
    -keyout "$folder/issued.key" -out "$folder/issued.pem" 2>"$folder/openssl.log"
  openssl verify -CAfile "$ca" "$folder/issued.pem" 2>&1 || true
}
constrained() {
  issued DNS:localhost | grep -q ': OK$'
  issued IP:127.0.0.1 | grep -q ': OK$'
  issued DNS:www.example.com | grep -q 'permitted subtree violation'
  issued IP:10.0.0.1 | grep -q 'permitted subtree violation'
}
secret() { [ "$(stat -c %a "$1")" = 600 ]; }
secrets() { secret "$hub_folder/ca-key.pem" && secret "$hub_folder/device-ca-key.pem" && secret "$hub_folder/service-connection-string"; }
check 'the CA vouches for no name but those that it serves' constrained
check 'keys and connection strings are for their owner alone' secrets

# ---- mosquitto's clients ------------------------------------------------------------------------------------------------

token() { MOTE_CONNECTION_STRING=$own "$MOTE" sas --ttl 3600; }
as_device=(-h localhost -p "$mqtt_port" --cafile "$ca" -i "$device" -u "localhost/$device/?api-version=2021-04-12" -P "$(token)"
  -V mqttv311)
published() {
  mosquitto_pub "${as_device[@]}" -q 1 -t "devices/$device/messages/events/site=roof&%24.ct=text%2Fplain" -m 'from mosquitto'
  happened '"kind":"telemetry"' '"body":"from mosquitto"' '"site":"roof"' '"contentType":"text/plain"'
}
received() {
  hub send "$device" 'to mosquitto' --property color=red
  timeout 20 mosquitto_sub "${as_device[@]}" -c -q 1 -C 1 -F '%t %p' -t "devices/$device/messages/devicebound/#" >"$folder/out"
  grep -q "^devices/$device/messages/devicebound/.*&color=red to mosquitto$" "$folder/out"
  happened '"kind":"cloudMessage"' '"stage":"completed"'
}
will() {
  mosquitto_sub "${as_device[@]}" -t '$iothub/twin/res/#' --will-topic "devices/$device/messages/events/" --will-qos 1 \
    --will-payload 'power lost' &
  local client=$!
  happened '"kind":"connected"'
  await 20 connected
  kill -9 "$client"
  happened '"body":"power lost"' '"iothub-MessageType":"Will"'
}
connected() { hub device show "$device" --json | grep -q '"connectionState": *"Connected"'; }
# refused COMMAND…: whether a client ends with an error.
refused() { if "$@" >"$folder/out" 2>"$folder/err"; then echo 'it has succeeded'; return 1; fi; }
wrong_topic() {
  refused timeout 20 mosquitto_pub "${as_device[@]}" -q 1 -t "devices/other/messages/events/" -m x
  happened '"kind":"disconnected"' 'a topic that is not documented: devices/other/messages/events/'
}
twice() {
  refused timeout 20 mosquitto_pub "${as_device[@]}" -q 2 -t "devices/$device/messages/events/" -m x
  happened '"kind":"disconnected"' 'QoS 2'
}
stranger() {
  # Well-formed: 32 bytes of zero.
  refused timeout 20 mosquitto_pub "${as_device[@]}" -P "$(token | sed "s/sig=[^&]*/sig=$(printf 'A%.0s' {1..43})%3D/")" -t x -m x
  grep -q 'not authorised' "$folder/err"
}
version5() { refused timeout 20 mosquitto_pub "${as_device[@]}" -V mqttv5 -t x -m x; }
check 'mosquitto_pub sends telemetry' published
check 'mosquitto_sub takes a message that waits for it' received
check "a will comes as telemetry when its client is killed" will
check 'a topic of another device ends the connection' wrong_topic
check 'QoS 2 ends the connection' twice
check 'a token with another signature is refused' stranger
check 'MQTT 5 is refused' version5

# ---- mote ----------------------------------------------------------------------------------------------------------------

lines() {
  seq 500 >"$folder/lines"
  mote send "${at[@]}" --property run=one --file "$folder/lines"
  ends 0
  happened '"run":"one"' '"body":"500"'
  [ "$(grep '"run":"one"' "$folder/events" | grep -o '"body":"[0-9]*"' | tr -dc '0-9\n' | sort -un | wc -l)" -eq 500 ]
}
listens() {
  for n in 1 2 3; do hub send "$device" "message $n" --property "n=$n"; done
  mote listen "${at[@]}" --count 3 --json
  ends 0
  [ "$(grep -c '"payload":"message [123]"' "$folder/out")" -eq 3 ]
}
doctor() { mote doctor "${at[@]}" --watch 0.2; ends 0; grep -q '^ok *verdict' "$folder/out"; }
certified() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=vouched -x509 -days 1 -CA "$hub_folder/device-ca.pem" \
    -CAkey "$hub_folder/device-ca-key.pem" -keyout "$folder/vouched.key" -out "$folder/vouched.pem" 2>"$folder/openssl.log"
  hub device create vouched --x509-ca
  mote_as 'HostName=localhost;DeviceId=vouched;x509=true' send "${at[@]}" --certificate "$folder/vouched.pem" \
    --key "$folder/vouched.key" --payload certified
  ends 0
  happened '"device":"vouched"' '"body":"certified"'
}
disabled() {
  hub device disable "$device"
  mote send "${at[@]}" --payload x
  ends 77
  hub device enable "$device"
  mote send "${at[@]}" --payload x
  ends 0
}
# Through a lost PUBACK, a connection cut in mid-packet and a refusal, mote has its message acknowledged.
through() {
  hub fault lose-pubacks --device "$device" --count 1
  hub fault close-mid-packet --device "$device" --count 1
  hub fault refuse --code 3 --device "$device" --count 1
  mote send "${at[@]}" --payload 'in the end' --outbox "$folder/outbox"
  ends 0
  happened '"body":"in the end"'
}
moves() {
  local old=$mqtt_port new
  new=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.2", 0)); print(s.getsockname()[1])')
  hub fault fail-over --to-host 127.0.0.2 --to-port "$new"
  moved() { mote send --endpoint "127.0.0.2:$new" --ca-file "$ca" --insecure --payload moved && [ "$code" -eq 0 ]; }
  await 20 moved
  happened '"body":"moved"'
  mote send --endpoint "localhost:$old" --ca-file "$ca" --payload x
  ends 69
  hub fault fail-over --to-port "$old"
  await 20 back
}
back() { mote send "${at[@]}" --payload back && [ "$code" -eq 0 ]; }
check 'mote sends 500 lines' lines
check 'mote listens' listens
check 'mote doctor finds nothing wrong' doctor
check 'mote connects with a certificate' certified
check 'mote is told that its device is disabled' disabled
check 'mote gets through faults' through
check 'the hub fails over to another address, and back' moves

# ---- Another start ------------------------------------------------------------------------------------------------------

authority_before=$(cat "$ca")
{ kill -9 "$hub" && wait "$hub"; } 2>/dev/null || true
serve hub
at=(--endpoint "localhost:$mqtt_port" --ca-file "$ca")
again() {
  [ "$(cat "$ca")" = "$authority_before" ]
  mote send "${at[@]}" --payload again
  ends 0
}
check 'after a kill the devices and the CA are the same' again

kill "$hub"
wait "$hub" || fail "mote-hub ended with $?"
serve hub --host-name hub.example --record-size 512
renamed() {
  [ "$(cat "$ca")" != "$authority_before" ]
  tls "$good" -servername hub.example -verify_hostname hub.example
}
check 'another host name has another CA' renamed

# What a client receives: the largest records of its handshake and of data.
records() {
  own=${own/HostName=localhost/HostName=hub.example}
  # The other name is nowhere on this machine.
  MOTE_HUB_CONNECTION_STRING=$(sed 's/hub.example/localhost/' "$hub_folder/service-connection-string") \
    hub send "$device" "$(head -c 20000 /dev/zero | tr "\0" @)"
  python3 Tests/Conformance/hub_records.py localhost "$mqtt_port" "$ca" hub.example "$device" "$(token)" >"$folder/sizes"
  cat "$folder/sizes"
  [ "$(sed -n 's/^data //p' "$folder/sizes")" -eq 512 ]
  [ "$(sed -n 's/^payload //p' "$folder/sizes")" -eq 20000 ]
  [ "$(sed -n 's/^handshake //p' "$folder/sizes")" -le 1024 ]
}
check 'records are as small as --record-size says' records

leaks() { ! grep -F -e "$(sed 's/.*SharedAccessKey=//' <<<"$own")" -e 'SharedAccessSignature' "$folder"/*.log; }
check 'no secret is in the log' leaks

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
