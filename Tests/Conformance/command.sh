#!/usr/bin/env bash
# The command line `mote` against mosquitto over TLS: what every subcommand does, how it fails and what it then says, and
# that no secret shows. Ends with `N passed, N failed`. MOTE=PROGRAM tests another build.
set -euo pipefail
. "$(dirname "$0")/mote.bash"

silent() { [ ! -s "$folder/err" ] && [ ! -s "$folder/out" ]; }

# What the hub has got, a line each: topic and payload.
telemetry() { cat "$folder/telemetry"; }
forget_telemetry() { : >"$folder/telemetry"; }
telemetry_is() { diff <(cat) "$folder/telemetry"; }
count_is() { [ "$(wc -l <"$folder/telemetry")" -eq "$1" ]; }

# ---- A hub that lets everybody in -------------------------------------------------------------------------------------

authority ca
authority stranger
certificate ca server
certificate ca expired "$(date -u -d yesterday +%Y%m%d%H%M%SZ)"
certificate ca device
certificate stranger device2
mapfile -t lines < <(over_tls ca server)
broker hub "${lines[@]}"
hub_port=$port
at=(--endpoint "localhost:$port" --ca-file "$folder/ca.pem")
client=(-h localhost -p "$port" --cafile "$folder/ca.pem" -q 1)
mosquitto_sub "${client[@]}" -t 'devices/+/messages/events/#' -t 'devices/+/modules/+/messages/events/#' -F '%t %p' \
  >>"$folder/telemetry" 2>&1 &
subscriber=$!
children+=("$subscriber")
await 10 grep -q 'Received SUBSCRIBE' "$folder/hub.log" || fail 'mosquitto_sub cannot subscribe'
events=devices/$device/messages/events

# publish BAG [OPTION…]: a cloud-to-device message, from standard input when no option gives another.
publish() { mosquitto_pub "${client[@]}" -t "devices/$device/messages/devicebound/$1" "${@:2}"; }

# ---- Versions and help --------------------------------------------------------------------------------------------------

version() { mote --version; ends 0; grep -qE '^[0-9]+\.[0-9]+\.[0-9]+$' "$folder/out"; }
help_has_codes() { mote --help; ends 0; for n in 64 65 66 69 74 75 76 77 130; do grep -qE "^ +$n +" "$folder/out"; done; }
help_of_each() { for c in send listen sas doctor; do mote $c --help; ends 0; grep -q -- --connection-string "$folder/out"; done; }
check '--version' version
check '--help lists the exit codes' help_has_codes
check 'every subcommand has --help' help_of_each

# ---- sas ------------------------------------------------------------------------------------------------------------------

# The signature is what openssl makes of the same.
sas() {
  local device=$1 resource=$2 expiry now expected
  now=$(date +%s)
  mote_as "HostName=hub.example;DeviceId=$device;SharedAccessKey=$key" sas --ttl 600
  ends 0
  expiry=$(sed -n 's/.*&se=//p' "$folder/out")
  [ $((expiry - now)) -ge 600 ] && [ $((expiry - now)) -le 605 ]
  expected=$(printf '%s\n%s' "$resource" "$expiry" |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$(base64 -d <<<"$key" | od -An -tx1 | tr -d ' \n')" -binary | base64 |
    sed 's/+/%2B/g; s,/,%2F,g; s/=/%3D/g')
  [ "$(cat "$folder/out")" = "SharedAccessSignature sr=$resource&sig=$expected&se=$expiry" ]
}
sas_default() {
  mote sas
  ends 0
  local left=$(($(sed -n 's/.*&se=//p' "$folder/out") - $(date +%s)))
  [ $left -gt 3590 ] && [ $left -le 3600 ]
}
sas_of_certificate() { mote_as 'HostName=h;DeviceId=d;x509=true' sas; ends 65 'no tokens'; [ ! -s "$folder/out" ]; }
sas_bad_ttl() { mote sas --ttl 0; ends 64 ttl; }
check 'sas: the token is right' sas "$device" "hub.example%2Fdevices%2F$device"
check 'sas: identifiers are encoded' sas 'a:b@c' 'hub.example%2Fdevices%2Fa%3Ab%40c'
check 'sas: an hour by default' sas_default
check 'sas: refused for a device with a certificate' sas_of_certificate
check 'sas: --ttl 0 is refused' sas_bad_ttl

# ---- send -------------------------------------------------------------------------------------------------------------------

