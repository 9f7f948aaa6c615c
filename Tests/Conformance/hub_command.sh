#!/usr/bin/env bash
# The commands of `mote-hub` against a hub that runs, with `mote` as the device: what each does, how it fails and what it then
# says, that a kill loses nothing, and that no secret shows. Ends with `N passed, N failed`. MOTE=PROGRAM and
# MOTE_HUB=PROGRAM test other builds.
set -euo pipefail
. "$(dirname "$0")/mote.bash"
. Tests/Conformance/hub.bash
. Tests/Conformance/python.bash
export XDG_RUNTIME_DIR=$folder/runtime XDG_CACHE_HOME=$folder/cache

serve hub
# hub ARGUMENT…: runs a command against the hub; its exit code is $code, what it wrote in $folder/out, err.
hub() {
  code=0
  "$MOTE_HUB" "$@" --data "$hub_folder" >"$folder/out" 2>"$folder/err" || code=$?
  cat "$folder/err" >>"$folder/everything"
}
bare_hub() {
  code=0
  "$MOTE_HUB" "$@" >"$folder/out" 2>"$folder/err" || code=$?
  cat "$folder/err" >>"$folder/everything"
}
says() { grep -qF -- "$1" "$folder/out" || { echo "did not print: $1"; return 1; }; }
is() { diff <(printf '%s\n' "$1") "$folder/out"; }
member() { value_of "$1" <"$folder/out"; }
# what_is PATH VALUE: a member of the JSON that was printed.
what_is() { [ "$(member "$1")" = "$2" ] || { echo "$1 is $(member "$1")"; return 1; }; }

# ---- Versions, help, the way to the hub -------------------------------------------------------------------------------------

help_has_codes() { bare_hub --help; ends 0; for n in 64 65 66 69 74 75 76 77 130; do grep -qE "^ +$n +" "$folder/out"; done; }
help_of_each() {
  local command
  for command in 'device create' 'device list' 'device show' 'device delete' 'device disable' 'device enable' monitor send invoke \
    'twin show' 'twin update' 'file list' 'file get' 'fault cause' 'fault list' 'fault clear'; do
    # shellcheck disable=SC2086
    bare_hub $command --help
    ends 0
    says --connection-string
  done
}
no_hub_left() { bare_hub device list; ends 66 "$XDG_RUNTIME_DIR/mote-hub/service-connection-string" 'mote-hub serve'; }
bad_connection_string() {
  local text
  for text in '' x 'HostName=h;SharedAccessKey=c2VjcmV0' 'HostName=;SharedAccessKeyName=p;SharedAccessKey=c2VjcmV0' \
    'HostName=h;SharedAccessKeyName=p;SharedAccessKey=?' 'HostName=h;HostName=h;SharedAccessKeyName=p;SharedAccessKey=c2VjcmV0'; do
    bare_hub device list --connection-string "$text"
    ends 65 'HostName=NAME:PORT'
  done
}
nobody_listens() {
  # A port on which nobody can listen while this process is bound to it, and not listening.
  coproc bound { exec python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True); input()'; }
  local port
  read -r port <&"${bound[0]}"
  bare_hub device list --data "$hub_folder" \
    --connection-string "HostName=localhost:$port;SharedAccessKeyName=iothubowner;SharedAccessKey=c2VjcmV0"
  kill "$bound_PID"
  ends 69 "localhost:$port" 'mote-hub serve'
}
other_authority() { hub device list --ca-file "$hub_folder/device-ca.pem"; ends 76 "$hub_folder/device-ca.pem"; }
no_authority() { hub device list --ca-file "$folder/none"; ends 66 "$folder/none"; }
other_name() {
  hub device list --connection-string "$(sed 's/localhost/127.0.0.2/' "$hub_folder/service-connection-string")"
  [ "$code" -eq 76 ] || ends 69
}
wrong_key() {
  hub device list --connection-string "HostName=localhost:$https_port;SharedAccessKeyName=iothubowner;SharedAccessKey=$key"
  ends 77 'not signed with the key'
}
by_environment() {
  MOTE_HUB_CONNECTION_STRING=$(cat "$hub_folder/service-connection-string") bare_hub device list --ca-file "$ca"
  ends 0
}
second_hub() {
  bare_hub serve --data "$hub_folder" --port-mqtt 0 --port-https 0 --port-web 0
  ends 69 "another hub uses $hub_folder"
  hub device list
  ends 0
}
check '--help lists the exit codes' help_has_codes
check 'every command has --help' help_of_each
check 'without a hub it says how to start one' no_hub_left
check 'a folder is one hub'"'"'s at a time' second_hub
check 'an unusable connection string' bad_connection_string
check 'nobody listens' nobody_listens
check 'a hub with another CA is not trusted' other_authority
check 'a CA file that is not there' no_authority
check 'a hub of another name is not trusted' other_name
check 'a wrong key' wrong_key
check 'the connection string in the environment' by_environment

