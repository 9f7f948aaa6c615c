#!/usr/bin/env bash
# The command line `mote` by way of real proxies: tinyproxy and squid (HTTP CONNECT), microsocks and ssh -D (SOCKS5), the
# hub emulator's own; with credentials and without, to mosquitto over TLS and over WebSocket, and to the hub emulator over HTTPS.
# Ends with `N passed, N failed`. MOTE=PROGRAM and MOTE_HUB=PROGRAM test other builds.
set -euo pipefail
. "$(dirname "$0")/mote.bash"
. Tests/Conformance/hub.bash
. Tests/Conformance/proxies.bash

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
squid_proxy known
squid=$port
ssh_proxy tunnel
ssh=$port
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

saw_squid() { grep -qE "TCP_TUNNEL/200 .* CONNECT localhost:$hub_port somebody" "$folder/known/log"; }
check 'squid: MQTT over TLS, with credentials' sends at "http://somebody:s3cretWord@localhost:$squid"
check 'squid: MQTT over WebSocket' sends over "http://somebody:s3cretWord@localhost:$squid"
check 'squid: it has seen who it was' await 5 saw_squid
check 'ssh -D: MQTT over TLS' sends at "socks5h://localhost:$ssh"
check 'ssh -D: MQTT over WebSocket' sends over "socks5://localhost:$ssh"

# What the hub has acknowledged over HTTPS, it has.
serve emulator --port-proxy 0 --proxy-credentials 'some body:s3cret:Word'
hub_device=$(value_of deviceConnectionString <"$folder/emulator.json")
sends_https() {
  mote_as "$hub_device" send --https --endpoint "localhost:$https_port" --ca-file "$ca" \
    --proxy "$1" --payload 'by way of a proxy'
  ends 0
}
saw_https() { grep -q "CONNECT localhost:$https_port" "$folder/open.log"; }
check 'HTTP: HTTPS' sends_https "http://localhost:$open"
check 'HTTP: the proxy has seen that' saw_https
check 'SOCKS5: HTTPS' sends_https "socks5h://somebody:s3cretWord@localhost:$guarded"
check 'squid: HTTPS' sends_https "http://somebody:s3cretWord@localhost:$squid"
check 'ssh -D: HTTPS' sends_https "socks5h://localhost:$ssh"

# The hub's own proxy, which leads to the hub and nowhere else.
hub_proxy=localhost:$(value_of ports.proxy <"$folder/emulator.json")
known="http://some%20body:s3cret%3AWord@$hub_proxy"
# in_hub COMMAND OPTION…: mote, with the hub's device, by way of it.
in_hub() { mote_as "$hub_device" "$@" --ca-file "$ca" --proxy "$known"; }
sends_large() {
  in_hub send "$@" --file "$folder/large"
  ends 0
}
hears() {
  hub send device-1 - <"$folder/large"
  in_hub listen "$@" --count 1
  ends 0
  grep -qF "$(cat "$folder/large")" "$folder/out"
}
# curl_hub STATUS OPTION…: what curl was told by the proxy, and then by the hub, if it came so far.
curl_hub() {
  local said
  said=$(curl -sS --cacert "$ca" -o /dev/null -w '%{http_connect} %{http_code}' --noproxy '' "${@:2}" 2>"$folder/curl.err") || true
  [ "$said" = "$1" ] || { echo "told $said, not $1"; cat "$folder/curl.err"; return 1; }
}
head -c 45000 /dev/urandom | base64 -w0 >"$folder/large"
check "the hub's own: MQTT over TLS" sends_large --endpoint "localhost:$mqtt_port"
saw_tunnel() { grep -q "tunnel.*port=$mqtt_port\\|port=$mqtt_port.*tunnel" "$folder/emulator.log"; }
check "the hub's own: its log has seen it" saw_tunnel
check "the hub's own: MQTT over WebSocket" sends_large --websocket --endpoint "localhost:$https_port"
check "the hub's own: HTTPS" sends_large --https --endpoint "localhost:$https_port"
check "the hub's own: a message for the device" hears --endpoint "localhost:$mqtt_port"
check "the hub's own: a message for the device, over HTTPS" hears --https --endpoint "localhost:$https_port"
check "the hub's own: curl" curl_hub '200 401' --proxy "$known" "https://localhost:$https_port/devices"
check "the hub's own: curl that is asked for credentials first" curl_hub '200 401' --proxy "http://$hub_proxy" --proxy-anyauth \
  --proxy-user 'some body:s3cret:Word' "https://127.0.0.1:$https_port/devices"
check "the hub's own: curl without credentials" curl_hub '407 000' --proxy "http://$hub_proxy" "https://localhost:$https_port/"
check "the hub's own: curl to the web page" curl_hub '403 000' --proxy "$known" --proxytunnel "http://localhost:$web_port/"
check "the hub's own: curl without a tunnel" curl_hub '000 405' --proxy "$known" "http://localhost:$https_port/"

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
check 'squid: no credentials' refused 77 'wants credentials' "http://localhost:$squid"
check 'squid: wrong credentials' refused 77 'wants credentials' "http://somebody:s3cretWorse@localhost:$squid"
check 'squid: a port that is not let through' refused 77 'lets nobody reach' "http://somebody:s3cretWord@localhost:$squid" \
  --endpoint localhost:25
check 'squid: nobody at the far end' refused 69 'cannot reach the host' "http://somebody:s3cretWord@localhost:$squid" \
  --endpoint "localhost:$nobody"
# ssh has no answer for that: it closes.
check 'ssh -D: nobody at the far end' refused 76 'closes without an answer' "socks5h://localhost:$ssh" --endpoint "localhost:$nobody"
check "the hub's own: wrong credentials" refused 77 'wants credentials' "http://some%20body:s3cretWorse@$hub_proxy"
check "the hub's own: another host" refused 77 'lets nobody reach' "$known"
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
