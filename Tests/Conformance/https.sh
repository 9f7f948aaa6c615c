#!/usr/bin/env bash
# HTTPS: the hub emulator's device API with curl as its other client, and our own `mote`. Ends with `N passed, N failed`.
# MOTE=PROGRAM and MOTE_HUB=PROGRAM test other builds.
set -euo pipefail
. "$(dirname "$0")/mote.bash"
. Tests/Conformance/hub.bash
. Tests/Conformance/nginx.bash

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

# ---- mote -----------------------------------------------------------------------------------------------------------------

at=(--https --endpoint "localhost:$https_port" --ca-file "$ca")
telemetry() {
  mote send "${at[@]}" --payload 'from mote' --property site=roof --property 'other name=' --content-type text/plain \
    --property '$.mid=m2' --property '$.cid=c2' --property '$.ce=utf-8' --property '$.sub=sensor' --property '$.ctime=2026-11-23T12:00:00Z'
  ends 65 'cannot stand'
  mote send "${at[@]}" --payload 'from mote' --property site=roof --property empty= --content-type text/plain \
    --property '$.mid=m2' --property '$.cid=c2' --property '$.ce=utf-8' --property '$.sub=sensor' --property '$.ctime=2026-11-23T12:00:00Z'
  ends 0
  happened '"body":"from mote"' '"site":"roof"' '"empty":""' '"contentType":"text/plain"' '"messageId":"m2"' '"correlationId":"c2"' \
    '"contentEncoding":"utf-8"' '"component":"sensor"' '"creationTime":"2026-11-23T12:00:00Z"'
}
lines() {
  seq 300 >"$folder/lines"
  mote send "${at[@]}" --property run=one --file "$folder/lines" --verbose
  ends 0
  happened '"run":"one"' '"body":"300"'
  # Each once, and in order: over one connection nothing is sent twice.
  [ "$(grep '"run":"one"' "$folder/events" | grep -o '"body":"[0-9]*"' | tr -dc '0-9\n')" = "$(seq 300)" ]
  [ "$(grep -c 'starting TLS' "$folder/err")" -eq 1 ]
}
# A message of all the bytes that there may be, but for its property.
whole() {
  head -c 262140 /dev/zero | tr '\0' w >"$folder/whole"
  mote send "${at[@]}" --file "$folder/whole" --property a=b
  ends 0
  happened '"a":"b"' "$(head -c 1000 "$folder/whole")"
  [ "$(grep -F '"a":"b"' "$folder/events" | grep -o 'w*' | tail -1 | tr -d '\n' | wc -c)" -eq 262140 ]
}
batched() {
  mote send "${at[@]}" --property '$.batch=' --payload '[{"body":"b25l","properties":{"iothub-app-k":"1"}},{"body":"dHdv"}]'
  ends 0
  happened '"body":"one"' '"k":"1"'
  happened '"body":"two"'
  mote send "${at[@]}" --property '$.batch=' --payload '[{"body":"!"}]'
  ends 65 'does not take this'
}
# Lines in as few requests as they fit into: 300, of which 100 go together, and then three that are too long for two to.
together() {
  mote send "${at[@]}" --property run=together --property 'say="a\b"' --file "$folder/lines" --batch 100 --verbose
  ends 0
  [ "$(grep -c '100 messages in one request' "$folder/err")" -eq 3 ]
  happened '"run":"together"' '"say":"\"a\\b\""' '"body":"300"'
  [ "$(grep '"run":"together"' "$folder/events" | grep -o '"body":"[0-9]*"' | tr -dc '0-9\n')" = "$(seq 300)" ]
  for letter in x y z; do head -c 150000 /dev/zero | tr '\0' $letter; echo; done >"$folder/long"
  mote send "${at[@]}" --property run=long --file "$folder/long" --batch 10 --verbose
  ends 0
  [ "$(grep -c '1 message in one request' "$folder/err")" -eq 3 ]
  happened '"run":"long"' '"body":"zzz'
  [ "$(grep -c '"run":"long"' "$folder/events")" -eq 3 ]
  # What comes slowly does not wait for more.
  { echo early && happened '"run":"slow"' '"body":"early"' && seq 3; } | {
    mote send "${at[@]}" --property run=slow - --batch 100 --verbose
    ends 0 '1 message in one request' '3 messages in one request'
  }
  happened '"run":"slow"' '"body":"3"'
}
not_together() {
  mote send "${at[@]}" --property 'a b=c' --file "$folder/lines" --batch 100
  ends 65 'cannot stand'
  mote send --file "$folder/lines" --batch 100
  ends 64 '--https'
  mote send "${at[@]}" --payload x --batch 2
  ends 64 '--file or -'
  mote send "${at[@]}" - --batch 0 </dev/null
  ends 64 'from 1 to'
  # A line that no hub takes is told, after those before it were sent.
  { echo before && head -c 262145 /dev/zero | tr '\0' x; } >"$folder/long"
  mote send "${at[@]}" --property run=bad --file "$folder/long" --batch 10
  ends 65 'Line 2'
  happened '"run":"bad"' '"body":"before"'
}
hears() {
  local n
  for n in 1 2 3; do hub send "$device" "message $n" --property "n=$n é" --message-id "h$n" --content-type text/plain; done
  mote listen "${at[@]}" --count 3 --json
  ends 0
  [ "$(grep -c '"payload":"message [123]"' "$folder/out")" -eq 3 ]
  happened '"stage":"completed"' '"messageId":"h3"'
  nothing
}
# The longest message that a hub has, in pieces.
hears_much() {
  head -c 65000 /dev/zero | tr '\0' m >"$folder/much"
  hub send "$device" - <"$folder/much"
  mote listen "${at[@]}" --count 1 --json
  ends 0
  [ "$(grep -o 'm*' "$folder/out" | awk '{ if (length > most) most = length } END { print most }')" -eq 65000 ]
}
polls() {
  MOTE_CONNECTION_STRING=$own "$MOTE" listen "${at[@]}" --count 1 --json --poll 1 --verbose >"$folder/heard" 2>"$folder/told" &
  local listener=$!
  await 20 grep -q listening "$folder/told"
  grep -q 'WARNING: --poll' "$folder/told"
  hub send "$device" 'polled for'
  wait "$listener"
  grep -q '"payload":"polled for"' "$folder/heard"
}
vouched() {
  mote_as 'HostName=localhost;DeviceId=vouched;x509=true' send "${at[@]}" --certificate "$folder/vouched.pem" \
    --key "$folder/vouched.key" --payload 'certified mote'
  ends 0
  happened '"device":"vouched"' '"body":"certified mote"'
}
identified() {
  mote_as "HostName=localhost;DeviceId=a+b#c%d;SharedAccessKey=$key" send "${at[@]}" --payload 'odd name'
  ends 0
  happened '"device":"a+b#c%d"' '"body":"odd name"'
}
turned_away() {
  mote_as "HostName=localhost;DeviceId=nobody;SharedAccessKey=$key" send "${at[@]}" --payload x
  ends 77 404001 'no device'
  mote_as "HostName=localhost;DeviceId=$device;SharedAccessKey=$key" send "${at[@]}" --payload x
  ends 77 401003 'not authorised'
  hub device disable "$device"
  mote send "${at[@]}" --payload x
  ends 77 403012
  hub device enable "$device"
}
patient() {
  hub fault throttle --device "$device" --count 1
  mote send "${at[@]}" --payload patient
  ends 0 'too busy' 'Trying again in'
  happened '"body":"patient"'
}
without() {
  mote twin get "${at[@]}"
  ends 64 'over HTTPS'
  mote listen --endpoint "localhost:$https_port" --poll 5
  ends 64
}
check 'mote sends a message with its properties' telemetry
check 'mote sends 300 messages over one connection, in order' lines
check 'mote sends a message of 256 KiB' whole
check 'mote sends a batch, and hears when it is refused' batched
check 'mote sends lines together' together
check 'and tells what cannot go together' not_together
check 'mote gets messages and completes them' hears
check 'mote gets a message of 64 KB' hears_much
check 'mote polls, and warns of polling often' polls
check 'mote shows a certificate' vouched
check 'mote encodes an identifier' identified
check 'mote tells why it is turned away' turned_away
check 'mote waits as long as a hub that is too busy wants' patient
check 'there is no twin over HTTPS' without