reading() {
  forget_telemetry
  mote send "${at[@]}"
  ends 0
  silent
  await 5 count_is 1
  telemetry | sed 's/^[^ ]* //' | python3 -c 'import json,sys; r = json.load(sys.stdin)
assert r["load1"] >= 0 and r["uptimeSeconds"] > 0 and 0 < r["memoryAvailableKiB"] <= r["memoryTotalKiB"], r
assert r["time"].endswith("Z"), r'
  [ "$(telemetry | cut -d' ' -f1)" = "$events/%24.ct=application%2Fjson&%24.ce=utf-8" ]
}
properties() {
  forget_telemetry
  mote send "${at[@]}" --payload 'hällo wörld' --property '$.mid=a b' --property 'x=1=2&' --property flag \
    --property empty= --content-type text/plain
  ends 0
  await 5 count_is 1
  telemetry_is <<<"$events/%24.mid=a%20b&x=1%3D2%26&flag&empty=&%24.ct=text%2Fplain hällo wörld"
}
interval() {
  forget_telemetry
  local start=$EPOCHREALTIME end
  mote send "${at[@]}" --payload again --count 3 --interval 0.3
  end=$EPOCHREALTIME
  ends 0
  await 5 count_is 3
  local took=$((${end/./} - ${start/./}))
  [ $took -ge 600000 ] && [ $took -lt 3000000 ]
}
lines_of_file() {
  forget_telemetry
  printf 'one\n\ntwo words\r\n\xff\xfe\nlast' >"$folder/lines"
  mote send "${at[@]}" --file "$folder/lines"
  ends 0
  await 5 count_is 4
  telemetry_is < <(printf "$events/ %b\n" one 'two words\r' '\xff\xfe' last)
}
no_lines() { forget_telemetry; mote send "${at[@]}" - <<<''; ends 0; count_is 0; }
count_of_lines() {
  forget_telemetry
  seq 10 >"$folder/lines"
  mote send "${at[@]}" --count 3 --file "$folder/lines"
  ends 0
  await 5 count_is 3
}
slow_input() {
  forget_telemetry
  mote send "${at[@]}" - < <(for word in one two three; do echo $word; sleep 0.3; done)
  ends 0
  await 5 count_is 3
}
# Each line is sent when it comes, not when the input ends.
live_input() {
  forget_telemetry
  mkfifo "$folder/fifo"
  MOTE_CONNECTION_STRING=$own "$MOTE" send "${at[@]}" - <"$folder/fifo" &
  local process=$!
  exec 7>"$folder/fifo"
  echo early >&7
  await 5 count_is 1
  exec 7>&-
  wait $process
}
module() {
  forget_telemetry
  mote_as "HostName=hub.example;DeviceId=$device;ModuleId=mod;SharedAccessKey=$key" send "${at[@]}" --payload x
  ends 0
  await 5 count_is 1
  telemetry_is <<<"devices/$device/modules/mod/messages/events/ x"
}
user_name() { grep -qF "as $device (p2, c0, k240, u'hub.example/$device/?api-version=2021-04-12')" "$folder/hub.log"; }
check 'send: a reading of this machine' reading
check 'send: properties are encoded, system and own' properties
check 'send: --count and --interval' interval
check 'send: --file, a message a line' lines_of_file
check 'send: no lines, no messages' no_lines
check 'send: --count limits lines' count_of_lines
check 'send: lines that come slowly' slow_input
check 'send: a line leaves when it comes' live_input
check 'send: as a module' module
check 'send: connects as IoT Hub wants it' user_name

