# A throw-away certificate authority and MQTT brokers over TLS on 127.0.0.1, for `run` and for tests. Sourced after
# common.sh. All of it lives in $folder and ends with the script.
folder=$(mktemp -d)
children=()

stop_everything() {
  local status=$? child running
  trap - EXIT
  # Of one that has ended, the number may be another process's by now.
  running=" $(jobs -pr | tr '\n' ' ')"
  for child in "${children[@]}"; do
    if [[ $running = *" $child "* ]]; then
      kill "$child" 2>/dev/null || true
      wait "$child" 2>/dev/null || true
    fi
  done
  rm -rf "$folder"
  exit $status
}
trap stop_everything EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# await SECONDS COMMAND…: runs a command until it succeeds. False when it does not in time.
await() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $end ]; then return 1; fi
    sleep 0.05
  done
}

# authority NAME: a CA's key and certificate, $folder/NAME.key and .pem.
authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=Mote throw-away $1" \
    -addext keyUsage=critical,keyCertSign -keyout "$folder/$1.key" -out "$folder/$1.pem" 2>"$folder/openssl.log" ||
    fail "openssl made no certificate: $(cat "$folder/openssl.log")"
}

# certificate AUTHORITY NAME [END [START]]: a key and certificate for localhost and hub.example, $folder/NAME.key and .pem,
# good from START (two days ago) until END (tomorrow), each as YYYYMMDDHHMMSSZ.
certificate() {
  local ca=$folder/$1 name=$folder/$2 start end
  start=${4:-$(date -u -d '2 days ago' +%Y%m%d%H%M%SZ)}
  end=${3:-$(date -u -d tomorrow +%Y%m%d%H%M%SZ)}
  mkdir -p "$ca.issued"
  touch "$ca.index"
  printf '%s\n' '[ca]' default_ca=d '[d]' "database=$ca.index" "new_certs_dir=$ca.issued" default_md=sha256 policy=p \
    rand_serial=yes unique_subject=no '[p]' commonName=supplied \
    '[e]' subjectAltName=DNS:localhost,DNS:hub.example >"$ca.cnf"
  {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout "$name.key" -out "$name.csr" &&
      openssl ca -batch -notext -config "$ca.cnf" -extensions e -cert "$ca.pem" -keyfile "$ca.key" -in "$name.csr" \
        -out "$name.pem" -startdate "$start" -enddate "$end"
  } 2>"$folder/openssl.log" || fail "openssl made no certificate: $(cat "$folder/openssl.log")"
}

# broker NAME LINE…: starts mosquitto with lines of configuration for its one listener, and waits until it listens. Its log
# is $folder/NAME.log; $port and $broker are its port and process. With an empty $broker_verbosity it does not log every
# packet.
broker() {
  local name=$folder/$1 program attempt
  program=$(PATH=$PATH:/usr/sbin command -v mosquitto) || fail 'mosquitto is not installed'
  shift
  for attempt in {1..20}; do
    port=$((20000 + RANDOM % 12000))
    printf '%s\n' "listener $port 127.0.0.1" "user $(id -un)" 'max_queued_messages 0' 'max_inflight_messages 0' "$@" \
      >"$name.conf"
    # shellcheck disable=SC2086
    "$program" ${broker_verbosity--v} -c "$name.conf" >"$name.log" 2>&1 &
    broker=$!
    children+=("$broker")
    await 10 grep -qE ' running$|Error' "$name.log" || fail "mosquitto does not start: $(cat "$name.log")"
    if ! grep -q Error "$name.log"; then return; fi
    grep -q 'already in use' "$name.log" || fail "mosquitto does not start: $(cat "$name.log")"
  done
  fail "no free port for mosquitto after $attempt tries"
}

# over_tls AUTHORITY NAME: the lines of a broker that shows the certificate NAME and lets anyone in.
over_tls() {
  printf '%s\n' "cafile $folder/$1.pem" "certfile $folder/$2.pem" "keyfile $folder/$2.key" 'allow_anonymous true'
}