# ---- device -------------------------------------------------------------------------------------------------------------------

create() {
  ends 0
  grep -qxE 'HostName=localhost;DeviceId=dev1;SharedAccessKey=[A-Za-z0-9+/]{43}=' "$folder/out"
}
create_twice() { hub device create dev1; ends 77 'dev1 is registered already'; }
create_bad() { hub device create 'a b'; ends 64 'identifier'; }
create_keys() {
  hub device create keys --primary-key "$key" --json
  ends 0
  what_is authentication.symmetricKey.primaryKey "$key"
  hub device create short --primary-key c2hvcnQ=
  ends 77 '16 to 64 bytes'
}
create_thumbprint() {
  local thumbprint
  thumbprint=$(openssl x509 -in "$ca" -noout -fingerprint -sha256 | sed 's/.*=//')
  hub device create x509 --x509-thumbprint "$thumbprint"
  ends 0
  is 'HostName=localhost;DeviceId=x509;x509=true'
  hub device show x509 --json
  what_is authentication.x509Thumbprint.primaryThumbprint "${thumbprint//:/}"
  hub device create both --x509-thumbprint "$thumbprint" --x509-ca
  ends 64 'one of the three'
}
create_ca() { hub device create ca --x509-ca --disabled --json; ends 0; what_is authentication.type certificateAuthority; what_is status disabled; }
create_module() {
  hub device create dev1 --module 'm+1'
  ends 0
  grep -qxE 'HostName=localhost;DeviceId=dev1;ModuleId=m\+1;SharedAccessKey=[A-Za-z0-9+/]{43}=' "$folder/out"
  hub device create none --module m
  ends 77 'none is not registered'
}
list() {
  hub device list
  ends 0
  diff <(cut -f1,2,4 "$folder/out") <(printf '%s\t%s\t%s\n' ca disabled certificateAuthority dev1 enabled sas \
    device-1 enabled sas keys enabled sas x509 enabled selfSigned)
}
list_of_many() {
  python3 -c 'import json
print(json.dumps([{"id": f"many{index:04}", "importMode": "create"} for index in range(100)]))' >"$folder/many"
  local round
  for round in {0..10}; do
    sed "s/many/many$round-/g" "$folder/many" >"$folder/body"
    rest POST /devices --data-binary "@$folder/body"
  done
  hub device list
  [ "$(wc -l <"$folder/out")" -eq 1105 ]
  [ "$(sort -u "$folder/out" | wc -l)" -eq 1105 ]
  for round in {0..10}; do
    sed "s/many/many$round-/g; s/create/delete/g" "$folder/many" >"$folder/body"
    rest POST /devices --data-binary "@$folder/body"
  done
}
show() {
  hub device show dev1
  ends 0
  says "connection string   $own"
  says 'has module          m+1'
  hub device show none
  ends 77 'none is not registered'
}
# rest METHOD PATH [OPTION…]: the API by curl, which is nothing of ours; the answer is $folder/out.
rest() {
  local token
  token=$(service_token)
  curl --silent --show-error --fail-with-body --cacert "$ca" --request "$1" --header "Authorization: $token" "${@:3}" \
    "https://localhost:$https_port$2" >"$folder/out"
}
service_token() {
  python3 - "$hub_folder/service-connection-string" <<'PYTHON'
import base64, hashlib, hmac, sys, time, urllib.parse
fields = dict(field.split("=", 1) for field in open(sys.argv[1]).read().strip().split(";"))
resource, expiry = urllib.parse.quote(fields["HostName"], safe=""), int(time.time()) + 600
digest = hmac.new(base64.b64decode(fields["SharedAccessKey"]), f"{resource}\n{expiry}".encode(), hashlib.sha256).digest()
print(f"SharedAccessSignature sr={resource}&sig={urllib.parse.quote(base64.b64encode(digest), safe='')}&se={expiry}&skn=iothubowner")
PYTHON
}
hub device create dev1
own=$(cat "$folder/out")
check 'device create prints a connection string' create
check 'device create: registered already' create_twice
check 'device create: an identifier that is none' create_bad
check 'device create with a key' create_keys
check 'device create with a thumbprint, as openssl prints it' create_thumbprint
check 'device create with a CA, disabled' create_ca
check 'device create of a module' create_module
check 'device list' list
check 'device list of more than one page' list_of_many
check 'device show' show