# rss COMMAND…: peak memory in KiB, in $folder/rss.
rss() {
  MOTE_CONNECTION_STRING=$own python3 -c 'import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)' "$@" >"$folder/rss"
}
many_lines() {
  forget_telemetry
  seq -f 'line %.0f of many' 1000 | rss "$MOTE" send "${at[@]}" -
  local few=$(cat "$folder/rss") many
  await 10 count_is 1000
  forget_telemetry
  seq -f 'line %.0f of many' 100000 | rss "$MOTE" send "${at[@]}" -
  many=$(cat "$folder/rss")
  echo "$few KiB for 1,000 lines, $many KiB for 100,000" | tee "$folder/figures"
  await 30 count_is 100000
  telemetry_is < <(seq -f "$events/ line %.0f of many" 100000)
  [ "$many" -lt 40960 ] && [ $((many - few)) -lt 4096 ]
}
longest_line() {
  forget_telemetry
  head -c 262144 /dev/zero | tr '\0' a >"$folder/lines"
  for i in {1..8}; do echo; head -c 262144 /dev/zero | tr '\0' $i; done >>"$folder/lines"
  rss "$MOTE" send "${at[@]}" --file "$folder/lines"
  await 10 count_is 9
  telemetry_is < <(sed "s,^,$events/ ," "$folder/lines"; echo)
  [ "$(cat "$folder/rss")" -lt 40960 ]
}
too_long_line() {
  forget_telemetry
  { printf 'one\n\ntwo\n'; head -c 262145 /dev/zero | tr '\0' a; printf '\nfour\n'; } >"$folder/lines"
  mote send "${at[@]}" --file "$folder/lines"
  ends 65 'Line 4 is longer than 262144 bytes'
  await 5 count_is 2
  sleep 0.3
  telemetry_is < <(printf "$events/ %s\n" one two)
}
endless_line() { mote send "${at[@]}" - < <(head -c 3000000 /dev/zero); ends 65 'Line 1 is longer'; }
too_long_with_properties() {
  forget_telemetry
  head -c 262143 /dev/zero | tr '\0' a >"$folder/lines"
  mote send "${at[@]}" --file "$folder/lines" --property a=b
  ends 65 262145 properties
  count_is 0
}
check 'send: 100,000 lines, all in order, in constant memory' many_lines
cat "$folder/figures" 2>/dev/null || true
check 'send: lines of 262,144 bytes' longest_line
check 'send: a longer line is refused by its number, those before it are sent' too_long_line
check 'send: a line without end is refused' endless_line
check 'send: properties count too' too_long_with_properties

# ---- listen -------------------------------------------------------------------------------------------------------------------

# listening ARGUMENT…: starts to listen, until it has subscribed. Its exit code is that of `wait $listener`.
listening() {
  local before
  before=$(grep -c "Received SUBSCRIBE from $device" "$folder/hub.log" || true)
  set -m # Else a job in the background would ignore Ctrl-C.
  MOTE_CONNECTION_STRING=$own "$MOTE" listen "${at[@]}" "$@" >"$folder/out" 2>"$folder/err" &
  listener=$!
  set +m
  subscribed() { [ "$(grep -c "Received SUBSCRIBE from $device" "$folder/hub.log")" -gt "$before" ]; }
  await 10 subscribed
}
# Ends listening, with its exit code in $code.
listened() {
  code=0
  wait "$listener" || code=$?
  cat "$folder/out" "$folder/err" >>"$folder/everything"
}
listen_text() {
  listening --count 2
  publish '%24.mid=a1&%24.to=%2Fdevices%2Fd&colour=deep%20blue&plus=a%2Bb&x%3dy=1%3D2=3&flag&empty=' -m 'hällo'
  publish '' -m ''
  listened
  ends 0
  diff "$folder/out" - <<-'END'
	message 1, 6 bytes
	  $.mid = a1
	  $.to = /devices/d
	  colour = deep blue
	  plus = a+b
	  x=y = 1=2=3
	  flag
	  empty = 
	hällo

	message 2, 0 bytes


	END
}
listen_json() {
  listening --count 3 --json
  publish '%24.mid=%22a%22&flag&empty=&bad=%FF' -m 'say "hi"	ü'
  printf '\xff\x00\x01binary' | publish '?first=1' -s
  publish 'broken=%G0&good=1' -m x
  listened
  ends 0
  python3 - "$folder/out" <<-'END'
	import base64, json, sys
	a, b, c = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
	assert a["properties"] == {"$.mid": '"a"', "flag": None, "empty": ""}, a
	assert a["propertiesEncoded"].endswith("bad=%FF") and a["payload"] == 'say "hi"\tü', a
	assert b["properties"] == {"first": "1"} and "payload" not in b, b
	assert base64.b64decode(b["payloadBase64"]) == b"\xff\x00\x01binary", b
	assert c["properties"] == {"good": "1"} and c["propertiesEncoded"] == "broken=%G0&good=1", c
	END
}
listen_safe() {
  listening --count 1
  printf '\x1b[2Jgone' | publish 'x=%1b%5b31m' -s
  listened
  ends 0
  grep -qF 'G1sySmdvbmU=' "$folder/out"
  ! grep -q $'\x1b' "$folder/out"
}
listen_pieces() {
  listening --count 2 --json
  head -c 200000 <(seq 40000) >"$folder/large"
  publish 'a=b' -f "$folder/large"
  publish 'a=c' -m small
  listened
  ends 0
  python3 - "$folder/out" "$folder/large" <<-'END'
	import json, sys
	a, b = [json.loads(line) for line in open(sys.argv[1])]
	assert a["payload"] == open(sys.argv[2]).read() and a["properties"] == {"a": "b"}
	assert b["payload"] == "small"
	END
}
listen_too_large() {
  listening --count 1
  head -c 300000 /dev/zero | publish 'a=b' -s
  publish '' -m next
  listened
  ends 0 '300000 bytes was passed over'
  grep -q '^next$' "$folder/out"
}
# The session is kept: what came meanwhile is delivered once, since it is acknowledged before leaving.
listen_later() {
  publish '' -m meanwhile
  mote listen "${at[@]}" --count 1
  ends 0
  grep -q '^meanwhile$' "$folder/out"
  publish '' -m next
  mote listen "${at[@]}" --count 1
  ends 0
  grep -q '^next$' "$folder/out"
  ! grep -q 'sent again' "$folder/out"
}
# One of many that wait is taken; the others stay with the hub.
listen_one_of_many() {
  for i in 1 2 3 4 5 6 7 8 9 10 11 12; do publish '' -m "waiting $i"; done
  mote listen "${at[@]}" --count 1
  ends 0
  grep -q '^waiting 1$' "$folder/out"
  mote listen "${at[@]}" --count 11
  ends 0
  diff <(grep '^waiting' "$folder/out") <(seq -f 'waiting %.0f' 2 12)
}
# What cannot be printed is not acknowledged, and comes again.
listen_full() {
  code=0
  publish '' -m 'not to be lost'
  MOTE_CONNECTION_STRING=$own "$MOTE" listen "${at[@]}" --count 1 >/dev/full 2>"$folder/err" || code=$?
  ends 74 'cannot be written'
  mote listen "${at[@]}" --count 1
  ends 0
  grep -q '^not to be lost$' "$folder/out"
}
check 'listen: text with properties' listen_text
check 'listen: JSON Lines, and base64 for what is not text' listen_json
check 'listen: nothing can command the terminal' listen_safe
check 'listen: a message of 200,000 bytes' listen_pieces
check 'listen: what is too large is told and passed over' listen_too_large
check 'listen: a message is acknowledged before leaving' listen_later
check 'listen: takes no more than --count' listen_one_of_many
check 'listen: what cannot be printed comes again' listen_full

