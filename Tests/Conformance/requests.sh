#!/usr/bin/env bash
# `mote twin` and `mote serve`, first against mosquitto, where a shell plays the hub's part, byte for byte; then against
# `mote-hub`. Ends with `N passed, N failed`. MOTE=PROGRAM and MOTE_HUB=PROGRAM test other builds.
set -euo pipefail
. "$(dirname "$0")/mote.bash"
. Tests/Conformance/hub.bash
export XDG_RUNTIME_DIR=$folder/runtime

says() { [ "$(cat "$folder/out")" = "$1" ] || { echo "printed: $(cat "$folder/out")"; return 1; }; }

# in_background ARGUMENT…: runs mote with the device's connection string; `ended` waits for its end, with its exit code in $code.
in_background() {
  : >"$folder/out" # Now, and not when the job begins: what was in it is nobody's.
  set -m # Else a job in the background would ignore Ctrl-C.
  MOTE_CONNECTION_STRING=$own "$MOTE" "$@" <&0 >"$folder/out" 2>"$folder/err" &
  process=$!
  set +m
}
ended() {
  code=0
  wait "$process" || code=$?
  cat "$folder/out" "$folder/err" >>"$folder/everything"
}
lines_are() { [ "$(wc -l <"$folder/out")" -eq "$1" ]; }

# ---- A broker, and a shell that plays the hub -----------------------------------------------------------------------------

authority ca
certificate ca server
mapfile -t lines < <(over_tls ca server)
broker hub "${lines[@]}"
at=(--endpoint "localhost:$port" --ca-file "$folder/ca.pem")
client=(-h localhost -p "$port" --cafile "$folder/ca.pem")

# tell TOPIC [OPTION…]: a message from the hub, from standard input when no option gives another.
tell() { mosquitto_pub "${client[@]}" -t "$1" "${@:2}"; }
# What the device publishes, a line each: topic and payload.
mosquitto_sub "${client[@]}" -t '$iothub/twin/GET/#' -t '$iothub/twin/PATCH/properties/reported/#' -t '$iothub/methods/res/#' -F '%t %p' \
  >"$folder/asked" 2>&1 &
children+=($!)
await 10 grep -q 'Received SUBSCRIBE' "$folder/hub.log" || fail 'mosquitto_sub cannot subscribe'
forget() { : >"$folder/asked"; subscribes=$(grep -c "Received SUBSCRIBE from $device" "$folder/hub.log" || true); }
subscribed() { [ "$(grep -c "Received SUBSCRIBE from $device" "$folder/hub.log")" -gt "$subscribes" ]; }
asked() { grep -qxF -- "$1" "$folder/asked"; }
asked_are() { [ "$(wc -l <"$folder/asked")" -eq "$1" ]; }

