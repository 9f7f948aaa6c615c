#!/usr/bin/env bash
# `mote send --outbox FILE` over HTTPS and over WebSocket against the hub emulator: what was kept before mote died leaves with its next
# run. Ends with `N passed, N failed`. MOTE=PROGRAM and MOTE_HUB=PROGRAM test other builds.
set -euo pipefail
. "$(dirname "$0")/mote.bash"
. Tests/Conformance/hub.bash

serve hub
own=$(value_of deviceConnectionString <"$folder/hub.json")
device=$(sed 's/.*DeviceId=\([^;]*\).*/\1/' <<<"$own")
watch_events
# Nothing listens here.
closed=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# arrived: the payloads that the hub has got over this way behind the $since first events, a line each.
arrived() { tail -n "+$((since + 1))" "$folder/events" | grep -o "\"body\":\"$way [a-z0-9 ]*\"" | sed "s/.*\"$way \(.*\)\"/\1/"; }
has_arrived() { [ "$(arrived | grep -c .)" -ge "$1" ]; }
# dies_when CONDITION… -- ARGUMENT…: runs mote, and kills it as soon as the condition holds.
dies_when() {
  local condition=() process
  while [ "$1" != -- ]; do condition+=("$1") && shift; done
  MOTE_CONNECTION_STRING=$own "$MOTE" send "${@:2}" >"$folder/out" 2>"$folder/err" &
  process=$!
  await 20 "${condition[@]}" || echo "never: ${condition[*]}"
  kill -KILL "$process"
  code=0
  { wait "$process" || code=$?; } 2>/dev/null
  cat "$folder/err" >>"$folder/everything"
  [ "$code" -eq 137 ]
}

# There is no hub when they are given, and mote dies twice before there is one.
before() {
  local nowhere=("--$way" --endpoint "localhost:$closed" --ca-file "$ca" --outbox "$folder/$way.early")
  dies_when grep -q 'Trying again' "$folder/err" -- "${nowhere[@]}" --payload "$way first" --property a=b
  dies_when grep -q 'Trying again' "$folder/err" -- "${nowhere[@]}" --file <(printf '%s\n' "$way second" "$way third")
  ! arrived | grep .
  mote send "--$way" --endpoint "localhost:$https_port" --ca-file "$ca" --outbox "$folder/$way.early" --payload "$way fourth"
  ends 0 'An earlier run has left 3 messages'
  await 10 has_arrived 4
  diff <(arrived) <(printf '%s\n' first second third fourth)
  happened "\"body\":\"$way first\"" '"a":"b"'
}
# mote dies while they leave: what it had kept comes in order, and at most what was on its way comes twice.
midway() {
  since=$(wc -l <"$folder/events")
  sed "s/^/$way /" <(seq 2000) >"$folder/lines"
  dies_when has_arrived 54 -- "--$way" --endpoint "localhost:$https_port" --ca-file "$ca" --outbox "$folder/$way.mid" --file "$folder/lines"
  mote send "--$way" --endpoint "localhost:$https_port" --ca-file "$ca" --outbox "$folder/$way.mid" --payload "$way last"
  ends 0 'An earlier run has left'
  await 10 grep -qF "\"body\":\"$way last\"" "$folder/events"
  arrived >"$folder/numbers"
  local most
  most=$(grep -v last "$folder/numbers" | sort -n | tail -1)
  [ "$most" -ge 50 ] && [ "$most" -lt 2000 ] || { echo "$most came"; return 1; }
  # Each number for the first time after all that are less.
  diff <(awk '!seen[$0]++' "$folder/numbers") <(seq "$most"; echo last)
}
# What the hub has is kept no longer.
after() {
  local count
  count=$(arrived | grep -c .)
  mote send "--$way" --endpoint "localhost:$https_port" --ca-file "$ca" --outbox "$folder/$way.mid" --payload "$way again"
  ends 0
  ! grep -q 'earlier run' "$folder/err"
  await 10 has_arrived $((count + 1))
  [ "$(arrived | tail -1)" = again ] && [ "$(arrived | grep -c .)" -eq $((count + 1)) ]
}
for way in https websocket; do
  since=0
  check "mote send --$way: what was kept without a hub leaves with the next run" before
  check "mote send --$way: killed while messages leave" midway
  check "mote send --$way: what the hub has is not sent again" after
done

no_secret() { ! grep -aE 'sig=|SharedAccessSignature' "$folder/everything"; }
check 'no output had a token' no_secret

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
