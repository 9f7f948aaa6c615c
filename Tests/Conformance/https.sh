#!/usr/bin/env bash
# HTTPS: the hub emulator's device API with curl as its other client, and our own `mote`. Ends with `N passed, N failed`.
# MOTE=PROGRAM and MOTE_HUB=PROGRAM test other builds.
set -euo pipefail
. "$(dirname "$0")/mote.bash"
. Tests/Conformance/hub.bash

serve hub
own=$(value_of deviceConnectionString <"$folder/hub.json")
device=$(sed 's/.*DeviceId=\([^;]*\).*/\1/' <<<"$own")
watch_events

# ---- curl -----------------------------------------------------------------------------------------------------------------

token() { MOTE_CONNECTION_STRING=$own "$MOTE" sas --ttl 3600; }
base=https://localhost:$https_port/devices/$device/messages
version='api-version=2021-04-12'
# request URL OPTION…: the status that curl was given; what else it was given is in $folder/head and $folder/out.
request() { curl --silent --show-error --cacert "$ca" -D "$folder/head" -o "$folder/out" -w '%{http_code}' "$@"; }
# gives STATUS URL OPTION…: as the device, with its token.
gives() {
  local status
  status=$(request -H "Authorization: $(token)" "${@:2}")
  [ "$status" = "$1" ] || { echo "gave $status, not $1: $(cat "$folder/out")"; return 1; }
}
# refuses STATUS CODE COMMAND…: with this error, in both forms that the service has.
refuses() {
  "${@:3}"
  [ "$(value_of errorCode <"$folder/out")" = "$2" ]
  [ -n "$(value_of trackingId <"$folder/out")" ] && value_of Message <"$folder/out" | grep -q '^ErrorCode:'
  value_of ExceptionMessage <"$folder/out" | grep -q '^Tracking ID:'
}
# header NAME: its value in the last response.
header() { tr -d '\r' <"$folder/head" | sed -n "s/^$1: //Ip"; }

