#!/usr/bin/env bash
# Boots the firmware of a board in QEMU: it gets an address, refuses a wrong time and takes the right one, resolves its
# hub, connects over verified TLS, sends readings, takes a message, and comes back after the hub's restart.
#
#   boards/cortex-m/exchange.bash BOARD [NAME=VALUE…]    values of boards/cortex-m/CMakeLists.txt
set -euo pipefail
board=$1
. "$(dirname "$0")/emulated.bash"

image=$(Embedded/scripts/firmware "$@")
chain
start_hub
start_responders
boot "$image"

step 20 'it has an address by DHCP' says '^address: 10.0.2.15'
step 20 'it refuses a time before it was built' says '^time: refused'
step 20 'it takes the time by SNTP' says '^time: [0-9]'
step 60 'it is connected over TLS, the chain verified' says '^connected'
step 1 'it was not, before it had the time' in_order '^time: [0-9]' '^connected'
step 30 'its readings are with the hub' has_reading 5
step 10 'it has subscribed to its messages' hub_logged "Sending SUBACK to $device"
message m1 '{"light":"on"}'
step 20 'it has the message of the hub' says '^message: {"light":"on"}'
step 20 'it acknowledged the message' hub_logged "Received PUBACK from $device"
# Longer than a short record, and than the firmware's receive buffer.
long=$(printf '%.0s0123456789abcdef' {1..750})
message m2 "$long"
step 20 'it has a message of 12,000 bytes' says "^message: $long"

before=$(highest)
restart_hub
step 60 'the hub restarted, and it is connected again' says_times 2 '^connected'
step 60 'its readings go on' has_reading $((before + 10))
step 20 'no reading is missing' lacks_none
step 1 'its key is not on the console' says_no_secret
step 20 'it tells its memory' says_times 2 '^memory: '

# For the size report, beside the image that it belongs to.
tr -d '\r' <"$folder/console" | grep '^memory: ' | tail -1 >"$(dirname "$image")/memory"
say "$(cat "$(dirname "$image")/memory")"
say "done: $(highest) readings, and no one lost"