get() {
  forget
  in_background twin get "${at[@]}"
  await 10 asked '$iothub/twin/GET/?$rid=1 '
  tell '$iothub/twin/res/200/?$rid=1' -m '{"desired":{"a":1,"$version":3},
"reported":{"$version":7}}'
  ended
  ends 0
  says '{"desired":{"a":1,"$version":3}, "reported":{"$version":7}}'
}
get_large() {
  forget
  python3 -c 'import json
print(json.dumps({"desired": {"p%d" % n: "x" * 100 for n in range(580)} | {"$version": 9}, "reported": {"$version": 1}}), end="")' >"$folder/large"
  in_background twin get "${at[@]}"
  await 10 asked_are 1
  tell '$iothub/twin/res/200/?$rid=1' -f "$folder/large"
  ended
  ends 0
  [ "$(wc -c <"$folder/large")" -gt 63000 ]
  diff <(cat "$folder/large"; echo) "$folder/out"
}
get_refused() {
  forget
  in_background twin get "${at[@]}"
  await 10 asked_are 1
  tell '$iothub/twin/res/404/?$rid=1' -m '{"message":"no such device"}'
  ended
  ends 77 'status 404' 'no such device'
  says ''
}
get_unanswered() { mote twin get "${at[@]}" --timeout 0.5; ends 75 'did not answer'; }
get_no_json() {
  forget
  in_background twin get "${at[@]}"
  await 10 asked_are 1
  printf '{"a":"\x1b[2J"}' | tell '$iothub/twin/res/200/?$rid=1' -s
  ended
  ends 76 'no JSON'
  ! grep -q $'\x1b' "$folder/err" "$folder/out"
}
report() {
  forget
  in_background twin report '{"fan":null,"speed":[1,2]}' "${at[@]}"
  await 10 asked '$iothub/twin/PATCH/properties/reported/?$rid=1 {"fan":null,"speed":[1,2]}'
  tell '$iothub/twin/res/204/?$rid=1&$version=8' -n
  ended
  ends 0
  says '{"version":8}'
}
report_of_input() {
  forget
  in_background twin report - "${at[@]}" < <(printf '{"a":\n1}')
  await 10 asked_are 2
  tell '$iothub/twin/res/200/?$rid=1' -n
  ended
  ends 0
  says '{}'
}
report_busy() {
  forget
  in_background twin report '{"a":1}' "${at[@]}"
  await 10 asked_are 1
  tell '$iothub/twin/res/429/?$rid=1' -n
  await 10 asked '$iothub/twin/PATCH/properties/reported/?$rid=2 {"a":1}'
  tell '$iothub/twin/res/204/?$rid=2&$version=2' -n
  ended
  ends 0
  says '{"version":2}'
}
report_refused() {
  forget
  in_background twin report '{"$bad":1}' "${at[@]}"
  await 10 asked_are 1
  tell '$iothub/twin/res/400/?$rid=1' -m '{"errorCode":400004}'
  ended
  ends 65 'status 400' 400004
}
report_no_object() {
  local text
  for text in '' '[1]' '1' '{"a":}' '{"a":1' "$own"; do
    mote twin report "$text" "${at[@]}"
    ends 65 'no JSON object'
  done
}
watch_versions() {
  forget
  in_background twin watch --count 4 "${at[@]}"
  await 10 asked '$iothub/twin/GET/?$rid=1 '
  tell '$iothub/twin/PATCH/properties/desired/?$version=4' -m '{"early":1}'
  tell '$iothub/twin/res/200/?$rid=1' -m '{"desired":{"$version":4},"reported":{"$version":1}}'
  await 10 lines_are 1
  tell '$iothub/twin/PATCH/properties/desired/?$version=3' -m '{"old":1}'
  tell '$iothub/twin/PATCH/properties/desired/?$version=5' -m '{"a":"\u0085","$version":5}'
  await 10 lines_are 2
  tell '$iothub/twin/PATCH/properties/desired/?$version=7' -m '{"b":1,"$version":7}'
  await 10 asked '$iothub/twin/GET/?$rid=2 '
  tell '$iothub/twin/res/200/?$rid=2' -m '{"desired":{"$version":7},"reported":{"$version":1}}'
  await 10 lines_are 3
  printf '{"c":"\x01"}' | tell '$iothub/twin/PATCH/properties/desired/?$version=8' -s
  ended
  ends 0
  diff "$folder/out" - <<-'END'
	{"version":4,"twin":{"desired":{"$version":4},"reported":{"$version":1}}}
	{"version":5,"desired":{"a":"\u0085","$version":5}}
	{"version":7,"twin":{"desired":{"$version":7},"reported":{"$version":1}}}
	{"version":8,"desiredBase64":"eyJjIjoiASJ9"}
	END
}
watch_again() {
  forget
  in_background twin watch --count 2 "${at[@]}"
  await 10 asked_are 1
  # Another client of the same name takes its place: it comes back, and asks again.
  mosquitto_pub "${client[@]}" -i "$device" -t x -n
  await 10 asked_are 2
  tell '$iothub/twin/res/200/?$rid=2' -m '{"desired":{"$version":4}}'
  await 10 lines_are 1
  tell '$iothub/twin/PATCH/properties/desired/?$version=5' -m '{"$version":5}'
  ended
  ends 0 'Trying again' 'Connected again'
}
watch_stopped() {
  forget
  in_background twin watch "${at[@]}"
  await 10 asked_are 1
  kill -INT "$process"
  ended
  ends 0
}
serve_methods() {
  forget
  in_background serve --count 4 --method 'double=python3 -c "import json, sys; print(json.load(sys.stdin) * 2)"' \
    --method 'fan*spin=echo "\"$MOTE_COMPONENT $MOTE_METHOD\""' --method 'fails=echo "[1]"; exit 3' "${at[@]}"
  await 10 subscribed
  tell '$iothub/methods/POST/double/?$rid=A%2Fb' -m 21
  tell '$iothub/methods/POST/fan%2Aspin/?$rid=B' -n
  tell '$iothub/methods/POST/fails/?$rid=C' -m '{}'
  tell '$iothub/methods/POST/other/?$rid=D' -m '{}'
  ended
  ends 0 "'other': There is no such method."
  await 10 asked '$iothub/methods/res/200/?$rid=A%2Fb 42'
  await 10 asked '$iothub/methods/res/200/?$rid=B "fan spin"'
  await 10 asked '$iothub/methods/res/500/?$rid=C [1]'
  await 10 asked '$iothub/methods/res/404/?$rid=D {"error":"There is no such method."}'
  diff <(sort "$folder/out") - <<-'END'
	{"method":"double","status":200}
	{"method":"fails","status":500}
	{"method":"other","status":404}
	{"method":"spin","component":"fan","status":200}
	END
}
serve_bounds() {
  forget
  in_background serve --count 4 --timeout 1 --method 'slow=sleep 60 | sleep 60' --method 'text=echo hello' --method 'nothing=cat >/dev/null' \
    --method 'large=head -c 200000 /dev/zero' "${at[@]}"
  await 10 subscribed
  tell '$iothub/methods/POST/slow/?$rid=1' -n
  tell '$iothub/methods/POST/text/?$rid=2' -n
  tell '$iothub/methods/POST/nothing/?$rid=3' -m '{}'
  tell '$iothub/methods/POST/large/?$rid=4' -n
  ended
  ends 0 "'slow': The command took too long." "'text': The command's output is no JSON." "'large': The command's output is longer"
  await 10 asked '$iothub/methods/res/504/?$rid=1 {"error":"The command took too long."}'
  await 10 asked '$iothub/methods/res/500/?$rid=2 {"error":"The command'"'"'s output is no JSON."}'
  await 10 asked '$iothub/methods/res/200/?$rid=3 '
  await 10 grep -q '^$iothub/methods/res/500/?$rid=4 ' "$folder/asked"
  ! pgrep -f 'sleep 60' -s "$process" >/dev/null
}
# More at once than may be pending: the ones beyond are answered at once.
serve_many() {
  forget
  in_background serve --count 2 --calls 2 --method "wait=while [ ! -e '$folder/go' ]; do sleep 0.05; done" "${at[@]}"
  await 10 subscribed
  for number in 1 2 3; do tell "\$iothub/methods/POST/wait/?\$rid=$number" -n; done
  await 10 asked '$iothub/methods/res/503/?$rid=3 '
  touch "$folder/go"
  ended
  ends 0
  await 10 asked '$iothub/methods/res/200/?$rid=1 '
  await 10 asked '$iothub/methods/res/200/?$rid=2 '
}
# Its connection ends while a command runs: nobody waits for the response.
serve_late() {
  forget
  rm -f "$folder/go"
  in_background serve --count 1 --echo --method "wait=touch '$folder/begun'; while [ ! -e '$folder/go' ]; do sleep 0.05; done" "${at[@]}"
  await 10 subscribed
  tell '$iothub/methods/POST/wait/?$rid=1' -n
  await 10 test -e "$folder/begun"
  subscribes=$(grep -c "Received SUBSCRIBE from $device" "$folder/hub.log")
  mosquitto_pub "${client[@]}" -i "$device" -t x -n
  await 10 subscribed
  touch "$folder/go"
  await 10 grep -q 'nobody waits' "$folder/err"
  tell '$iothub/methods/POST/any/?$rid=2' -m '"echo"'
  ended
  ends 0
  await 10 asked '$iothub/methods/res/200/?$rid=2 "echo"'
  ! grep -q 'rid=1 ' "$folder/asked"
}
serve_stopped() {
  forget
  in_background serve --method 'wait=echo $$ >'"$folder/pid"'; sleep 60' "${at[@]}"
  await 10 subscribed
  tell '$iothub/methods/POST/wait/?$rid=1' -n
  await 10 test -s "$folder/pid"
  kill -TERM "$process"
  ended
  ends 0
  await 10 eval '! kill -0 "$(cat "$folder/pid")"'
}
malformed() {
  forget
  in_background serve --echo --count 1 "${at[@]}"
  await 10 subscribed
  for topic in '$iothub/methods/POST/m/' '$iothub/methods/POST/%zz/?$rid=1' '$iothub/methods/POST//?$rid=1' \
    '$iothub/methods/POST/m/?$rid='; do tell "$topic" -m x; done
  tell '$iothub/methods/POST/m/?$rid=5' -m '5'
  ended
  ends 0 'passed over'
  await 10 asked '$iothub/methods/res/200/?$rid=5 5'
  asked_are 1
}
usage() {
  mote serve "${at[@]}"; ends 64 '--method NAME=COMMAND'
  mote serve "${at[@]}" --method x; ends 64 '--method is NAME=COMMAND'
  mote serve "${at[@]}" --method a=b --method a=c; ends 64 'twice'
  mote serve "${at[@]}" --echo --calls 0; ends 64 '--calls'
  mote twin get "${at[@]}" --timeout 0; ends 64 '--timeout'
  mote twin watch "${at[@]}" --count 0; ends 64 '--count'
  mote twin get "${at[@]}" --model-id thermostat; ends 64 '--model-id'
}
help_of_each() { for c in 'twin get' 'twin report' 'twin watch' serve; do mote $c --help; ends 0; grep -q -- --connection-string "$folder/out"; done; }
model() {
  mote twin get "${at[@]}" --timeout 0.5 --model-id 'dtmi:com:example:Thermostat;1'
  grep -qF 'dtmi%3Acom%3Aexample%3AThermostat%3B1' "$folder/hub.log"
}
unreachable() { mote twin get --endpoint localhost:1 --ca-file "$folder/ca.pem"; ends 69; }

