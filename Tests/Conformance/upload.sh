#!/usr/bin/env bash
# File upload against the hub emulator: `mote upload`, and the example in C with its buffer of 4 KiB, whose memory is looked at while
# 1 GiB goes up. Ends with `N passed, N failed`. MOTE=PROGRAM and MOTE_HUB=PROGRAM test other builds.
set -euo pipefail
. "$(dirname "$0")/mote.bash"
. Tests/Conformance/hub.bash

device=uploader
begins() {
  serve "$@" --device "$device"
  own=$(value_of deviceConnectionString <"$hub_folder.json")
  at=(--endpoint "localhost:$https_port" --ca-file "$ca")
}
begins hub
watch_events
upload() { mote upload "${at[@]}" "$@"; }
# same FILE NAME: the hub has this file under the name.
same() {
  hub file get "$device" "$2" -o "$folder/got"
  cmp "$1" "$folder/got"
}
# Bytes that no two places have alike, quickly made.
noise() { openssl enc -aes-128-ctr -nosalt -pass pass:mote -in /dev/zero 2>/dev/null | head -c "$1" || true; }
# uploads_ended STAGE BLOB: the hub was told that an upload of the device's finished, or failed.
uploads_ended() { happened '"kind":"upload"' "\"stage\":\"$1\"" "\"blobName\":\"$device/$2\""; }

# ---- mote ---------------------------------------------------------------------------------------------------------------

noise 30000000 >"$folder/large"
head -c 10000 "$folder/large" >"$folder/small"

as_one() {
  upload "$folder/small" --content-type text/x-log
  ends 0 "9.7 KiB" "uploaded as $device/small"
  [ ! -s "$folder/out" ]
  same "$folder/small" small
  uploads_ended finished small
}
in_blocks() {
  upload "$folder/large" --blob 'logs/ä "large" %41 file.bin'
  ends 0 '28.6 MiB'
  same "$folder/large" 'logs/ä "large" %41 file.bin'
}
of_sizes() {
  local size
  for size in 0 1 65535 65536 65537 131072 200000; do
    head -c "$size" "$folder/large" >"$folder/sized"
    upload "$folder/sized" --block-size 65536
    ends 0
    same "$folder/sized" sized
    upload - --blob piped <"$folder/sized"
    ends 0
    same "$folder/sized" piped
  done
}
# What comes slowly is waited for.
from_pipe() {
  mkfifo "$folder/pipe"
  { cat "$folder/small"; await 20 grep -q 'putting' "$folder/err"; cat "$folder/large"; } >"$folder/pipe" &
  upload - --blob slow --verbose <"$folder/pipe"
  ends 0
  same <(cat "$folder/small" "$folder/large") slow
}
replaces() {
  upload "$folder/small" --blob again
  upload "$folder/large" --blob again
  same "$folder/large" again
}
with_certificate() {
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$folder/x.key" -out "$folder/x.pem" -subj /CN=certified -days 2 2>/dev/null
  local thumbprint
  thumbprint=$(openssl x509 -in "$folder/x.pem" -noout -fingerprint -sha1 | sed 's/.*=//; s/://g')
  hub device create certified --x509-thumbprint "$thumbprint" >/dev/null
  mote_as 'HostName=localhost;DeviceId=certified;x509=true' upload "${at[@]}" --certificate "$folder/x.pem" --key "$folder/x.key" "$folder/small"
  ends 0
  hub file get certified small | cmp - "$folder/small"
}

# Somebody at a terminal sees how far it is.
bar() {
  MOTE_CONNECTION_STRING=$own script -qec "'$MOTE' upload ${at[*]} '$folder/huge' --block-size 65536 --blob bar" /dev/null >"$folder/out"
  tr '\r' '\n' <"$folder/out" | grep -qE '\[#*\.*\] [0-9]+ % of 128\.0 MiB, [0-9.]+ [KM]iB/s, [0-9]+ s left$'
}