# ---- Being stopped -------------------------------------------------------------------------------------------------------------

disconnects() { grep -c "Received DISCONNECT from $device" "$folder/hub.log" || true; }
# stopped SIGNAL CODE: whether the listener ends so, with DISCONNECT.
stopped() {
  local before
  before=$(disconnects)
  kill "-$1" "$listener"
  listened
  ends "$2"
  more() { [ "$(disconnects)" -gt "$before" ]; }
  await 5 more
}
stop_listen() { listening; stopped INT 0; }
stop_listen_count() { listening --count 3; stopped INT 130; }
stop_listen_term() { listening --count 3; stopped TERM 143; }
# sending ARGUMENT…: starts to send, with $input as its input, until the hub has the first message.
sending() {
  forget_telemetry
  set -m
  MOTE_CONNECTION_STRING=$own "$MOTE" send "${at[@]}" "$@" <"${input:-/dev/null}" >"$folder/out" 2>"$folder/err" &
  listener=$!
  set +m
  await 5 count_is 1
}
stop_send() { sending --payload tick --count 3 --interval 60; stopped INT 130; grep -q 'acknowledged 1 message' "$folder/err"; }
stop_endless_send() { sending --payload tick --interval 60; stopped INT 0; }
stop_input() {
  mkfifo "$folder/pipe"
  exec 7<>"$folder/pipe"
  echo first >&7
  input=$folder/pipe sending -
  stopped TERM 143
  exec 7>&-
}
check 'Ctrl-C: listen without --count ends well, with DISCONNECT' stop_listen
check 'Ctrl-C: listen with --count says that it is not done' stop_listen_count
check 'SIGTERM: listen' stop_listen_term
check 'Ctrl-C: send with --count' stop_send
check 'Ctrl-C: send without end' stop_endless_send
check 'SIGTERM: send that waits for input' stop_input

# ---- Connections that fail -----------------------------------------------------------------------------------------------------

