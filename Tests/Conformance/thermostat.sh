#!/usr/bin/env bash
# The example `thermostat`, under AddressSanitizer, with the hub emulator: what it is told and what it answers, a twin sixty times its
# receive buffer, what changed while it was away. Ends with `N passed, N failed`. MOTE_HUB=PROGRAM tests another build.
set -euo pipefail
. "$(dirname "$0")/programs.bash"
. Tests/Conformance/hub.bash

library host
program=$(Embedded/scripts/example host thermostat -g -fsanitize=address,undefined -fno-sanitize-recover=all)
serve hub --device room
string=$(value_of deviceConnectionString <"$hub_folder.json")
hub() { "$MOTE_HUB" "$1" "${@:2}" --data "$hub_folder"; }

# thermostat PORT: starts it; its process is $device.
thermostat() {
  "$program" "$string" localhost "$1" "$ca" 100 >>"$folder/out" 2>"$folder/err" &
  device=$!
  children+=("$device")
}
says() { grep -qF -- "$1" "$folder/out"; }
is() { [ "$(hub twin show room --json | value_of "$1" 2>/dev/null)" = "$2" ]; }
# set_target JSON: the target as desired property.
set_target() { hub twin update room --desired "{\"targetTemperature\":$1}"; }

# The room is at most as warm as it has been: what maxTempSinceLastReboot says.
has_report() {
  hub invoke room getMaxMinReport | python3 -c 'import json, sys
answer = json.load(sys.stdin)
payload = answer["payload"]
assert answer["status"] == 200, answer
assert 18 <= payload["minTemp"] <= payload["avgTemp"] <= payload["maxTemp"] <= 30, payload
assert payload["startTime"] <= payload["endTime"], payload'
}

hub monitor --kind telemetry --count 3 >"$folder/telemetry" 2>&1 &
children+=($!)
thermostat "$mqtt_port"
has_telemetry() { [ "$(wc -l <"$folder/telemetry")" -eq 3 ]; }
check 'its temperature comes' await 20 has_telemetry
check 'with what it is' grep -qE 'room telemetry \{"temperature":[0-9.]+\} contentType=application/json' "$folder/telemetry"
check 'it reports its own target first' await 20 is properties.reported.targetTemperature \
  '{"value": 21.0, "ac": 203, "av": 0, "ad": "initial"}'
check 'its model is known' is modelId 'dtmi:com:example:Thermostat;1'

check 'a target is set' set_target 23.5
check 'and acknowledged' await 20 is properties.reported.targetTemperature '{"value": 23.5, "ac": 200, "av": 2, "ad": "set"}'
check 'one that is too warm' set_target 99
check 'is refused, and the old one kept' await 20 is properties.reported.targetTemperature \
  '{"value": 23.5, "ac": 400, "av": 3, "ad": "5 to 30 degrees"}'
check 'one that is no number' set_target '{"t":[20]}'
check 'is refused' await 20 is properties.reported.targetTemperature.av 4
check 'one that is gone, which is none' set_target null
check 'and the next is taken' set_target 19.25
check 'and acknowledged, version 6' await 20 is properties.reported.targetTemperature \
  '{"value": 19.25, "ac": 200, "av": 6, "ad": "set"}'

check 'getMaxMinReport is answered' has_report
answers() { hub invoke room "$1" | grep -qE "\"status\": ?$2"; }
check 'another method is not known' answers explode 404
check 'nor one of a component' answers 'heater*getMaxMinReport' 404

# ---- Larger than the receive buffer --------------------------------------------------------------------------------

# Desired and reported properties of nearly 32 KiB each, where the receive buffer has 1 KiB.
python3 -c 'import json
print(json.dumps({"filling": {f"name{i:02}": "\u00e9\"x" * 500 for i in range(12)}, "targetTemperature": 22}))' >"$folder/large"
check 'a desired patch of 24 KiB' hub twin update room --desired "$(cat "$folder/large")"
check 'is read to its end' await 20 is properties.reported.targetTemperature '{"value": 22.0, "ac": 200, "av": 7, "ad": "set"}'

# ---- While it was away ---------------------------------------------------------------------------------------------

kill -TERM "$device"
status=0
wait "$device" || status=$?
check 'it takes its leave' [ "$status" -eq 0 ]
check 'a target that it does not hear of' set_target 25
thermostat "$mqtt_port"
check 'is set when it comes back, from a twin of 24 KiB' await 20 is properties.reported.targetTemperature \
  '{"value": 25.0, "ac": 200, "av": 8, "ad": "set"}'

check 'its connection is dropped' hub fault drop --device room
check 'it comes back' await 20 says 'disconnected: '
check 'and takes a target again' set_target 20
check 'and acknowledges it' await 20 is properties.reported.targetTemperature '{"value": 20.0, "ac": 200, "av": 9, "ad": "set"}'
check 'the hub is too busy for twins for a while' hub fault throttle --count 2
check 'a target then' set_target 21
check 'is acknowledged all the same' await 30 is properties.reported.targetTemperature '{"value": 21.0, "ac": 200, "av": 10, "ad": "set"}'
check 'getMaxMinReport is answered still' has_report

kill -TERM "$device"
status=0
wait "$device" || status=$?
check 'it ends as asked' [ "$status" -eq 0 ]
check 'nothing on standard error' [ ! -s "$folder/err" ]
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