# ---- Telemetry and monitor ------------------------------------------------------------------------------------------------------

at=(--endpoint "localhost:$mqtt_port" --ca-file "$ca")
# watch NAME OPTION…: begins to monitor, into $folder/NAME; returns when the hub has it as a reader. $watcher is its process.
watch() {
  if [ -f "$folder/watcher" ]; then kill "$(cat "$folder/watcher")" 2>/dev/null || true; fi
  await 20 readers_are 0 || fail 'an earlier monitor does not go'
  "$MOTE_HUB" monitor --data "$hub_folder" "${@:2}" >"$folder/$1" 2>>"$folder/everything" &
  watcher=$!
  echo "$watcher" >"$folder/watcher"
  await 20 readers_are 1 || fail 'monitor does not connect'
}
readers_are() { rest GET /emulator/status && what_is readers "$1"; }
watched() { wait "$watcher"; }

telemetry_json() {
  watch events --json --kind telemetry --count 1
  mote send --payload '{"t":21.5}' "${at[@]}" --property site=roof --property 'odd name=ä&=' --content-type application/json
  ends 0
  watched
  cp "$folder/events" "$folder/out"
  what_is kind telemetry
  what_is device dev1
  what_is body '{"t":21.5}'
  what_is systemProperties.contentType application/json
  python3 -c 'import json, sys
assert json.load(open(sys.argv[1]))["properties"] == {"site": "roof", "odd name": "ä&="}' "$folder/events"
}
telemetry_text() {
  watch events --count 3 --device dev1
  printf 'a\033[31mb\xe2\x80\xae' | mote send - "${at[@]}" --property 'site=roof'
  ends 0
  watched
  grep -qF ' dev1 connected mqtt' "$folder/events"
  grep -qF ' dev1 telemetry a\u{1b}[31mb\u{202e} site=roof' "$folder/events"
}
binary_telemetry() {
  watch events --json --kind telemetry --count 1
  printf '\xff\x00' >"$folder/bytes"
  mote send --file "$folder/bytes" "${at[@]}"
  ends 0
  watched
  grep -qF '"bodyBase64":"/wA="' "$folder/events"
}
bad_kind() { hub monitor --kind nothing; ends 64 'there are: telemetry'; }
monitor_ends_with_the_hub() {
  serve brief
  MOTE_HUB_CONNECTION_STRING=$(cat "$hub_folder/service-connection-string") "$MOTE_HUB" monitor --ca-file "$ca" \
    >"$folder/out" 2>"$folder/err" &
  local monitor=$!
  await 20 readers_are 1
  kill "$hub"
  code=0
  wait "$monitor" || code=$?
  ends 75 'closed the connection'
}
check 'monitor --json: telemetry with its properties' telemetry_json
check 'monitor: text that does nothing to the terminal' telemetry_text
check 'monitor: what is not text' binary_telemetry
check 'monitor --kind of nothing' bad_kind
check 'monitor ends when the hub does' monitor_ends_with_the_hub

# ---- send -----------------------------------------------------------------------------------------------------------------------

