#!/usr/bin/env bash
# The command line `mote` by way of real proxies: tinyproxy (HTTP CONNECT) and microsocks (SOCKS5), with credentials and without,
# to mosquitto over TLS and over WebSocket, and to the hub emulator over HTTPS. Ends with `N passed, N failed`. MOTE=PROGRAM tests another build.
set -euo pipefail
. "$(dirname "$0")/mote.bash"
. Tests/Conformance/hub.bash
PATH=$PATH:/usr/sbin

authority ca
certificate ca server
websocket_port=$((12000 + RANDOM % 8000))
mapfile -t lines < <(over_tls ca server)
broker hub "${lines[@]}" "listener $websocket_port 127.0.0.1" 'protocol websockets' 'socket_domain ipv4' \
  "cafile $folder/ca.pem" "certfile $folder/server.pem" "keyfile $folder/server.key"
hub_port=$port
at=(--endpoint "localhost:$hub_port" --ca-file "$folder/ca.pem")
over=(--websocket --endpoint "localhost:$websocket_port" --ca-file "$folder/ca.pem")
unset no_proxy NO_PROXY

is_open() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
# free_port: a port of 127.0.0.1 on which nobody listens, in $port.
free_port() {
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 12000))
    if ! is_open "$port"; then return; fi
  done
  fail 'no free port'
}
# http_proxy NAME LINE…: a tinyproxy on $port, whose log is $folder/NAME.log.
http_proxy() {
  local name=$folder/$1
  shift
  free_port
  printf '%s\n' "Port $port" 'Listen 127.0.0.1' "LogFile \"$name.log\"" 'LogLevel Connect' 'Allow 127.0.0.1' 'Timeout 60' "$@" \
    >"$name.conf"
  tinyproxy -d -c "$name.conf" >"$name.out" 2>&1 &
  children+=($!)
  await 10 is_open "$port" || fail "tinyproxy does not start: $(cat "$name.out")"
}
# socks_proxy NAME OPTION…: a microsocks on $port.
socks_proxy() {
  local name=$folder/$1
  shift
  free_port
  microsocks -i 127.0.0.1 -p "$port" "$@" >"$name.log" 2>&1 &
  children+=($!)
  await 10 is_open "$port" || fail "microsocks does not start: $(cat "$name.log")"
}

http_proxy open
open=$port
http_proxy closed 'BasicAuth somebody s3cretWord'
closed=$port
http_proxy narrow 'ConnectPort 443'
narrow=$port
socks_proxy socks
socks=$port
socks_proxy guarded -u somebody -P s3cretWord
guarded=$port
free_port
nobody=$port

# sends WAY PROXY [OPTION…]: a message arrives by that way.
sends() {
  local -n way=$1
  : >"$folder/hub.log"
  mote send "${way[@]}" --proxy "$2" --payload 'by way of a proxy' "${@:3}"
  ends 0
  await 5 grep -q 'Received PUBLISH' "$folder/hub.log"
}
saw() { grep -q "CONNECT localhost:$hub_port" "$folder/open.log"; }
check 'HTTP: MQTT over TLS' sends at "http://localhost:$open"
check 'HTTP: the proxy has seen it' saw
check 'HTTP: MQTT over WebSocket' sends over "http://127.0.0.1:$open/"
check 'HTTP: with credentials' sends at "http://somebody:s3cretWord@localhost:$closed"
check 'HTTP: with credentials, percent-encoded' sends at "http://some%62ody:s3cret%57ord@localhost:$closed"
check 'SOCKS5: MQTT over TLS' sends at "socks5://localhost:$socks"
check 'SOCKS5: MQTT over WebSocket' sends over "socks5h://localhost:$socks"
check 'SOCKS5: with credentials' sends over "socks5h://somebody:s3cretWord@localhost:$guarded"
check 'SOCKS5: with credentials that nobody asked for' sends at "socks5h://somebody:s3cretWord@localhost:$socks"

# What the hub has acknowledged over HTTPS, it has.
serve emulator
sends_https() {
  mote_as "$(value_of deviceConnectionString <"$folder/emulator.json")" send --https --endpoint "localhost:$https_port" --ca-file "$ca" \
    --proxy "$1" --payload 'by way of a proxy'
  ends 0
}
saw_https() { grep -q "CONNECT localhost:$https_port" "$folder/open.log"; }
check 'HTTP: HTTPS' sends_https "http://localhost:$open"
check 'HTTP: the proxy has seen that' saw_https
check 'SOCKS5: HTTPS' sends_https "socks5h://somebody:s3cretWord@localhost:$guarded"

# refused CODE TEXT PROXY [OPTION…]
refused() {
  mote send "${at[@]}" --proxy "$3" --payload x "${@:4}"
  ends "$1" "$2"
}
check 'HTTP: no credentials' refused 77 'wants credentials' "http://localhost:$closed"
check 'HTTP: wrong credentials' refused 77 'wants credentials' "http://somebody:s3cretWorse@localhost:$closed"
check 'HTTP: a port that is not let through' refused 77 'lets nobody reach' "http://localhost:$narrow"
check 'HTTP: nobody at the far end' refused 69 'cannot reach the host' "http://localhost:$open" --endpoint "localhost:$nobody"
check 'SOCKS5: no credentials' refused 77 'wants credentials' "socks5://localhost:$guarded"
check 'SOCKS5: wrong credentials' refused 77 'wants credentials' "socks5://somebody:s3cretWorse@localhost:$guarded"
check 'SOCKS5: nobody at the far end' refused 69 'cannot reach the host' "socks5://localhost:$socks" --endpoint "localhost:$nobody"
check 'no proxy there' refused 69 'No TCP connection to the proxy' "http://localhost:$nobody"
check 'a proxy without an address' refused 69 'own name cannot be looked up' 'http://nowhere.invalid:8080'
check 'HTTP where SOCKS5 is' refused 76 'not its protocol' "http://localhost:$socks"
for url in '' ftp://localhost localhost:8080 http:// http://:8080 http://@localhost http://a%4@localhost http://localhost:0; do
  check "refused: --proxy '$url'" refused 64 '--proxy is http://' "$url"
done

# The environment.
from_environment() {
  : >"$folder/open.log"
  mote send "${at[@]}" --payload x
  ends 0
  saw
}
past() {
  : >"$folder/open.log"
  mote send "${at[@]}" --payload x "$@"
  ends 0
  ! saw
}
export https_proxy=http://localhost:$open
check 'https_proxy' from_environment
no_proxy=example.com,other check 'no_proxy has others' from_environment
no_proxy=example.com,localhost check 'no_proxy has the host' past
NO_PROXY='*' check 'NO_PROXY has all' past
check '--proxy none' past --proxy none
unset https_proxy
bad_environment() {
  mote send "${at[@]}" --payload x
  ends 64 'https_proxy is http://'
}
HTTPS_PROXY=http://somebody:s3cretWord@ check 'a proxy in the environment that is none' bad_environment

doctor() {
  mote doctor "${at[@]}" --proxy "http://somebody:s3cretWord@localhost:$closed" --watch 1
  ends 0
  grep -qE "^ok +proxy +http://localhost:$closed" "$folder/out"
  mote doctor "${at[@]}" --proxy "http://localhost:$closed"
  ends 77
  grep -qE '^FAILED +TCP .*wants credentials' "$folder/out"
}
no_secret() { ! grep -aE 's3cret' "$folder/everything"; }
check 'mote doctor' doctor
check 'no output had the proxy'"'"'s password' no_secret

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