# ---- What goes wrong ------------------------------------------------------------------------------------------------------

busy() {
  hub fault refuse-upload --status 503 --count 2 --device "$device"
  upload "$folder/large" --blob busy
  ends 0 'too busy, or out of order (status 503' 'Trying again in'
  same "$folder/large" busy
}
cut() {
  hub fault close-mid-upload --count 2 --device "$device"
  upload "$folder/large" --blob cut
  ends 0
  same "$folder/large" cut
}
# The first block is there before what lets it go there ends; the others go with another.
expired() {
  local process
  : >"$folder/err.late"
  MOTE_CONNECTION_STRING=$own "$MOTE" upload "${at[@]}" "$folder/huge" --block-size 65536 --blob expired 2>"$folder/err.late" &
  process=$!
  await 30 uploads_asked expired
  await 30 block_there
  hub fault expire-uploads --device "$device"
  wait "$process" || { cat "$folder/err.late"; return 1; }
  same "$folder/huge" expired
  uploads_ended failed expired
  uploads_ended finished expired
}
uploads_asked() { grep -qF "\"blobName\":\"$device/$1\"" "$folder/events"; }
block_there() { [ -n "$(find "$hub_folder/blocks" -size +60k -newer "$folder/err.late" -print -quit)" ]; }
# The hub is killed on the way, and there again: it goes on. What begins here is not within a check, so that it is ended too.
restart() {
  : >"$folder/err.late"
  MOTE_CONNECTION_STRING=$own "$MOTE" upload "${at[@]}" "$folder/huge" --block-size 65536 --blob restarted 2>"$folder/err.late" &
  restarted=$!
  children+=("$restarted")
  await 30 block_there || true
  kill -9 "$hub"
  serve hub --device "$device" --port-https "$https_port"
}
restarted() {
  await 120 ended "$restarted"
  grep -q 'Trying again' "$folder/err.late"
  grep -q "uploaded as $device/restarted" "$folder/err.late" || { cat "$folder/err.late"; return 1; }
  same "$folder/huge" restarted
}
ended() { ! kill -0 "$1" 2>/dev/null; }
interrupted() {
  local process result=0
  : >"$folder/err.late"
  MOTE_CONNECTION_STRING=$own "$MOTE" upload "${at[@]}" "$folder/huge" --block-size 65536 --blob interrupted 2>"$folder/err.late" &
  process=$!
  await 30 block_there
  # A shell's own children in the background take no SIGINT.
  kill -TERM "$process"
  wait "$process" || result=$?
  [ "$result" -eq 143 ] && grep -q 'the hub knows' "$folder/err.late"
  uploads_ended failed interrupted
}
too_many() {
  local n
  for n in {1..10}; do ask "held$n"; done
  upload "$folder/small"
  ends 75 403006
}
# ask NAME: a question whose upload is left open.
ask() {
  curl --silent --fail --cacert "$ca" -H "Authorization: $(MOTE_CONNECTION_STRING=$own "$MOTE" sas)" --data "{\"blobName\":\"$1\"}" \
    "https://localhost:$https_port/devices/$device/files?api-version=2021-04-12" >/dev/null
}
strangers() {
  mote_as "HostName=localhost;DeviceId=nobody;SharedAccessKey=$key" upload "${at[@]}" "$folder/small"
  ends 77 'there is no device'
  mote_as "HostName=localhost;DeviceId=$device;SharedAccessKey=$key" upload "${at[@]}" "$folder/small"
  ends 77 'not authorised'
  mote_as "$own" upload --endpoint "localhost:$https_port" "$folder/small"
  ends 76 --ca-file
  mote_as 'HostName=localhost;DeviceId=d;ModuleId=m;SharedAccessKey=bW90ZW1vdGVtb3RlbW90ZQ==' upload "${at[@]}" "$folder/small"
  ends 65 modules
  # Nobody listens there, which is told at once.
  mote_as "$own" upload --endpoint localhost:1 --ca-file "$ca" "$folder/small"
  ends 69 refused
}
wrong_use() {
  upload "$folder/nothing"
  ends 66 'cannot be read'
  upload "$folder"
  ends 66 'a folder'
  upload -
  ends 64 --blob
  upload "$folder/small" --block-size 1
  ends 64 --block-size
  upload "$folder/small" --blob "$(printf 'x%.0s' {1..1025})"
  ends 64 --blob
  upload "$folder/small" --blob $'a\nb'
  ends 65
  upload "$folder/small" --content-type $'a\r\nb: c'
  ends 64 --content-type
}
# A file that becomes shorter while it goes up is no file.
shrinks() {
  local process result=0
  cp "$folder/huge" "$folder/shrinking"
  : >"$folder/err.late"
  MOTE_CONNECTION_STRING=$own "$MOTE" upload "${at[@]}" "$folder/shrinking" --block-size 65536 --blob shrinking 2>"$folder/err.late" &
  process=$!
  await 30 block_there
  truncate -s 1000 "$folder/shrinking"
  wait "$process" || result=$?
  rm "$folder/shrinking"
  [ "$result" -eq 66 ] && grep -q 'become shorter' "$folder/err.late"
  uploads_ended failed shrinking
}

