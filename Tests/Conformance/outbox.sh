#!/usr/bin/env bash
# `mote send --outbox FILE` against mosquitto over TLS: what is kept while there is no hub, over the end of mote and over its
# sudden death. Ends with `N passed, N failed`.
set -euo pipefail
. "$(dirname "$0")/mote.bash"

authority ca
certificate ca server
mapfile -t lines < <(over_tls ca server)
broker hub "${lines[@]}"
at=(--endpoint "localhost:$port" --ca-file "$folder/ca.pem")
mosquitto_sub -h localhost -p "$port" --cafile "$folder/ca.pem" -q 1 -t 'devices/+/messages/events/#' -F '%p' \
  >>"$folder/telemetry" 2>&1 &
children+=("$!")
await 10 grep -q 'Received SUBSCRIBE' "$folder/hub.log" || fail 'mosquitto_sub cannot subscribe'

# Nothing listens here.
broker closed "${lines[@]}"
kill "$broker"
nowhere=(--endpoint "localhost:$port" --ca-file "$folder/ca.pem")
outbox=$folder/outbox

telemetry_is() { diff <(cat) "$folder/telemetry"; }

# until_said SIGNAL TEXT ARGUMENT…: runs mote, and ends it with the signal once it has said so on standard error.
until_said() {
  local signal=$1 text=$2 process
  code=0
  MOTE_CONNECTION_STRING=$own "$MOTE" "${@:3}" >"$folder/out" 2>"$folder/err" &
  process=$!
  await 20 grep -qF -- "$text" "$folder/err" || echo "did not say: $text"
  kill "-$signal" "$process"
  { wait "$process" || code=$?; } 2>/dev/null
  cat "$folder/err" >>"$folder/everything"
}

offline() {
  until_said TERM 'Trying again in' send "${nowhere[@]}" --outbox "$outbox" --payload first --property a=b
  ends 143 '1 message not acknowledged: kept for the next run'
  [ "$(stat -c %a "$outbox")" = 600 ]
}
offline_again() {
  until_said KILL 'Trying again in' send "${nowhere[@]}" --outbox "$outbox" --file <(printf 'second\nthird\n')
  ends 137 'An earlier run has left 1 message'
}
online() {
  mote send "${at[@]}" --outbox "$outbox" --payload fourth
  ends 0 'An earlier run has left 3 messages'
  printf '%s\n' first second third fourth | telemetry_is
}
emptied() {
  : >"$folder/telemetry"
  mote send "${at[@]}" --outbox "$outbox" --payload fifth
  ends 0
  ! grep -q 'earlier run' "$folder/err"
  echo fifth | telemetry_is
}
many() {
  : >"$folder/telemetry"
  mote send "${at[@]}" --outbox "$outbox" --file <(seq 300)
  ends 0
  seq 300 | telemetry_is
}
check 'without a hub, a message is kept for its owner alone' offline
check 'so it is when mote dies' offline_again
check 'the next run sends them first, in their order, once each' online
check 'what the hub has is not sent again' emptied
check 'many messages' many

# A disk that takes its time, so that the outbox cannot be full before the hub is tried.
printf '%s\n' '#include <unistd.h>' 'int fdatasync(int file) { (void)file; return usleep(4000); }' >"$folder/slow.c"
cc -shared -fPIC -o "$folder/slow.so" "$folder/slow.c"
# ended_early: whether but few of the messages had been taken.
ended_early() {
  local kept
  kept=$(sed -nE 's/.* ([0-9]+) messages? not acknowledged: kept for the next run.*/\1/p' "$folder/err" | tail -1)
  [ "${kept:-0}" -gt 0 ] && [ "$kept" -lt 2000 ] || { echo "kept: ${kept:-nothing}"; return 1; }
}
much_offline() {
  seq 100000 >"$folder/much"
  LD_PRELOAD=$folder/slow.so \
    until_said TERM 'Trying again in' send "${nowhere[@]}" --outbox "$folder/slow" --file "$folder/much"
  ends 143 'Trying again in'
  ended_early
}
check 'much input without a hub: it is tried, and a signal ends it, before all is kept' much_offline

in_use() {
  MOTE_CONNECTION_STRING=$own "$MOTE" send "${nowhere[@]}" --outbox "$outbox" --payload x 2>"$folder/first" &
  local process=$!
  await 20 grep -q 'Trying again' "$folder/first"
  mote send "${at[@]}" --outbox "$outbox" --payload y
  kill -9 "$process"
  ends 75 'is in use'
}
strange() {
  head -c 200000 /dev/urandom >"$folder/strange"
  cp "$folder/strange" "$folder/strange.copy"
  mote send "${at[@]}" --outbox "$folder/strange" --payload x
  ends 65 'cannot be used as outbox' 'remove it'
  cmp "$folder/strange" "$folder/strange.copy"
}
no_folder() { mote send "${at[@]}" --outbox "$folder/none/outbox" --payload x; ends 74 'cannot be opened'; }
large() {
  head -c 70000 /dev/zero | tr '\0' x >"$folder/large"
  mote send "${at[@]}" --outbox "$folder/fresh" --file "$folder/large"
  ends 65 'cannot be kept'
}
check 'refused: a file that another mote has open' in_use
check 'refused: a file that is no outbox, which stays as it is' strange
check 'refused: a folder that is not there' no_folder
check 'refused: a message that is too large to keep' large

no_secret() { ! grep -aE 'sig=|SharedAccessSignature' "$folder/everything"; }
check 'no output had a token' no_secret

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
