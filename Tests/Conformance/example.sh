#!/usr/bin/env bash
# The C example against mosquitto over TLS: under AddressSanitizer, under valgrind, and its static builds for other machines
# on emulated CPUs. Each time it sends its reading and receives a message. Arguments choose among `sanitizers`,
# `valgrind`, `raspberry-pi-zero`, `linux-armhf` and `linux-arm64`.
set -euo pipefail
. "$(dirname "$0")/programs.bash"

authority ca
authority stranger
certificate ca server
mapfile -t lines < <(over_tls ca server)
broker hub "${lines[@]}"
peers=(-h localhost -p "$port" --cafile "$folder/ca.pem" -q 1)
mosquitto_sub "${peers[@]}" -i hub -t 'devices/+/messages/events/#' -F '%t %q %p' >>"$folder/telemetry" &
children+=($!)
await 10 grep -q 'Sending SUBACK to hub' "$folder/hub.log" || fail 'mosquitto_sub does not subscribe'

logged() { grep -q "$1" "$folder/hub.log"; }
holds() { [ "$(cat "$folder/$1")" = "$2" ]; }
ended_well() { [ "$status" -eq 0 ]; }
is_silent() { [ ! -s "$folder/err" ]; }
says() { grep -q "$1" "$folder/err"; }
failed_with() { [ "$status" -eq 1 ]; }

# goes_both_ways HOW COMMAND…: runs the example, sends it a message, and looks at both sides.
goes_both_ways() {
  local how=$1 device=example-$1 process
  shift
  : >"$folder/telemetry"
  "$@" "HostName=hub.example;DeviceId=$device;SharedAccessKey=$(printf 'a key of 16 bytes, or more' | base64)" \
    localhost "$port" "$folder/ca.pem" 1 >"$folder/out" 2>"$folder/err" &
  process=$!
  children+=("$process")
  if await 60 logged "Sending SUBACK to $device"; then
    mosquitto_pub "${peers[@]}" -t "devices/$device/messages/devicebound/%24.mid=m1&colour=deep%20blue" -m '{"light":"on"}'
  fi
  status=0
  wait "$process" || status=$?
  check "$how: ends well" ended_well
  check "$how: says nothing on standard error" is_silent
  check "$how: tells what happened" holds out 'connected
the hub has the reading
message:
  $.mid = m1
  colour = deep blue
  {"light":"on"}'
  check "$how: the hub has the reading" await 10 holds telemetry \
    "devices/$device/messages/events/%24.ct=application%2Fjson&%24.ce=utf-8&alert=false 1 {\"temperature\":21.5}"
  check "$how: the message was acknowledged" await 10 logged "Received PUBACK from $device"
  check "$how: it took its leave" await 10 logged "Received DISCONNECT from $device"
}

# trusts_nobody HOW COMMAND…: the example says why it does not connect, and leaks nothing then either.
trusts_nobody() {
  local how=$1
  shift
  status=0
  "$@" "HostName=hub.example;DeviceId=stranger;SharedAccessKey=$(printf 'a key of 16 bytes, or more' | base64)" \
    localhost "$port" "$folder/stranger.pem" >"$folder/out" 2>"$folder/err" || status=$?
  check "$how: fails when it does not know the root" failed_with
  check "$how: says why" says 'no trusted root'
}

# example BOARD NAME FLAG…: builds it; its path is $program.
example() {
  library "$1"
  program=$(Embedded/scripts/example "$@" 2>"$folder/build.log" | tail -1) || { cat "$folder/build.log" >&2; fail 'the example cannot be built'; }
}

# on CPU QEMU BOARD: the board's static example, as `make lib` packs it, on an emulated CPU.
on() {
  library "$3"
  goes_both_ways "$3" "$2" -cpu "$1" "build/$3/bin/telemetry"
  trusts_nobody "$3" "$2" -cpu "$1" "build/$3/bin/telemetry"
}

for way in ${@:-sanitizers valgrind raspberry-pi-zero linux-armhf linux-arm64}; do
  case $way in
  sanitizers)
    example host telemetry -g -fsanitize=address,undefined -fno-sanitize-recover=all
    goes_both_ways sanitizers "$program"
    trusts_nobody sanitizers "$program"
    ;;
  valgrind)
    example host telemetry -g
    memcheck=(valgrind --quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite,indirect)
    goes_both_ways valgrind "${memcheck[@]}" "$program"
    trusts_nobody valgrind "${memcheck[@]}" "$program"
    ;;
  raspberry-pi-zero) on arm1176 qemu-arm "$way" ;;
  linux-armhf) on cortex-a7 qemu-arm "$way" ;;
  linux-arm64) on cortex-a53 qemu-aarch64 "$way" ;;
  *) fail "no such way: $way" ;;
  esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