unknown_ca() {
  mote send --endpoint "localhost:$hub_port" --ca-file "$folder/stranger.pem" --verbose
  ends 76 'TLS with' 'trusted root' 'mbedTLS -0x2700' --ca-file
}
system_ca() { mote send --endpoint "localhost:$hub_port"; ends 76 'trusted root'; }
wrong_host() { mote send --endpoint "127.0.0.1:$hub_port" --ca-file "$folder/ca.pem"; ends 76 'another host name' "'127.0.0.1'"; }
insecure() {
  forget_telemetry
  mote send --endpoint "127.0.0.1:$hub_port" --ca-file "$folder/stranger.pem" --payload x --insecure
  ends 0 WARNING 'NOT verified'
  await 5 count_is 1
}
no_such_name() {
  mote send --endpoint no-such-host.invalid
  # Without any name server, nobody can say that there is no such name.
  [ "$code" -eq 69 ] || [ "$code" -eq 75 ]
  ends "$code" "Looking up the name 'no-such-host.invalid' failed"
}
refused_port() { mote send --endpoint localhost:1; ends 69 'TCP connection to localhost:1 failed' 'nothing listens'; }
ipv6() { mote send --endpoint '[::1]:1'; ends 69 'TCP connection to [::1]:1 failed'; }
check 'fails: unknown CA' unknown_ca
check 'fails: not in the system'"'"'s bundle' system_ca
check 'fails: certificate for another host' wrong_host
check '--insecure connects all the same, loudly' insecure
check 'fails: no such name' no_such_name
check 'fails: refused port' refused_port
check '--endpoint takes IPv6 in brackets' ipv6

mapfile -t lines < <(over_tls ca expired)
broker expired "${lines[@]}"
expired() { mote send --endpoint "localhost:$port" --ca-file "$folder/ca.pem"; ends 76 'past its end' clock; }
check 'fails: expired certificate' expired

broker plain 'allow_anonymous true'
plain() { mote send --endpoint "localhost:$port" --ca-file "$folder/ca.pem"; ends 76 'TLS with' 8883; }
check 'fails: a port without TLS' plain

mapfile -t lines < <(over_tls ca server | sed 's/anonymous true/anonymous false/')
mosquitto_passwd -b -c "$folder/passwords" nobody "$(openssl rand -hex 8)"
broker strict "${lines[@]}" "password_file $folder/passwords"
not_authorised() {
  mote send --endpoint "localhost:$port" --ca-file "$folder/ca.pem" --verbose
  ends 77 'CONNACK 5' "'$device'" 'enabled'
}
check 'fails: CONNACK 5' not_authorised

mapfile -t lines < <(over_tls ca server)
broker certificates "${lines[@]}" 'require_certificate true'
there=(--endpoint "localhost:$port" --ca-file "$folder/ca.pem")
x509="HostName=hub.example;DeviceId=$device;x509=true"
with_certificate() { mote_as "$x509" send "${there[@]}" --certificate "$folder/device.pem" --key "$folder/device.key"; ends 0; }
strange_certificate() {
  mote_as "$x509" send "${there[@]}" --certificate "$folder/device2.pem" --key "$folder/device2.key"
  ends 76 certificate
}
key_of_another() {
  mote_as "$x509" send "${there[@]}" --certificate "$folder/device.pem" --key "$folder/device2.key"
  ends 65 'TLS cannot be set up'
}
no_certificate() { mote_as "$x509" send "${there[@]}"; ends 64 --certificate --key; }
certificate_and_secret() {
  mote send "${there[@]}" --certificate "$folder/device.pem" --key "$folder/device.key"
  ends 64 x509=true
}
key_alone() { mote_as "$x509" send "${there[@]}" --key "$folder/device.key"; ends 64 'belong together'; }
check 'a device with a certificate' with_certificate
check 'fails: a certificate that the server does not know' strange_certificate
check 'fails: the key of another certificate' key_of_another
check 'fails: no certificate for x509=true' no_certificate
check 'fails: certificate and key with a secret' certificate_and_secret
check 'fails: --key without --certificate' key_alone

