#!/usr/bin/env bash
# What goes wrong around an emulated Cortex-M4: frames that are lost, a cable that is pulled, a hub that is a stranger's, and
# no source of random numbers. With BOARDS in the environment, only when it names mps2-an386.
set -euo pipefail
board=mps2-an386
if [[ " ${BOARDS:-$board} " != *" $board "* ]]; then
  echo '0 passed, 0 failed'
  exit
fi
. "$(dirname "$0")/../../boards/cortex-m/emulated.bash"
. Tests/Conformance/checks.bash

plain=$(Embedded/scripts/firmware "$board")
lossy=$(Embedded/scripts/firmware "$board" FRAME_LOSS=10 FRAME_LOSS_SEED=20261123)
insecure=$(Embedded/scripts/firmware "$board" INSECURE_ENTROPY=ON)
authority stranger
openssl x509 -in "$folder/stranger.pem" -outform der -out "$folder/stranger.der"
chain
start_hub
start_responders

# A check whose board shows its console when it fails.
shows_console() { "$@" || { cat "$folder/console"; return 1; }; }
observe() { check "$1" shows_console await "${@:2}"; }
does_not_say() { ! says "$1"; }

has_messages() {
  local number
  for ((number = $1; number <= $2; number++)); do says "^message: $number\$" || return 1; done
}
# The console ends lines as terminals do.
says() { tr -d '\r' <"$folder/console" | grep -q -- "$1"; }

boot "$plain" stranger
observe 'a hub of a stranger: says why it does not connect' 60 says '^disconnected in step 3: The chain ends at no trusted root'
check 'a hub of a stranger: sends it nothing' does_not_say '^connected'
power_off

boot "$lossy"
observe 'a tenth of all frames lost: connects' 120 says '^connected'
for number in {1..10}; do message "m$number" "$number"; done
observe 'a tenth of all frames lost: every message of the hub arrives' 120 has_messages 1 10
observe 'a tenth of all frames lost: readings go on' 180 has_reading 60
observe 'a tenth of all frames lost: no reading is missing' 30 lacks_none
check 'a tenth of all frames lost: it was' says_times 20 '^frame lost'
power_off
: >"$folder/telemetry"

boot "$plain"
observe 'the cable pulled: was connected' 60 has_reading 5
echo 'set_link cable off' >&9
observe 'the cable pulled: notices' 10 says '^cable: out'
before=$(highest)
for number in {11..15}; do message "m$number" "$number"; done
sleep 30 # As long as the fault lasts.
check 'the cable pulled: nothing passes' [ "$(highest)" -le $((before + 1)) ]
echo 'set_link cable on' >&9
observe 'the cable back: every message of the hub arrives' 120 has_messages 11 15
observe 'the cable back: readings go on' 60 has_reading $((before + 30))
observe 'the cable back: no reading is missing' 30 lacks_none
power_off

semihosting=()
boot "$insecure"
observe 'no source of random numbers: says so at start' 10 says '^INSECURE: '
observe 'no source of random numbers: connects, as it was built to' 60 says '^connected'
power_off
boot "$plain"
observe 'no source of random numbers: stops' 10 says '^stopped: '
check 'no source of random numbers: never connects' does_not_say '^connected'
power_off

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
