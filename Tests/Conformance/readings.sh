#!/usr/bin/env bash
# The example `readings`, under AddressSanitizer: its readings and messages with mosquitto over TLS, how it ends, what it
# keeps when it is killed, and what it says of a wrong configuration. And the systemd unit that starts it on a board.
set -euo pipefail
. "$(dirname "$0")/programs.bash"

authority ca
certificate ca server
mapfile -t lines < <(over_tls ca server)
broker hub "${lines[@]}"
peers=(-h localhost -p "$port" --cafile "$folder/ca.pem" -q 1)
mosquitto_sub "${peers[@]}" -i hub -t 'devices/+/messages/events/#' -F '%t %q %p' >>"$folder/telemetry" &
children+=($!)
await 10 grep -q 'Sending SUBACK to hub' "$folder/hub.log" || fail 'mosquitto_sub does not subscribe'

library host
program=$(Embedded/scripts/example host readings -g -fsanitize=address,undefined -fno-sanitize-recover=all)
key=$(printf 'the secret of a throw-away device' | base64)
for device in roof cellar; do echo "HostName=hub.example;DeviceId=$device;SharedAccessKey=$key" >"$folder/$device"; done
here=(localhost "$port" "$folder/ca.pem")
nowhere=(localhost 1 "$folder/ca.pem")

logged() { grep -q "$1" "$folder/hub.log"; }
says() { grep -qF "$1" "$folder/out"; }
count_is_at_least() { [ "$(grep -c "^devices/$2/" "$folder/telemetry")" -ge "$1" ]; }

# start DEVICE JOURNAL SECONDS ENDPOINT…: begins the service; its process is $service.
start() {
  : >"$folder/out" # what the one before said is not this one's
  "$program" "$folder/$1" "$folder/$2" "${@:3}" >"$folder/out" 2>"$folder/err" &
  service=$!
  children+=("$service")
}
# ends CODE [TEXT]: whether the service ended so, and said that.
ends() {
  local status=0
  wait "$service" || status=$?
  [ "$status" -eq "$1" ] || { echo "ended with $status, not $1"; return 1; }
  [ $# -eq 1 ] || cat "$folder/out" "$folder/err" | grep -F -- "$2" || return 1
  cat "$folder/out" "$folder/err" >>"$folder/everything"
}
# `check` has a shell of its own, in which the service is no child: `ended` waits for it, and `check … well` looks.
ended() { ends "$@" >"$folder/ended" 2>&1 && as_told=yes || as_told=no; }
well() { cat "$folder/ended"; [ "$as_told" = yes ]; }

# ---- With a hub ------------------------------------------------------------------------------------------------------

start roof roof.journal 1 "${here[@]}"
readings() {
  await 30 count_is_at_least 3 roof
  sed 's/^[^ ]* 1 //' "$folder/telemetry" | python3 -c 'import json, sys
for line in sys.stdin:
  r = json.loads(line)
  assert r["time"].endswith("Z") and r["load1"] >= 0 and r["memoryAvailableKiB"] > 0 and r["uptimeSeconds"] > 0, r'
  grep -q '^devices/roof/messages/events/%24.ct=application%2Fjson&%24.ce=utf-8 1 ' "$folder/telemetry"
}
check 'its readings come, one a second' readings
await 10 logged 'Sending SUBACK to roof' || fail 'it does not subscribe'
mosquitto_pub "${peers[@]}" -t 'devices/roof/messages/devicebound/%24.mid=m1' -m '{"light":"on"}'
check 'it prints a message' await 10 says 'message: {"light":"on"}'
check 'it acknowledges a message' await 10 logged 'Received PUBACK from roof'
start roof roof.journal 1 "${here[@]}"
ended 78 'another process has it open'
check 'two of them do not share a journal' well
service=${children[-2]}
kill -TERM "$service"
ended 0
check 'SIGTERM: it ends well' well
check 'SIGTERM: it took its leave' await 10 logged 'Received DISCONNECT from roof'

# ---- Without one -----------------------------------------------------------------------------------------------------

start cellar cellar.journal 1 "${nowhere[@]}"
await 20 says disconnected || fail 'it does not say that nobody listens'
kill -TERM "$service"
ended 0
check 'SIGTERM without a connection: it ends well' well

start cellar cellar.journal 1 "${nowhere[@]}"
check 'what has not left is there again' await 20 says 'readings from before'
await 20 says disconnected || fail 'it does not say that nobody listens'
kill -KILL "$service"
ended 137
check 'killed' well
kept=$(sed -n 's/ readings from before//p' "$folder/out")
start cellar cellar.journal 3600 "${here[@]}"
check 'and after it was killed' await 20 says 'readings from before'
restored=$(sed -n 's/ readings from before//p' "$folder/out")
check 'none of them is lost' test "$restored" -gt "$kept"
check 'the hub has them all' await 20 count_is_at_least "$((restored + 1))" cellar
kill -TERM "$service"
ended 0
check 'it ends well' well

# ---- A wrong configuration -------------------------------------------------------------------------------------------

# refused CODE TEXT ARGUMENT…
refused() {
  local status=0
  "$program" "${@:3}" >"$folder/out" 2>"$folder/err" || status=$?
  [ "$status" -eq "$1" ] || { echo "ended with $status, not $1"; return 1; }
  cat "$folder/out" "$folder/err" >>"$folder/everything"
  grep -F -- "$2" "$folder/err"
}
: >"$folder/empty"
head -c 2000 /dev/zero | tr '\0' x >"$folder/long"
echo 'HostName=h;DeviceId=d' >"$folder/keyless"
check 'refused: no arguments' refused 64 usage:
check 'refused: no time between two readings' refused 64 usage: "$folder/roof" "$folder/journal" 0
check 'refused: a secret that is not there' refused 78 'No such file' "$folder/none" "$folder/journal"
check 'refused: an empty secret' refused 78 empty "$folder/empty" "$folder/journal"
check 'refused: a secret that is too long' refused 78 'too long' "$folder/long" "$folder/journal"
check 'refused: a connection string without a key' refused 78 'SharedAccessKey' "$folder/keyless" "$folder/journal"
check 'refused: a journal nowhere' refused 78 'storage' "$folder/roof" "$folder/none/journal"
check "refused: another device's journal" refused 78 'journal' "$folder/roof" "$folder/cellar.journal"
check 'refused: no certificates' refused 78 TLS "$folder/roof" "$folder/journal" 1 localhost "$port" "$folder/empty"
no_secret() { [ -s "$folder/everything" ] && ! grep -F "${key:0:12}" "$folder/everything"; }
check 'no output had the key' no_secret

# ---- The unit --------------------------------------------------------------------------------------------------------

unit=boards/raspberry-pi-zero/mote-readings.service
# In a root of its own, where the program is and everything that the unit names.
verify() {
  local root=$folder/root
  mkdir -p "$root"/{etc/systemd/system,usr/lib/systemd/system,usr/local/bin}
  cp "$unit" "$root/etc/systemd/system"
  cp "$program" "$root/usr/local/bin/readings"
  cp /usr/lib/systemd/system/*.target "$root/usr/lib/systemd/system"
  systemd-analyze verify --root="$root" "$(basename "$unit")" 2>&1 | tee "$folder/verified"
  [ ! -s "$folder/verified" ]
}
if command -v systemd-analyze >/dev/null; then check 'systemd takes the unit' verify; fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