send_and_listen() {
  hub send dev1 'höre' --property color=red --property none --message-id m1 --content-type text/plain --ack full --expiry 60
  ends 0
  local number
  number=$(cat "$folder/out")
  printf '\xff\x00' | hub send dev1 -
  ends 0
  [ "$(cat "$folder/out")" -gt "$number" ]
  mote listen "${at[@]}" --count 2 --json
  ends 0
  python3 -c 'import json, sys
first, second = [json.loads(line) for line in open(sys.argv[1])]
assert first["payload"] == "höre", first
assert first["properties"]["color"] == "red" and first["properties"]["none"] is None and first["properties"]["$.mid"] == "m1", first
assert second["payloadBase64"] == "/wA=", second' "$folder/out"
  await 10 nothing_waits
}
nothing_waits() { hub device show dev1 --json && what_is cloudToDeviceMessageCount 0; }
send_refused() {
  hub send none hello
  ends 77 'none is not registered'
  hub send dev1 hello --ack some
  ends 64 --ack
  hub send dev1 hello --expiry 0
  ends 64 --expiry
  hub send dev1 hello --property a=1 --property a=2
  ends 64 'given once'
  hub send dev1 hello --property '$.mid=1'
  ends 77 'no name of an application'
  head -c 65537 /dev/zero | hub send dev1 -
  ends 77 '65536'
}
send_fills_the_queue() {
  local index
  for index in {1..50}; do rest POST /emulator/devices/keys/messages --data '{"body":"x"}'; done
  hub send keys more
  ends 77 'the most that there may be'
  rest DELETE /devices/keys/commands
  what_is totalMessagesPurged 50
}
check 'send: what mote listen gets' send_and_listen
check 'send: what is refused' send_refused
check 'send: a queue of fifty is full' send_fills_the_queue

# ---- invoke and twin, with a device over paho-mqtt -------------------------------------------------------------------------------

python_with paho-mqtt
# with_device: a device that answers the method `echo` and prints what it hears of its twin.
with_device() {
  rm -f "$folder/heard"
  PYTHONPATH=Tests/Conformance "$python" -c 'import sys
from hub_device import Device
device = Device("localhost", int(sys.argv[1]), sys.argv[2], sys.argv[3], "keys",
    answer=lambda name, payload: (200, payload) if name == "echo" else (404, "\"no such method\""))
print("ready", flush=True)
while True:
    topic, payload = device.heard.get()
    print(topic.rsplit("/", 1)[0], payload.decode(), flush=True)' "$mqtt_port" "$ca" "$key" >"$folder/heard" 2>&1 &
  children+=($!)
  await 20 grep -q ready "$folder/heard" || fail "the device does not connect: $(cat "$folder/heard")"
}
invoke_offline() { hub invoke keys echo; ends 77 'keys is not connected'; }
invoke_waits() {
  ends 0
  is '{"status":200,"payload":[1]}'
}
invoke() { hub invoke keys echo '{"x":[1,"é",null]}'; ends 0; is '{"status":200,"payload":{"x":[1,"é",null]}}'; }
invoke_status() { hub invoke keys other; ends 0; is '{"status":404,"payload":"no such method"}'; }
invoke_refused() {
  hub invoke keys 'a/b'
  ends 77 'printable ASCII'
  hub invoke keys echo '{'
  ends 64 payload
  hub invoke keys echo --timeout 4
  ends 64 --timeout
}
twin_update() {
  hub twin update keys --desired '{"interval":30,"gone":1}' --tags '{"site":"roof"}'
  ends 0
  hub twin update keys --desired '{"gone":null}'
  await 10 grep -qxF '$iothub/twin/PATCH/properties/desired {"gone":null,"$version":3}' "$folder/heard"
  hub twin show keys
  ends 0
  diff "$folder/out" - <<'JSON'
{
  "tags": {
    "site": "roof"
  },
  "desired": {
    "interval": 30,
    "$version": 3
  },
  "reported": {
    "$version": 1
  }
}
JSON
}
twin_replace() {
  hub twin update keys --desired '{"new":true}' --replace --json
  ends 0
  what_is properties.desired.new true
  ! member properties.desired.interval 2>/dev/null
  what_is tags.site roof
}
twin_refused() {
  hub twin update keys
  ends 64 'nothing to change'
  hub twin update keys --desired '{'
  ends 64 --desired
  hub twin update keys --desired '[]'
  ends 77 'not a JSON object'
  hub twin update keys --desired '{"a.b":1}'
  ends 77 'U+2E'
  hub twin update keys --tags '{}' --if-match old
  ends 77 'somebody else'
  hub twin show none
  ends 77 'none is not registered'
}
check 'invoke: a device that is not there' invoke_offline
"$MOTE_HUB" invoke keys echo '[1]' --connect-timeout 60 --data "$hub_folder" >"$folder/out" 2>"$folder/err" &
call=$!
children+=("$call")
with_device
code=0
wait "$call" || code=$?
check 'invoke --connect-timeout waits for the device' invoke_waits
check 'invoke' invoke
check "invoke: the device's own status" invoke_status
check 'invoke: what is refused' invoke_refused
check 'twin update tells the device, and twin show shows it' twin_update
check 'twin update --replace' twin_replace
check 'twin update: what is refused' twin_refused