mapfile -t lines < <(over_tls ca server)
broker mortal "${lines[@]}"
mortal=$broker
# The broker dies after the first acknowledgement, and comes back when mote has noticed.
back() {
  {
    await 20 grep -q "PUBACK to $device" "$folder/mortal.log"
    kill -9 "$mortal"
    await 20 grep -q 'Trying again in' "$folder/err"
    exec "$(PATH=$PATH:/usr/sbin command -v mosquitto)" -v -c "$folder/mortal.conf" >"$folder/mortal.log" 2>&1
  } &
  # A check is a shell of its own, and ends what it started itself.
  # shellcheck disable=SC2064
  trap "kill $! 2>/dev/null || true" EXIT
  mote send --endpoint "localhost:$port" --ca-file "$folder/ca.pem" --payload x --count 4 --interval 0.5
  ends 0 'The connection was lost' 'Trying again in' 'Connected again.'
}
check 'the broker is killed and comes back' back

# ---- Mistakes on the command line ------------------------------------------------------------------------------------------------

bad_string() { mote_as "$1" send "${at[@]}"; ends 65 'connection string' "$2"; }
while IFS='|' read -r text reason; do
  check "refused: $reason" bad_string "$text" "$reason"
done <<END
HostName=h;DeviceId|An item without
HostName=h;DeviceId=d;Key=$key|no device connection string has
HostName=h;HostName=h;DeviceId=d;SharedAccessKey=$key|same name twice
HostName=h;SharedAccessKeyName=owner;SharedAccessKey=$key|service policy
DeviceId=d;SharedAccessKey=$key|HostName is missing
HostName=h;SharedAccessKey=$key|DeviceId is missing
HostName=h;DeviceId=d;ModuleId=a b;SharedAccessKey=$key|ModuleId has characters
HostName=h;DeviceId=d;SharedAccessKey=secret!|SharedAccessKey is not base64
HostName=h;DeviceId=d|Neither SharedAccessKey nor x509=true
HostName=h;DeviceId=d;x509=true;SharedAccessKey=$key|or both
HostName=h;DeviceId=d;GatewayHostName=/;SharedAccessKey=$key|GatewayHostName is not
END
no_string() { mote_as '' send "${at[@]}"; ends 64 MOTE_CONNECTION_STRING --connection-string; }
option_wins() { mote_as 'HostName=h' sas --connection-string "$own"; ends 0; }
refused() { if [ "$1" = -- ]; then shift; fi; mote "${@:2}"; ends 64 "$1"; }
misplaced() { mote sas "$own"; ends 64; grep -qF 'SharedAccessKey=(hidden)' "$folder/err"; }
misplaced_in_send() { mote send "$own"; ends 64 'standard input'; }
misplaced_value() { mote send --count "$own"; ends 64; grep -qF 'SharedAccessKey=(hidden)' "$folder/err"; }
no_ca_file() { mote send --ca-file "$folder/none.pem"; ends 66 none.pem 'No such file'; }
bad_ca_file() { mote send --ca-file "$folder/hub.log"; ends 65 'TLS cannot be set up' hub.log; }
no_file() { mote send "${at[@]}" --file "$folder/none"; ends 66 'No such file'; }
check 'refused: no connection string' no_string
check '--connection-string comes before the environment' option_wins
check 'refused: unknown option' refused -- --colour send --colour=red
check 'refused: unknown subcommand' refused Unexpected fetch
check 'refused: two inputs' refused exclude send --payload x -
check 'refused: --count 0' refused count send --count 0
check 'refused: --interval 0' refused interval send --interval 0
check 'refused: property without a name' refused '--property' send --property =x
for endpoint in '' : host: host:0 host:65536 host:8883x '[::1' '[::1]8883' ::1; do
  check "refused: --endpoint '$endpoint'" refused '--endpoint is HOST' send --endpoint "$endpoint"
done
check 'refused: CA file that is not there' no_ca_file
check 'refused: CA file without certificates' bad_ca_file
check 'refused: input file that is not there' no_file
check 'refused: connection string in the wrong place, without its key' misplaced
check 'refused: connection string as input' misplaced_in_send
check 'refused: connection string as a number' misplaced_value

# ---- Secrets ---------------------------------------------------------------------------------------------------------------------

verbose() {
  forget_telemetry
  mote send "${at[@]}" --payload 'private payload' --verbose
  ends 0 'looking up localhost' 'starting TLS' 'server verified' 'MQTT CONNECT' accepted acknowledged disconnected
  ! grep -q private "$folder/err"
}
no_secret() {
  [ "$(wc -c <"$folder/everything")" -gt 10000 ]
  ! grep -aE 'sig=|SharedAccessSignature|secret!' "$folder/everything"
  ! grep -aF "${key:0:12}" "$folder/everything"
}
check '--verbose tells every step' verbose
check 'no output had a key, a token or a signature' no_secret

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
