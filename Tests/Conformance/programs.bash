# Sourced by the conformance tests: a folder with throw-away certificates, and the C programs that are run there.
. "$(dirname "${BASH_SOURCE[0]}")/../../Embedded/scripts/common.sh"
. Embedded/scripts/broker.sh
. Tests/Conformance/checks.bash
PATH=$PATH:/usr/sbin
MOTE_MOSQUITTO_PLUGINS=$(dirname "$(dpkg -L mosquitto | grep mosquitto_dynamic_security.so)")
export MOTE_MOSQUITTO_PLUGINS

# The library for a board, made anew when something is newer.
library() {
  local archive=build/$1$variant/lib/libmote.a
  if [ ! -f "$archive" ] || [ -n "$(find Sources Embedded -newer "$archive" -type f -print -quit)" ]; then
    Embedded/scripts/lib "$1" >"$folder/lib.log" 2>&1 || { cat "$folder/lib.log" >&2; fail "lib $1 failed"; }
  fi
}

# program NAME FILE…: builds C files below Tests against build/host$variant, with $flags, and runs them as NAME in $folder, under
# $MOTE_UNDER.
flags=()
program() {
  local name=$1 sources=("${@:2}" Conformance/checks.c) status=0
  library host
  "${CC:-cc}" -std=gnu11 -Wall -Wextra -Wpedantic -Werror -g "${flags[@]}" "-Ibuild/host$variant/include" -ITests/Conformance \
    "${sources[@]/#/Tests/}" -o "$folder/$name" "-Lbuild/host$variant/lib" -lmote -lmbedtls -lmbedx509 -lmbedcrypto -lpthread
  # shellcheck disable=SC2086
  (cd "$folder" && ${MOTE_UNDER:-} "./$name") || status=$?
  if [ $status -gt 2 ]; then echo "$name ended with $status"; fi
  return $status
}
