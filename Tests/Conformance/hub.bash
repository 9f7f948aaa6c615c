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
