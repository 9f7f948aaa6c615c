#!/usr/bin/env bash
# The programs that Mote is measured with beside its peers: each job, with a few messages, and what the broker had of them; the
# fleet that loads a hub, with a few devices; and the device that speaks each protocol. Nothing is said of how fast they are.
set -euo pipefail
. "$(dirname "$0")/programs.bash"

has_figure() { grep -qE "^$1 +[^ ]+ +[0-9]" "$folder/out"; }
has_line() { grep -qE "^$1\$" "$folder/out"; }
ended_well() { [ "$status" -eq 0 ]; }
# A picture of these figures names each, and is well-formed.
draws() {
  python3 -B Embedded/pictures/peers.py "$folder/bench.json" >"$folder/picture.svg" &&
    python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$folder/picture.svg" &&
    grep -q '1,234' "$folder/picture.svg" && grep -q 'Mote 7' "$folder/picture.svg"
}

library host
status=0
Embedded/scripts/bench-peers quick >"$folder/out" 2>&1 || status=$?
check 'every job ends well' ended_well
for job in throughput-qos0-tls throughput-qos1-tls round-trip-tls connect-tls reconnect-tls peak-memory peak-heap; do
  check "$job has a figure" has_figure "$job"
done
# 1,000 and 3,000 messages are sent while allocations are counted.
check 'the broker had them all' has_line 'the broker had 750 messages at QoS 0, 4201 at QoS 1'
# Allocations are counted by program and library: mbedTLS 3.6 is within the program.
if [ -z "$variant" ]; then check 'Mote allocates nothing' has_line 'allocations-1000-qos1 +allocations +0'; fi

figure='"client": "mote", "unit": "u", "value": 1234, "version": "Mote 7"'
printf '[{"job": "no-peer", "client": "mote", "unit": "instructions", "value": 1}' >"$folder/bench.json"
for job in throughput-qos{0,1}-tls round-trip-tls allocations-qos1 {,re}connect-tls peak-{memory,heap}; do
  printf ', {"job": "%s", %s}' "$job" "$figure" >>"$folder/bench.json"
done
echo ']' >>"$folder/bench.json"
check 'the picture is well-formed' draws

. Tests/Conformance/hub.bash
gcc -std=gnu11 -O2 -Wall -Wextra -Wpedantic -Werror Embedded/bench/fleet.c -o "$folder/fleet" "-Ibuild/host$variant/include" \
  "-Lbuild/host$variant/lib" -lmote -lmbedtls -lmbedx509 -lmbedcrypto -lpthread
loads() {
  python3 Embedded/bench/hub.py "$folder" "$MOTE_HUB" "$folder/fleet" 3 40 >"$folder/out"
  has_line '120 messages in .*; acknowledged 120, told by the monitor 120, .*, connections lost 0'
  has_line 'hub-message +[0-9,]+ us .*'
}
check 'a fleet loads a hub' loads

compares() {
  Embedded/scripts/bench-protocols quick >"$folder/out"
  has_line 'the devices sent 1200 messages, and the hub had 1200'
  for way in MQTT WebSocket HTTPS 'HTTPS, 100 a batch'; do
    for job in message-sent message-received day; do has_line "$way +$job +[0-9,.]+ bytes"; done
  done
  # A record of TLS 1.2 has 29 bytes around what it holds: PUBACK has 4, PINGREQ and PINGRESP 2 each. That of 1.3 is another.
  if [ -n "$variant" ]; then return; fi
  has_line 'MQTT +message-received +33.0 bytes'
  has_line 'MQTT +idle-once +62.0 bytes'
}
draws_protocols() {
  {
    printf '[{"job": "no-protocol", "client": "mote", "unit": "u", "value": 1}'
    for job in {message,connection,connection-again}-{sent,received} message-{mote,mbedtls} idle-hour day; do
      printf ', {"job": "protocol-%s", "client": "A<B", "unit": "u", "value": 1234}' "$job"
    done
    echo ']'
  } >"$folder/bench.json"
  python3 -B Embedded/pictures/protocols.py "$folder/bench.json" >"$folder/picture.svg"
  python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$folder/picture.svg"
  [ "$(grep -c 'A&lt;B' "$folder/picture.svg")" -eq 6 ]
  grep -q '>2,468<' "$folder/picture.svg"
}
check 'a device speaks each protocol, and is counted' compares
check 'and its picture is well-formed' draws_protocols

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
