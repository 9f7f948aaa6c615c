#!/usr/bin/env bash
# Bad input to every listener of the hub emulator (hub_attack_mqtt.py, _http.py, _files.py, _proxy.py, _websocket.py). While each attack holds its
# connections and after it, a device and the service side are served, and the hub has not grown beyond a bound. At the end
# the log has no secret and no line that an attacker has written. Ends with `N passed, N failed`.
#
#   hub_attack.sh [KIND/ATTACK…]    only these; MOTE=PROGRAM and MOTE_HUB=PROGRAM test other builds
set -euo pipefail
. "$(dirname "$0")/mote.bash"
. Tests/Conformance/hub.bash
export PYTHONDONTWRITEBYTECODE=1

# Most that the hub may have in memory at any time, in KiB.
bound=$((192 * 1024))

start() {
  serve hub --log-level debug --port-proxy 0
  own=$(value_of deviceConnectionString <"$folder/hub.json")
}
# The most that the hub has had in memory, in KiB.
peak() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$hub/status" 2>/dev/null || echo 0; }

served() {
  MOTE_CONNECTION_STRING=$own timeout 60 "$MOTE" send --endpoint "localhost:$mqtt_port" --ca-file "$ca" --payload x
  MOTE_CONNECTION_STRING=$own timeout 60 "$MOTE" send --endpoint "localhost:$mqtt_port" --ca-file "$ca" --payload x \
    --proxy "http://localhost:$(value_of ports.proxy <"$folder/hub.json")"
  timeout 60 "$MOTE_HUB" device list --data "$hub_folder" >"$folder/out" 2>"$folder/err"
  grep -q '^device-1' "$folder/out"
  curl -sS --max-time 60 --fail "http://localhost:$web_port/" >"$folder/page"
}

withstands() {
  local line=
  coproc attacker { exec python3 Tests/Conformance/hub_attack.py "$1" "$2" "$folder/hub.json" "$hub_folder" 2>"$folder/attacker.err"; }
  local process=$attacker_PID output=${attacker[0]} input=${attacker[1]}
  read -r -t 300 line <&"$output" || true
  if [ "$line" != holding ]; then
    cat "$folder/attacker.err"
    kill "$process" 2>/dev/null || true
    return 1
  fi
  served
  exec {input}>&-
  wait "$process"
  served
  [ "$(peak)" -le "$bound" ] || { echo "the hub has had $(peak) KiB"; return 1; }
}

if [ $# -eq 0 ]; then
  for kind in mqtt http files proxy websocket; do
    for name in $(python3 Tests/Conformance/hub_attack.py $kind); do set -- "$@" "$kind/$name"; done
  done
fi
ends_well() {
  kill "$hub"
  unset 'children[-1]'
  wait "$hub"
}
for attack in "$@"; do
  start
  seconds=$SECONDS
  check "$attack" withstands "${attack%/*}" "${attack#*/}"
  echo "       $((SECONDS - seconds)) s; at most $(($(peak) / 1024)) MiB"
  cat "$folder/hub.log" >>"$folder/log"
  ends_well || { echo "FAILED the hub has ended with $?"; failed=$((failed + 1)); tail -5 "$folder/hub.log"; }
done

no_secret() {
  local key
  for key in "$own" "$(cat "$hub_folder/service-connection-string")"; do
    if grep -F -e "$(sed 's/.*SharedAccessKey=//' <<<"$key")" "$folder/log"; then return 1; fi
  done
  if grep -E 'SharedAccess|sig=' "$folder/log"; then return 1; fi
}
no_forgery() { if LC_ALL=C grep -avE '^[0-9T:.+-]+ (debug|info|notice|warning|error) mote-hub[ -~]*$' "$folder/log" | head -5 | cut -c 1-200 | grep .; then return 1; fi; }
check 'the log has no secret' no_secret
check 'the log has no line that an attacker has written' no_forgery

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
