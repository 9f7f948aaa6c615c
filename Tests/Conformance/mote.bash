# Sourced by the tests of the command line: the program, a device, and how a check is counted. MOTE=PROGRAM tests another build.
. "$(dirname "${BASH_SOURCE[0]}")/../../Embedded/scripts/common.sh"
. Embedded/scripts/broker.sh
. Tests/Conformance/checks.bash

if [ -z "${MOTE:-}" ]; then
  swift build "${swift_flags[@]}" --product mote >"$folder/build.log" 2>&1 ||
    { cat "$folder/build.log"; fail 'mote could not be built'; }
  MOTE=$(swift build "${swift_flags[@]}" --show-bin-path)/mote
fi

key=$(printf 'the secret of a throw-away device' | base64)
# Nothing here goes by way of a proxy of the machine.
unset MOTE_CONNECTION_STRING https_proxy HTTPS_PROXY
device=dev1
own="HostName=hub.example;DeviceId=$device;SharedAccessKey=$key"

# mote ARGUMENT…: runs it with the device's connection string; its exit code is $code, what it wrote in $folder/out, err.
mote() { mote_as "$own" "$@"; }
mote_as() {
  local string=$1
  shift
  code=0
  MOTE_CONNECTION_STRING=$string "$MOTE" "$@" >"$folder/out" 2>"$folder/err" || code=$?
  if [ "$1" != sas ]; then cat "$folder/out" >>"$folder/everything"; fi
  cat "$folder/err" >>"$folder/everything"
}

# ends CODE TEXT…: whether mote ended so and said each text on standard error.
ends() {
  local text
  [ "$code" -eq "$1" ] || { echo "ended with $code, not $1"; return 1; }
  shift
  for text in "$@"; do grep -qF -- "$text" "$folder/err" || { echo "did not say: $text"; return 1; }; done
}