# ---- nginx in front ---------------------------------------------------------------------------------------------------------

authority trusted
certificate trusted server
behind=(--https --ca-file "$folder/trusted.pem")
pass="location / { proxy_pass https://127.0.0.1:$https_port; proxy_set_header Host localhost; proxy_http_version 1.1; }"

front kept "$pass"
kept=$front
front idle "$pass" 'keepalive_timeout 1;'
idle=$front
front closing "$pass" 'keepalive_timeout 0;'
closing=$front
front pages 'location / { return 503; }'
pages=$front
front missing 'location / { return 404; }'
missing=$front
front moved 'location / { return 301 https://elsewhere.example/; }'
moved=$front
front chunked "$pass" 'ssi on; ssi_types *; ssi_last_modified on;'
chunked=$front

fronted() {
  mote send "${behind[@]}" --endpoint "localhost:$kept" --file "$folder/lines" --property run=front
  ends 0
  happened '"run":"front"' '"body":"300"'
  hub send "$device" 'through nginx'
  mote listen "${behind[@]}" --endpoint "localhost:$kept" --count 1 --json
  ends 0
  grep -q '"payload":"through nginx"' "$folder/out"
}
# nginx closes a connection that nothing is asked over, which costs nothing but another one.
idle() {
  mote send "${behind[@]}" --endpoint "localhost:$idle" --payload idle --interval 2.5 --count 3 --verbose
  ends 0 'to come back with a new token'
  [ "$(grep -c 'starting TLS' "$folder/err")" -eq 3 ]
  [ "$(grep -c '"body":"idle"' "$folder/events")" -eq 3 ]
}
closings() { [ "$(grep -c '"body":"closing"' "$folder/events")" -ge "$1" ]; }
# It closes after each answer, and says so.
closes() {
  for n in 1 2; do hub send "$device" "closing $n" --message-id "x$n"; done
  mote send "${behind[@]}" --endpoint "localhost:$closing" --payload closing --count 3 --interval 0.01
  ends 0
  await 20 closings 3
  mote listen "${behind[@]}" --endpoint "localhost:$closing" --count 2 --json
  ends 0
  [ "$(grep -c '"payload":"closing [12]"' "$folder/out")" -ge 2 ]
}
# Its own pages are no answers of a hub: HTML, in chunks for what it compresses, and another status.
pages() {
  MOTE_CONNECTION_STRING=$own "$MOTE" send "${behind[@]}" --endpoint "localhost:$pages" --payload x --outbox "$folder/outbox" --verbose \
    >"$folder/out" 2>"$folder/err" &
  local sender=$!
  await 20 grep -q 503000 "$folder/err"
  kill "$sender"
  wait "$sender" || true
  mote send "${behind[@]}" --endpoint "localhost:$missing" --payload x
  ends 77 404000
  MOTE_CONNECTION_STRING=$own timeout 5 "$MOTE" send "${behind[@]}" --endpoint "localhost:$moved" --payload x >"$folder/out" 2>"$folder/err" || true
  grep -q 301000 "$folder/err"
}
# What it may put something into has no length beforehand and comes in chunks, and its ETag is weak.
chunks() {
  hub send "$device" 'in a chunk' --property color=red
  request -H "Authorization: $(token)" "https://localhost:$chunked/devices/$device/messages/deviceBound?$version" --cacert "$folder/trusted.pem"
  [ "$(header Transfer-Encoding)" = chunked ] && [ -z "$(header Content-Length)" ]
  lock=$(header ETag)
  [[ $lock = 'W/"'*'"' ]]
  lock=${lock#W/\"}
  lock=${lock%\"}
  settle /abandon '' -X POST -d ''
  hub send "$device" - <"$folder/much"
  hub send "$device" ''
  mote listen "${behind[@]}" --endpoint "localhost:$chunked" --count 3 --json
  ends 0
  grep -F '"payload":"in a chunk"' "$folder/out" | grep -qF '"color":"red"'
  [ "$(grep -o 'm*' "$folder/out" | awk '{ if (length > most) most = length } END { print most }')" -eq 65000 ]
  grep -qF '"payload":""' "$folder/out"
  nothing
}
check 'mote sends and listens through nginx' fronted
check 'mote gets messages that nginx sends in chunks, and completes them' chunks
check 'a connection that nginx closes while it is idle is made anew when it is needed' idle
check 'nginx closes after each answer' closes
check "nginx's own pages are refusals" pages

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
