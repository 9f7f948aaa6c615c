#!/usr/bin/env bash
# A device over HTTPS with buffers of 1 KiB (https_device.c), against the hub emulator. Ends with `N passed, N failed`.
# MOTE_HUB=PROGRAM tests another build of that.
set -euo pipefail
. "$(dirname "$0")/programs.bash"
. Tests/Conformance/hub.bash

serve hub
own=$(value_of deviceConnectionString <"$folder/hub.json")
device=$(sed 's/.*DeviceId=\([^;]*\).*/\1/' <<<"$own")
watch_events

# characters CHARACTER COUNT
characters() { head -c "$2" /dev/zero | tr '\0' "$1"; }
hub send "$device" "$(characters 1 60000)" --message-id one
hub send "$device" "$(characters 2 2000)" --message-id two
hub send "$device" "$(characters 3 10)" --message-id three

works() {
  flags=(-fsanitize=address,undefined)
  MOTE_DEVICE=$own MOTE_PORT=$https_port MOTE_CA=$ca program https Conformance/https_device.c
}
outcomes() {
  happened '"stage":"completed"' '"messageId":"one"'
  happened '"stage":"rejected"' '"messageId":"two"'
  happened '"stage":"abandoned"' '"messageId":"three"'
  happened '"stage":"completed"' '"messageId":"three"'
  # Each once: of the batch that was cut nothing came the first time.
  for name in item anew; do [ "$(grep -o "\"$name\":\"[0-9]*\"" "$folder/events")" = "$(printf "\"$name\":\"%03d\"\n" $(seq 0 181))" ]; done
  happened "$(characters A 1024)" '"item":"000"'
  happened "$(characters B 1024)" '"anew":"181"'
  happened '"body":"one"' '"by":"hand"'
  happened '"body":"two"'
  ! grep -q '"never"' "$folder/events"
  happened '"body":"after all"'
  happened '"body":"perhaps"'
  happened '"body":"surely"'
}
check 'a batch of 256 KiB and long messages through buffers of 1 KiB' works
check 'and what the hub has of it' outcomes

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
