# A board in QEMU, and what it meets: a hub (mosquitto over TLS, with a chain as IoT Hub's), names and time. Sourced by the
# runs, after `set -euo pipefail`; leaves the shell in the repository's root. Everything is on 127.0.0.1, where the board's
# 10.0.2.2 leads, and ends with the script.
. "$(dirname "${BASH_SOURCE[0]}")/../../Embedded/scripts/common.sh"
Embedded/scripts/packages firmware
. Embedded/scripts/broker.sh

device=board
hub=hub.example

say() { echo "$board: $*"; }

# chain: a root of RSA-2048, an issuer of RSA-4096 and a server of RSA-2048, as IoT Hub has them: $folder/root.pem and, with
# its chain, server.pem.
chain() {
  local log=$folder/openssl.log
  {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/C=GB/O=Mote/OU=Throw-away/CN=Mote Global Root' \
      -keyout "$folder/root.key" -out "$folder/root.pem" &&
      openssl req -newkey rsa:4096 -nodes -subj '/C=GB/O=Mote/CN=Mote RSA TLS Issuing CA' \
        -keyout "$folder/issuer.key" -out "$folder/issuer.csr" &&
      openssl x509 -req -sha384 -days 2 -in "$folder/issuer.csr" -CA "$folder/root.pem" -CAkey "$folder/root.key" \
        -extfile <(printf '%s\n' basicConstraints=critical,CA:TRUE,pathlen:0 keyUsage=critical,keyCertSign,cRLSign) \
        -out "$folder/issuer.pem" &&
      openssl req -newkey rsa:2048 -nodes -subj "/C=GB/O=Mote/CN=$hub" -keyout "$folder/server.key" -out "$folder/server.csr" &&
      openssl x509 -req -sha384 -days 2 -in "$folder/server.csr" -CA "$folder/issuer.pem" -CAkey "$folder/issuer.key" \
        -extfile <(printf '%s\n' "subjectAltName=DNS:$hub" extendedKeyUsage=serverAuth keyUsage=critical,digitalSignature) \
        -out "$folder/leaf.pem" &&
      cat "$folder/leaf.pem" "$folder/issuer.pem" >"$folder/server.pem" &&
      openssl x509 -in "$folder/root.pem" -outform der -out "$folder/root.der"
  } 2>"$log" || fail "openssl made no chain: $(cat "$log")"
}

# The hub keeps what its reader has not taken over a restart.
start_hub() {
  mkdir -p "$folder/persistent"
  mapfile -t lines < <(over_tls root server)
  broker hub "${lines[@]}" 'persistence true' "persistence_location $folder/persistent/"
  peers=(-h 127.0.0.1 -p "$port" --cafile "$folder/root.pem" --insecure -q 1)
  mosquitto_sub "${peers[@]}" -c -i reader -t "devices/$device/messages/events/#" -F %p >>"$folder/telemetry" 2>"$folder/reader" &
  children+=($!)
  await 10 grep -q 'Sending SUBACK to reader' "$folder/hub.log" || fail 'mosquitto_sub does not subscribe'
}
restart_hub() {
  kill "$broker"
  wait "$broker" || true
  PATH=$PATH:/usr/sbin mosquitto -v -c "$folder/hub.conf" >>"$folder/hub.log" 2>&1 &
  broker=$!
  children+=("$broker")
}

start_responders() {
  mkfifo "$folder/ports"
  python3 boards/cortex-m/responders.py 10.0.2.2 "$hub" time.example >"$folder/ports" 2>"$folder/responders" &
  children+=($!)
  read -r name_port time_port <"$folder/ports"
}

# boot IMAGE [ROOT]: starts $board with settings of its own, and trust in $folder/ROOT.der; its console is $folder/console, QEMU's
# monitor is file descriptor 9. Without a $semihosting the host gives it no random numbers.
semihosting=(-semihosting-config enable=on,target=native)
boot() {
  local settings
  key=$(openssl rand -base64 32)
  settings=$((0x$(arm-none-eabi-nm "$1" | sed -n "s/ . image_settings\$//p")))
  {
    printf '%s\n' "connection_string=HostName=$hub;DeviceId=$device;SharedAccessKey=$key" \
      "port=$port" name_server=10.0.2.2 "name_port=$name_port" time_server=time.example "time_port=$time_port"
    printf '\0'
  } >"$folder/settings"
  rm -f "$folder/monitor"
  mkfifo "$folder/monitor"
  : >"$folder/console"
  qemu-system-arm -M "$board" -kernel "$1" -display none -serial "file:$folder/console" -monitor stdio \
    -device "loader,file=$folder/settings,addr=$settings,force-raw=on" \
    -device "loader,file=$folder/${2:-root}.der,addr=$((settings + 2048)),force-raw=on" \
    "${semihosting[@]}" -nic user,id=cable <"$folder/monitor" >"$folder/qemu" 2>&1 &
  qemu=$!
  children+=("$qemu")
  exec 9>"$folder/monitor"
}
power_off() {
  kill "$qemu"
  wait "$qemu" || true
}

# message NAME TEXT: the hub sends the board a message.
message() { mosquitto_pub "${peers[@]}" -t "devices/$device/messages/devicebound/%24.mid=$1" -m "$2"; }

# step SECONDS WHAT COMMAND…: waits for what is to happen; when it does not, shows the console and ends.
step() {
  local seconds=$1 what=$2
  shift 2
  if await "$seconds" "$@"; then
    say "$what"
  else
    say "NOT within $seconds s: $what"
    for file in console qemu; do
      if [ -s "$folder/$file" ]; then sed "s/^/$file | /" "$folder/$file"; fi
    done
    fail "the board did not do what it should; see above"
  fi
}
says_no_secret() { ! grep -qF -- "${key:0:16}" "$folder/console"; }
says() { grep -q -- "$1" "$folder/console"; }
# The first line of either kind is of the first.
in_order() { grep -E -m 1 -- "$1|$2" "$folder/console" | grep -q -- "$1"; }
says_times() { [ "$(grep -c -- "$2" "$folder/console")" -ge "$1" ]; }
hub_logged() { grep -q "$1" "$folder/hub.log"; }

# The highest reading that the hub's reader has, and whether each before it has come too.
highest() { sed -n 's/^{"reading":\([0-9]*\)}$/\1/p' "$folder/telemetry" | sort -n | tail -1; }
has_reading() { [ "$(highest)" -ge "$1" ]; }
lacks_none() {
  [ "$(sed -n 's/^{"reading":\([0-9]*\)}$/\1/p' "$folder/telemetry" | sort -nu | wc -l)" -eq "$(highest)" ]
}