# ---- In C ---------------------------------------------------------------------------------------------------------------

in_c() {
  local program
  Embedded/scripts/lib host >"$folder/lib.log"
  program=$(Embedded/scripts/example host upload -fsanitize=address,undefined)
  "$program" "$own" "$folder/large" localhost "$https_port" "$ca"
  same "$folder/large" large
  "$program" "$own" - localhost "$https_port" "$ca" <"$folder/small"
  same "$folder/small" input
  if "$program" "$own" "$folder/small" localhost "$https_port" /etc/hostname 2>"$folder/err"; then return 1; fi
}
with_valgrind() {
  local program
  program=$(Embedded/scripts/example host upload)
  valgrind --quiet --leak-check=full --error-exitcode=99 "$program" "$own" "$folder/small" localhost "$https_port" "$ca"
  valgrind --quiet --leak-check=full --error-exitcode=99 "$program" "$own" - localhost "$https_port" "$ca" <"$folder/small"
}
gigabyte() {
  local program process kilobytes=0 now
  program=$(Embedded/scripts/example host upload)
  noise 1073741824 >"$folder/gigabyte"
  "$program" "$own" "$folder/gigabyte" localhost "$https_port" "$ca" &
  process=$!
  # What the kernel counts never falls.
  while now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$process/status") && [ -n "$now" ]; do
    kilobytes=$now
    sleep 0.1
  done
  wait "$process"
  echo "1 GiB through 4 KiB: $kilobytes KiB of memory at most" >"$folder/told"
  [ "$kilobytes" -gt 0 ] && [ "$kilobytes" -lt 8192 ]
  hub file get "$device" gigabyte | cmp - "$folder/gigabyte"
  rm "$folder/gigabyte"
}

noise 134217728 >"$folder/huge"
check 'a small file goes as one' as_one
check 'a larger one in blocks, under a name that has to be encoded' in_blocks
check 'files of each size around a block, and of unknown length' of_sizes
check 'from a pipe that is slow' from_pipe
check 'a file is replaced' replaces
check 'a terminal shows how far it is' bar
check 'with a certificate in place of a key' with_certificate
check 'a storage that is too busy is asked again' busy
check 'a connection that ends within a block' cut
check 'what lets the file go there ends on the way' expired
check 'who ends it has the hub told' interrupted
check 'a file that becomes shorter is none' shrinks
restart
check 'a hub that is killed on the way, and there again' restarted
check 'who may not' strangers
check 'wrong use' wrong_use
check 'the example in C, with sanitizers' in_c
check 'the example in C, with valgrind' with_valgrind
check '1 GiB, byte for byte, in less than 8 MiB' gigabyte
cat "$folder/told"
check 'ten at once are all that a device may have' too_many

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