check 'twin get: the document on a line' get
check 'twin get: 64 KiB' get_large
check 'twin get: a refusal, with what the hub says' get_refused
check 'twin get: a hub that does not answer' get_unanswered
check 'twin get: nothing can command the terminal' get_no_json
check 'twin get: nobody listens' unreachable
check 'twin report: what the hub has taken' report
check 'twin report: from standard input' report_of_input
check 'twin report: a hub that is too busy is asked again' report_busy
check 'twin report: a refusal' report_refused
check 'twin report: what is no object is not sent' report_no_object
check 'twin watch: versions without a gap' watch_versions
check 'twin watch: the document again after a lost connection' watch_again
check 'twin watch: ends with Ctrl-C' watch_stopped
check 'serve: commands, components, exit codes' serve_methods
check 'serve: a command that takes too long, says too much, or no JSON' serve_bounds
check 'serve: several at once up to --calls' serve_many
check 'serve: a response that comes too late' serve_late
check 'serve: SIGTERM ends the commands too' serve_stopped
check 'serve: malformed topics' malformed
check 'usage' usage
check 'every command has --help' help_of_each
check '--model-id is announced' model

# ---- mote-hub --------------------------------------------------------------------------------------------------------------

serve emulator --device desk
own=$(value_of deviceConnectionString <"$hub_folder.json")
at=(--endpoint "localhost:$mqtt_port" --ca-file "$ca")
hub() { "$MOTE_HUB" "$1" "${@:2}" --data "$hub_folder"; }
member_is() { [ "$(hub twin show desk --json | value_of "$1")" = "$2" ]; }