sends() {
  gives 204 "$base/events?$version" -H 'iothub-app-site: roof' -H 'iothub-messageid: m1' -H 'iothub-correlationid: c1' \
    -H 'iothub-contenttype: text/plain' -H 'iothub-contentencoding: utf-8' -H 'dt-subject: sensor' --data-binary 'from curl'
  [ ! -s "$folder/out" ]
  happened '"kind":"telemetry"' '"body":"from curl"' '"site":"roof"' '"messageId":"m1"' '"correlationId":"c1"' \
    '"contentType":"text/plain"' '"contentEncoding":"utf-8"' '"component":"sensor"'
}
batch() { gives "$1" "$base/events?$version" -H 'Content-Type: application/vnd.microsoft.iothub.json' --data-binary "$2"; }
batches() {
  batch 204 '[{"body":"Zmlyc3Q=","properties":{"iothub-app-n":"1","iothub-messageid":"b1"}},
    {"body":"second","base64Encoded":false,"properties":{"iothub-app-n":"2"}},{"body":"","base64Encoded":true}]'
  happened '"body":"first"' '"n":"1"' '"messageId":"b1"'
  happened '"body":"second"' '"n":"2"'
}
# A batch of which one is wrong is refused whole.
wrong_batch() {
  refuses 400 400004 batch 400 '[{"body":"bmV2ZXI="},{"body":"not base64"}]'
  refuses 400 400004 batch 400 '[{"body":"bmV2ZXI="},{"body":"bmV2ZXI=","properties":{"a":1}}]'
  refuses 400 400004 batch 400 '[]'
  refuses 400 400006 batch 400 '[{'
  ! grep -q '"body":"never"' "$folder/events"
}
large() {
  head -c 262144 /dev/zero | tr '\0' x >"$folder/large"
  gives 204 "$base/events?$version" --data-binary "@$folder/large"
  echo >>"$folder/large"
  refuses 413 413001 gives 413 "$base/events?$version" --data-binary "@$folder/large"
}
nothing() { gives 204 "$base/deviceBound?$version" && [ ! -s "$folder/out" ]; }
# take TEXT: polls, and gets this. $lock is its token.
take() {
  gives 200 "$base/deviceBound?$version"
  [ "$(cat "$folder/out")" = "$1" ]
  lock=$(header ETag | tr -d '"')
  [ -n "$lock" ]
}
settle() { gives 204 "$base/deviceBound/$lock${1:-}?$version${2:-}" "${@:3}"; }
completes() {
  hub send "$device" 'to curl' --property color=red --message-id c2d --correlation-id corr --content-type text/plain \
    --content-encoding utf-8 --ack full
  hub send "$device" 'next'
  take 'to curl'
  [ "$(header iothub-app-color) $(header iothub-messageid) $(header iothub-correlationid)" = 'red c2d corr' ]
  [ "$(header ContentType) $(header ContentEncoding) $(header iothub-ack)" = 'text/plain utf-8 full' ]
  [ "$(header iothub-deliverycount)" = 0 ] && [ -n "$(header iothub-sequencenumber)" ] && [ -n "$(header iothub-expiry)" ]
  local first=$lock
  take 'next'
  nothing
  settle '' '' -X DELETE -H "If-Match: \"$lock\""
  lock=$first settle '' '' -X DELETE
  happened '"kind":"cloudMessage"' '"stage":"completed"' '"messageId":"c2d"'
  nothing
}
rejects() {
  hub send "$device" 'not wanted' --message-id bad
  take 'not wanted'
  settle '' '&reject' -X DELETE
  happened '"stage":"rejected"' '"messageId":"bad"'
  nothing
}
abandons() {
  hub send "$device" 'later' --message-id later
  local n
  for n in 0 1 2 3 4 5 6 7 8 9; do
    take 'later'
    [ "$(header iothub-deliverycount)" = "$n" ]
    settle /abandon '' -X POST -d ''
  done
  happened '"stage":"abandoned"' '"messageId":"later"'
  happened '"stage":"deadLettered"' '"messageId":"later"'
  nothing
}
lost() {
  refuses 412 412002 gives 412 "$base/deviceBound/no-lock?$version" -X DELETE
  hub send "$device" 'locked'
  take 'locked'
  refuses 412 412001 gives 412 "$base/deviceBound/$lock?$version" -X DELETE -H 'If-Match: "other"'
  settle '' '' -X DELETE
  refuses 412 412002 gives 412 "$base/deviceBound/$lock?$version" -X DELETE
}
# What a poll has taken is no other connection's, and what it lets go of is.
shared() {
  hub send "$device" 'shared'
  take 'shared'
  MOTE_CONNECTION_STRING=$own "$MOTE" listen --endpoint "localhost:$mqtt_port" --ca-file "$ca" --count 1 --json >"$folder/heard" &
  local listener=$!
  happened '"kind":"connected"' '"protocol":"mqtt"'
  settle /abandon '' -X POST -d ''
  wait "$listener"
  grep -q '"payload":"shared"' "$folder/heard"
}
# as TOKEN STATUS PATH: a request with another token.
as() { [ "$(request -H "Authorization: $1" "https://localhost:$https_port$3" --data x)" = "$2" ]; }
strangers() {
  local good
  good=$(token)
  refuses 401 401003 as "${good/sig=??/sig=xx}" 401 "/devices/$device/messages/events?$version"
  refuses 401 401003 as 'Bearer x' 401 "/devices/$device/messages/events?$version"
  refuses 401 401003 as "${good/se=17/se=16}" 401 "/devices/$device/messages/events?$version"
  refuses 404 404001 as "$good" 404 "/devices/nobody/messages/events?$version"
  refuses 400 400004 as "$good" 400 "/devices/$device/messages/events"
  hub device create other
  refuses 401 401003 as "$good" 401 "/devices/other/messages/events?$version"
  [ "$(request "$base/events?$version" --data x)" = 401 ]
}
disabled() {
  hub device disable "$device"
  refuses 403 403012 gives 403 "$base/events?$version" --data x
  hub device enable "$device"
  gives 204 "$base/events?$version" --data x
}
throttled() {
  hub fault throttle --device "$device" --count 1
  refuses 429 429001 gives 429 "$base/events?$version" --data x
  [ "$(header Retry-After)" = 1 ]
  gives 204 "$base/events?$version" --data x
}
certified() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=vouched -x509 -days 1 -CA "$hub_folder/device-ca.pem" \
    -CAkey "$hub_folder/device-ca-key.pem" -keyout "$folder/vouched.key" -out "$folder/vouched.pem" 2>"$folder/openssl.log"
  hub device create vouched --x509-ca
  local url="https://localhost:$https_port/devices/vouched/messages/events?$version"
  [ "$(request --cert "$folder/vouched.pem" --key "$folder/vouched.key" "$url" --data certified)" = 204 ]
  happened '"device":"vouched"' '"body":"certified"'
  [ "$(request "$url" --data x)" = 401 ]
}
# An identifier is percent-encoded in the path, whatever it has in it.
encoded() {
  hub device create 'a+b#c%d' --primary-key "$key"
  local good
  good=$(MOTE_CONNECTION_STRING="HostName=localhost;DeviceId=a+b#c%d;SharedAccessKey=$key" "$MOTE" sas --ttl 3600)
  as "$good" 204 "/devices/a%2Bb%23c%25d/messages/events?$version"
  happened '"device":"a+b#c%d"' '"body":"x"'
}
kept() {
  # One connection for both requests.
  [ "$(curl --silent --show-error --cacert "$ca" -H "Authorization: $(token)" -o /dev/null -w '%{num_connects}' "$base/deviceBound?$version" \
    --next --silent --cacert "$ca" -H "Authorization: $(token)" -o /dev/null -w '%{num_connects}' "$base/deviceBound?$version")" = 10 ]
}
# The page's port, which has no TLS, takes no device.
secure_only() { [ "$(request -H "Authorization: $(token)" "http://localhost:$web_port/devices/$device/messages/events?$version" --data x)" = 404 ]; }
check 'curl sends a message with its properties' sends
check 'curl sends a batch' batches
check 'a batch of which one message is wrong is refused whole' wrong_batch
check 'a message has 256 KiB at most' large
check 'a poll without a message gets nothing' nothing
check 'messages come one by one, and are completed' completes
check 'one is rejected' rejects
check 'one is abandoned, and given up after ten times' abandons
check 'a token that locks nothing settles nothing' lost
check 'what a poll has taken comes to another connection when it is let go of' shared
check 'who shows nothing, or something else, is refused' strangers
check 'a disabled device is refused' disabled
check 'a device that is throttled is told when to come back' throttled
check 'a device with a certificate needs no token' certified
check 'an identifier is encoded in the path' encoded
check 'a connection is kept' kept
check 'without TLS there is no device API' secure_only

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