# ---- fault, disable, delete ------------------------------------------------------------------------------------------------------

fault_drop() {
  watch events --kind disconnected --count 1 --device keys
  hub fault drop --device keys
  ends 0
  is_empty out
  watched
  grep -qF 'keys disconnected a fault: drop' "$folder/events"
}
is_empty() { [ ! -s "$folder/$1" ]; }
fault_refuse() {
  hub fault refuse --code 3 --device dev1 --count 1 --json
  ends 0
  what_is code 3
  mote send --payload hello "${at[@]}" --verbose
  grep -qE 'unavailable|code 3' "$folder/err"
}
fault_list_and_clear() {
  hub fault clear
  ends 0
  hub fault throttle --device dev1
  local number
  number=$(cat "$folder/out")
  hub fault lose-pubacks --count 5
  hub fault list --json
  [ "$(grep -o '"kind"' "$folder/out" | wc -l)" -eq 2 ]
  hub fault clear "$number"
  hub fault list
  says '"kind":"losePubacks"'
  ! says '"kind":"throttle"' >/dev/null
  hub fault clear "$number"
  ends 77 'no such fault'
  hub fault clear
  hub fault list
  is_empty out
}
fault_refused() {
  hub fault refuse
  ends 64 --code
  hub fault drop --code 3
  ends 64 'refuse only'
  hub fault nothing
  ends 64 nothing
  hub fault refuse --code 9
  ends 77 'from 1 to 5'
}
disable() {
  hub device disable dev1 --reason 'lost it'
  ends 0
  hub device show dev1
  says 'reason              lost it'
  mote send --payload hello "${at[@]}"
  ends 77
  hub device enable dev1
  ends 0
  mote send --payload hello "${at[@]}"
  ends 0
  hub device show dev1 --json
  what_is statusReason null
}
delete() {
  hub device delete dev1 --module 'm+1'
  ends 0
  hub device show dev1 --module 'm+1'
  ends 77
  hub device delete x509
  ends 0
  hub device delete x509
  ends 77 'x509 is not registered'
}
check 'fault drop' fault_drop
check 'fault refuse' fault_refuse
check 'fault list and clear' fault_list_and_clear
check 'fault: what is refused' fault_refused
check 'device disable and enable' disable
check 'device delete' delete

# ---- A kill, and what must not show --------------------------------------------------------------------------------------------------

kept() {
  hub device show last
  ends 0
  hub twin show dev1 --json
  what_is properties.desired.kept 1
  mote listen "${at[@]}" --count 1
  ends 0
  says 'kept over a kill'
}
modes() {
  local file
  for file in ca-key.pem service-connection-string hub.sqlite; do [ "$(stat -c %a "$hub_folder/$file")" = 600 ]; done
  [ "$(stat -c %a "$hub_folder")" = 700 ]
}
no_secret_shows() {
  bare_hub device list "HostName=h;SharedAccessKeyName=p;SharedAccessKey=$key"
  ends 64 '(hidden)'
  local secret
  for secret in "$key" "$(sed 's/.*SharedAccessKey=//' "$hub_folder/service-connection-string")" "${own##*SharedAccessKey=}" 'SharedAccessSignature '; do
    ! grep -F -- "$secret" "$folder/everything" "$folder/hub.log"
  done
}
hub twin update dev1 --desired '{"kept":1}'
hub send dev1 'kept over a kill'
hub device create last
kill -9 "$hub"
wait "$hub" 2>/dev/null || true
serve hub
at=(--endpoint "localhost:$mqtt_port" --ca-file "$ca")
check 'kill -9 loses nothing' kept
check 'keys are for their owner alone' modes
check 'no secret shows' no_secret_shows

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