hub_get() {
  hub twin update desk --desired '{"interval":5}'
  mote twin get "${at[@]}"
  ends 0
  [ "$(value_of desired.interval <"$folder/out")" = 5 ]
  [ "$(value_of 'desired.$version' <"$folder/out")" = 2 ]
}
hub_report() {
  mote twin report '{"fan":{"speed":3}}' "${at[@]}"
  ends 0
  says '{"version":2}'
  member_is properties.reported.fan.speed 3
  mote twin report '{"fan":null,"on":true}' "${at[@]}"
  ends 0
  says '{"version":3}'
  member_is properties.reported.on true
}
hub_report_refused() { mote twin report '{"a.b":1}' "${at[@]}"; ends 65 'status 400'; }
hub_report_of_component() {
  mote twin report '{"heater":{"__t":"c","targetTemperature":{"value":21,"ac":200,"av":2}}}' "${at[@]}" --model-id 'dtmi:com:example:Desk;1'
  ends 0
  member_is properties.reported.heater.targetTemperature.av 2
  member_is modelId 'dtmi:com:example:Desk;1'
}
hub_watch() {
  in_background twin watch --count 3 "${at[@]}"
  await 10 lines_are 1
  hub twin update desk --desired '{"interval":6}'
  await 10 lines_are 2
  # It is told by the next connection's document what it has missed.
  kill -STOP "$process"
  hub fault cause drop --device desk --count 1
  hub twin update desk --desired '{"interval":7}'
  kill -CONT "$process"
  ended
  ends 0
  sed -n 2p "$folder/out" >"$folder/line"
  [ "$(value_of desired.interval <"$folder/line")" = 6 ] && [ "$(value_of version <"$folder/line")" = 3 ]
  sed -n 3p "$folder/out" >"$folder/line"
  [ "$(value_of twin.desired.interval <"$folder/line")" = 7 ] && [ "$(value_of version <"$folder/line")" = 4 ]
}
answers() { hub invoke desk "$@" >"$folder/answer" && [ "$(value_of status <"$folder/answer")" = "$status" ]; }
hub_invoke() {
  in_background serve --echo --method 'heater*heat=cat' --method 'fails=exit 1' "${at[@]}"
  status=200
  await 10 answers echo '{"a":[1,2]}'
  [ "$(value_of payload <"$folder/answer")" = '{"a": [1, 2]}' ]
  answers 'heater*heat' 5
  [ "$(value_of payload <"$folder/answer")" = 5 ]
  status=500
  answers fails
  kill -INT "$process"
  ended
  ends 0
}
check 'mote-hub: twin get' hub_get
check 'mote-hub: twin report' hub_report
check 'mote-hub: twin report: a refusal' hub_report_refused
check 'mote-hub: twin report: a component, and the model' hub_report_of_component
check 'mote-hub: twin watch, over a lost connection' hub_watch
check 'mote-hub: serve' hub_invoke

no_secret() {
  [ "$(wc -c <"$folder/everything")" -gt 1000 ]
  ! grep -aE 'sig=|SharedAccessSignature' "$folder/everything"
  ! grep -aF "${key:0:12}" "$folder/everything"
}
check 'no output had a key, a token or a signature' no_secret

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
