# Sourced by the tests of the hub emulator, after mote.bash or once there is a $folder: the program, and a hub that runs.
# MOTE_HUB=PROGRAM tests another build.
if [ -z "${MOTE_HUB:-}" ]; then
  swift build "${swift_flags[@]}" --product mote-hub >"$folder/build.log" 2>&1 ||
    { cat "$folder/build.log"; fail 'mote-hub could not be built'; }
  MOTE_HUB=$(swift build "${swift_flags[@]}" --show-bin-path)/mote-hub
fi
unset MOTE_HUB_CONNECTION_STRING

# serve NAME [OPTION…]: starts a hub on free ports and waits until it listens. What it keeps is in $folder/NAME, its log in
# $folder/NAME.log. $hub is its process; $mqtt_port, $https_port and $web_port its ports; $hub_folder and $ca its files.
serve() {
  hub_folder=$folder/$1
  local log=$hub_folder.log greeting=$hub_folder.json
  shift
  rm -f "$greeting"
  "$MOTE_HUB" serve --data "$hub_folder" --port-mqtt 0 --port-https 0 --port-web 0 "$@" --json >"$greeting" 2>"$log" &
  hub=$!
  children+=("$hub")
  await 20 grep -q '^{' "$greeting" || fail "mote-hub does not start: $(cat "$log")"
  mqtt_port=$(value_of ports.mqtt <"$greeting") https_port=$(value_of ports.https <"$greeting")
  web_port=$(value_of ports.web <"$greeting") ca=$(value_of caFile <"$greeting")
}

# value_of PATH: a member of the JSON on standard input, named by the members' names with dots between; text without its
# quotation marks.
value_of() {
  python3 -c 'import functools, json, sys
value = functools.reduce(lambda value, name: value[name], sys.argv[1].split("."), json.load(sys.stdin))
print(value if isinstance(value, str) else json.dumps(value))' "$1"
}

# hub COMMAND…: one of mote-hub's commands, at this hub.
hub() { "$MOTE_HUB" "$@" --data "$hub_folder"; }

# Keeps the events of the hub as they come in $folder/events, a line of JSON each. $device is a device's identifier.
watch_events() {
  hub monitor --json >"$folder/events" 2>"$folder/monitor.err" &
  children+=("$!")
  await 20 watching || fail "mote-hub monitor prints nothing: $(cat "$folder/monitor.err")"
}
# Whether an event has come that was caused here, so that no later one is missed.
watching() {
  hub twin update "$device" --tags "{\"probe\":$RANDOM}" >/dev/null 2>&1
  [ -s "$folder/events" ]
}

# happened TEXT…: an event with each text comes in time.
happened() {
  await 20 with_all "$@" || { echo "no event with: $*"; tail -5 "$folder/events"; return 1; }
}
with_all() {
  local text
  cp "$folder/events" "$folder/found"
  for text in "$@"; do
    grep -F -- "$text" "$folder/found" >"$folder/less" || return 1
    mv "$folder/less" "$folder/found"
  done
}
