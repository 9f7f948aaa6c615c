#!/usr/bin/env bash
# `mote doctor` against each fault with real parts: what it then says is wrong, how it ends, and that no secret shows. Ends with
# `N passed, N failed`. MOTE=PROGRAM tests another build.
set -euo pipefail
. "$(dirname "$0")/mote.bash"
# For what bash writes of \u in any environment.
export LC_ALL=C.UTF-8
faults=$PWD/Tests/Conformance/faults.py

# What TLS is agreed on, and in which step the server then judges a device's certificate.
tls_version=TLSv1.2 judged=TLS
if [ -n "$variant" ]; then tls_version=TLSv1.3 judged=CONNECT; fi

own="HostName=localhost;DeviceId=dev1;SharedAccessKey=$key"
certified='HostName=localhost;DeviceId=localhost;x509=true'
unset NO_COLOR

# doctor ARGUMENT…: runs it as $as (the device with a key), below $under, with short times; its exit code is $code, what it
# wrote in $folder/out, err.
as=$own under=()
doctor() {
  code=0
  MOTE_CONNECTION_STRING=$as "${under[@]}" "$MOTE" doctor --timeout 2 --watch 0.3 "$@" >"$folder/out" 2>"$folder/err" ||
    code=$?
  cat "$folder/out" "$folder/err" >>"$folder/everything"
}

# ends CODE: whether doctor ended so, and had nothing for standard error.
ends() {
  [ "$code" -eq "$1" ] || { echo "ended with $code, not $1"; return 1; }
  [ ! -s "$folder/err" ]
}
# step OUTCOME STEP TEXT…: whether a line tells so of a step, with each text in it or below.
step() {
  local text
  awk -v head="$(printf '%-8s %-11s ' "$1" "$2")" \
    '/^[^ ]/ { on = index($0, head) == 1 } on' "$folder/out" >"$folder/step"
  [ -s "$folder/step" ] || { echo "no line: $1 $2"; return 1; }
  for text in "${@:3}"; do grep -qF -- "$text" "$folder/step" || { echo "$1 $2 did not say: $text"; return 1; }; done
}
no_step() { if grep -qE "^[^ ]+ +$1 " "$folder/out"; then echo "there is a step $1"; return 1; fi; }
# verdict TEXT…: whether the verdict that something is wrong says each.
verdict() {
  local text
  sed -n '/^FAILED   verdict /,$p' "$folder/out" >"$folder/verdict"
  [ -s "$folder/verdict" ] || { echo 'no verdict'; return 1; }
  for text in "$@"; do grep -qF -- "$text" "$folder/verdict" || { echo "the verdict did not say: $text"; return 1; }; done
}
# first TEXT: whether the remedy named first says so.
first() { grep -qF -- "$1" <(grep '^  1\. ' "$folder/out") || { echo "not first: $1"; return 1; }; }
not_in_verdict() { if grep -F -- "$1" "$folder/verdict"; then return 1; fi; }

# fault KIND ARGUMENT…: starts a server with a fault; $port is where.
fault() {
  local told=$folder/told.$RANDOM
  python3 "$faults" "$@" >"$told" 2>"$folder/faults.log" &
  children+=("$!")
  await 10 test -s "$told" || fail "faults.py does not start: $(cat "$folder/faults.log")"
  port=$(cat "$told")
}

stamp() { date -u -d "$1" +%Y%m%d%H%M%SZ; }
authority ca
authority stranger
certificate ca server
certificate ca expired "$(stamp yesterday)"
certificate ca early "$(stamp '+20 days')" "$(stamp '+10 days')"
certificate ca device
certificate ca ended "$(stamp yesterday)"
certificate stranger device2
cat "$folder/server.pem" "$folder/stranger.pem" >"$folder/long.pem"
cp "$folder/server.key" "$folder/long.key"
trust=(--ca-file "$folder/ca.pem")
at() { trusted=(--endpoint "localhost:$port" "${trust[@]}" --https-port "${https:-1}"); }

mapfile -t lines < <(over_tls ca server)
broker hub "${lines[@]}"
hub_port=$port
# A port where nobody listens: the lowest, which only root could take.
closed=1

# ---- A device that is well -----------------------------------------------------------------------------------------------------

healthy() {
  port=$hub_port; at
  doctor "${trusted[@]}"
  ends 0
  step ok identity "device 'dev1' of localhost" 'shared access key'
  step ok clock UTC
  step ok name "127.0.0.1:$port"
  step ok TCP "127.0.0.1:$port: connected"
  step ok TLS "server is 'localhost', verified" "$tls_version" GCM 'certificate 1: CN=localhost, issued by CN=Mote throw-away ca' \
    'for localhost' 'certificate 2, trusted here: CN=Mote throw-away ca, signed by itself' "$(date -u -d tomorrow +%Y-%m-%d)"
  step ok token "'localhost%2Fdevices%2Fdev1'" '60 minutes' "$(date -u -d '+1 hour' +%Y-%m-%d)"
  step ok CONNECT accepted
  step ok connection 'still open after 0.3 seconds'
  step ok verdict 'the hub accepts it'
  no_step HTTPS
  await 5 grep -q 'Received DISCONNECT from dev1' "$folder/hub.log"
}
module() {
  port=$hub_port; at
  as="HostName=localhost;DeviceId=dev1;ModuleId=m;SharedAccessKey=$key" doctor "${trusted[@]}"
  ends 0
  step ok identity "module 'dev1/m' of localhost"
  step ok token "'localhost%2Fdevices%2Fdev1%2Fmodules%2Fm'"
}
by_way_of() {
  port=$hub_port; at
  as="HostName=hub.example;DeviceId=dev1;SharedAccessKey=$key" doctor "${trusted[@]}"
  ends 0
  step ok identity 'of hub.example' 'by way of localhost'
  step ok token "'hub.example%2Fdevices%2Fdev1'"
}
subscribes() {
  port=$hub_port; at
  doctor "${trusted[@]}" --subscribe
  ends 0
  step ok subscribe granted
}
# A message that comes meanwhile is the device's.
leaves_messages() {
  local client=(-h localhost -p "$hub_port" --cafile "$folder/ca.pem" -q 1)
  port=$hub_port; at
  doctor "${trusted[@]}" --subscribe
  mosquitto_pub "${client[@]}" -t devices/dev1/messages/devicebound/ -m 'a private message'
  doctor "${trusted[@]}" --subscribe
  ends 0
  MOTE_CONNECTION_STRING=$own timeout 10 "$MOTE" listen --endpoint "localhost:$hub_port" "${trust[@]}" --count 1 >"$folder/message"
  grep -q 'sent again' "$folder/message"
  grep -q 'a private message' "$folder/message"
}
as_json() {
  port=$hub_port; at
  doctor "${trusted[@]}" --json
  ends 0
  port=$closed; https=2; at
  mv "$folder/out" "$folder/healthy.json"
  doctor "${trusted[@]}" --json
  ends 69
  python3 - "$folder/healthy.json" "$folder/out" <<-'END'
	import json, sys
	well, ill = [[json.loads(line) for line in open(name)] for name in sys.argv[1:]]
	steps = [line["step"] for line in well if line["outcome"] == "ok"]
	assert steps == ["identity", "clock", "name", "TCP", "TLS", "token", "CONNECT", "connection", "verdict"], steps
	assert well[-1]["exit"] == 0 and len([line for line in well if line["step"] == "TLS"][0]["details"]) == 2
	assert ill[-1]["step"] == "verdict" and ill[-1]["exit"] == 69 and ill[-1]["remedies"], ill
	END
}
in_colour() {
  port=$closed; at
  local command
  printf -v command '%q ' "$MOTE" doctor "${trusted[@]}"
  MOTE_CONNECTION_STRING=$own TERM=xterm script -qec "$command" /dev/null >"$folder/out" || true
  grep -q $'\x1b\\[1;31mFAILED' "$folder/out"
  MOTE_CONNECTION_STRING=$own TERM=xterm NO_COLOR=1 script -qec "$command" /dev/null >"$folder/out" || true
  grep -q '^FAILED ' "$folder/out"
  ! grep -q $'\x1b' "$folder/out"
}
verbose() {
  port=$hub_port; at
  doctor "${trusted[@]}" --verbose
  [ "$code" -eq 0 ]
  for text in 'looking up localhost' 'starting TLS' 'MQTT CONNECT' 'watching'; do grep -qF "$text" "$folder/err"; done
}
cannot_write() {
  port=$hub_port; at
  code=0
  MOTE_CONNECTION_STRING=$own "$MOTE" doctor "${trusted[@]}" >/dev/full 2>"$folder/err" || code=$?
  [ "$code" -eq 74 ]
}
# A name that has an IPv6 address too, where nobody listens, whatever the machine's own list of hosts says.
cat >"$folder/two.c" <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stddef.h>
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **list) {
  int (*look_up)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
  (void)name;
  int code = look_up("::1", service, hints, list);
  return code != 0 ? code : look_up("127.0.0.1", service, hints, &(*list)->ai_next);
}
END
cc -shared -fPIC -o "$folder/two.so" "$folder/two.c" -ldl
one_of_two() {
  local under=(env "LD_PRELOAD=$folder/two.so")
  port=$hub_port; at
  doctor "${trusted[@]}"
  ends 0
  step ok name "localhost is at [::1]:$port, 127.0.0.1:$port"
  step warning TCP "[::1]:$port" 'no IPv6 address of its own'
  step ok TCP "127.0.0.1:$port: connected"
  step ok verdict 'the hub accepts it' warnings
}
none_of_two() {
  local under=(env "LD_PRELOAD=$folder/two.so")
  port=$closed; https=2; at
  doctor "${trusted[@]}"
  ends 69
  [ "$(grep -c '^FAILED   TCP' "$folder/out")" -eq 2 ]
}
check 'healthy: every step is told' healthy
check 'healthy: a module' module
check 'healthy: by way of another host' by_way_of
check 'healthy: with --subscribe' subscribes
check 'messages that come meanwhile are left for the device' leaves_messages
check '--json: an object a line' as_json
check 'colour on a terminal, unless NO_COLOR' in_colour
check '--verbose tells more on standard error' verbose
check 'standard output cannot be written' cannot_write
check 'warning: one address of two does not answer' one_of_two
check 'no address of two answers' none_of_two

# ---- Name and TCP --------------------------------------------------------------------------------------------------------------

no_such_name() {
  doctor --endpoint no-such-host.invalid
  # Without any name server, nobody can say that there is no such name.
  [ "$code" -eq 69 ] || [ "$code" -eq 75 ]
  step FAILED name no-such-host.invalid
  verdict "Looking up the name 'no-such-host.invalid' failed"
  no_step TCP
}
refused() {
  port=$closed; https=2; at
  doctor "${trusted[@]}"
  ends 69
  step FAILED TCP '127.0.0.1:1' refused
  step FAILED 'port 2' 'cannot be reached'
  verdict 'nothing listens there' 'Port 2 of the same host cannot be reached either'
  no_step TLS
}
firewall() {
  port=$closed; https=$hub_port; at
  doctor "${trusted[@]}"
  ends 69
  step ok "port $hub_port" connected
  verdict 'nothing listens there' "What goes over port $hub_port passes there: MQTT over WebSocket, or HTTPS"
  first 'a firewall blocks port 1'
}
check 'no such name' no_such_name
check 'connection refused' refused
check 'connection refused, HTTPS open: a firewall' firewall

# ---- TLS -----------------------------------------------------------------------------------------------------------------------

fault silent
silent_port=$port
mute() {
  port=$silent_port; at
  doctor "${trusted[@]}" --timeout 0.5
  ends 75
  step ok TCP connected
  step FAILED TLS 'within its time'
  verdict 'A step did not finish within its time'
  first 'accepts connections and then stays silent'
}
broker plain 'allow_anonymous true'
plain_port=$port
plain() {
  port=$plain_port; at
  doctor "${trusted[@]}"
  ends 76
  step FAILED TLS
  verdict 'Is it a port where TLS is spoken?' 8883
}
# The broker's log must have no CONNECT: no token leaves over a connection that is not verified.
no_connect() { ! grep -q CONNECT "$folder/$1.log"; }
mapfile -t lines < <(over_tls ca server)
broker guarded "${lines[@]}"
guarded_port=$port
untrusted() {
  doctor --endpoint "localhost:$guarded_port" --ca-file "$folder/stranger.pem"
  ends 76
  step FAILED TLS 'no trusted root' 'CN=localhost, issued by CN=Mote throw-away ca' 'refused: The certificate is not correctly signed'
  verdict "ends at 'CN=Mote throw-away ca', which is not in '$folder/stranger.pem'" 'a portal that wants a login' --ca-file
  no_step CONNECT
  no_connect guarded
}
untrusted_by_system() {
  doctor --endpoint "localhost:$guarded_port"
  ends 76
  verdict "which is not in this machine's CA bundle" 'DigiCert Global Root G2'
  no_connect guarded
}
wrong_host() {
  doctor --endpoint "127.0.0.1:$guarded_port" "${trust[@]}"
  ends 76
  step FAILED TLS 'another host name' 'refused: The certificate Common Name' 'for localhost'
  verdict "It has to be for '127.0.0.1'"
  first 'The certificate is for localhost'
  no_connect guarded
}
# dated CERTIFICATE: a broker that shows it.
dated() {
  mapfile -t lines < <(over_tls ca "$1")
  broker "$1" "${lines[@]}"
}
dated expired
expired_port=$port
expired() {
  port=$expired_port; at
  doctor "${trusted[@]}"
  ends 76
  step FAILED TLS 'past its end' 'refused: The certificate validity has expired' "$(date -u -d yesterday +%Y-%m-%d)"
  verdict 'past its end' "Check this machine's clock" 'the server needs a new certificate'
  first 'ended 24 hours ago'
  no_connect expired
}
# The clock that counts is the port's: another that mbedTLS might ask is two days behind here.
printf '%s\n' '#include <sys/time.h>' '#include <time.h>' 'time_t time(time_t *result) {' '  struct timeval now;' \
  '  gettimeofday(&now, 0);' '  time_t behind = now.tv_sec - 172800;' '  if (result != 0) *result = behind;' \
  '  return behind;' '}' >"$folder/behind.c"
cc -shared -fPIC -o "$folder/behind.so" "$folder/behind.c"
expired_by_port() {
  local under=(env "LD_PRELOAD=$folder/behind.so")
  expired
}
dated early
early_port=$port
early() {
  port=$early_port; at
  doctor "${trusted[@]}"
  ends 76
  step FAILED TLS 'begins later' 'refused: The certificate validity starts in the future'
  first "this machine's clock is behind by 9 days or more"
  no_connect early
}
mapfile -t lines < <(over_tls ca long)
broker long "${lines[@]}"
long_port=$port
needless() {
  port=$long_port; at
  doctor "${trusted[@]}"
  ends 0
  step ok TLS 'certificate 3, sent without need: CN=Mote throw-away stranger'
}
check 'a port that stays silent' mute
check 'a port that speaks plain text' plain
check 'an untrusted chain is shown' untrusted
check 'an untrusted chain, by the roots of the system' untrusted_by_system
check 'a certificate for another host' wrong_host
check 'an expired certificate' expired
check 'an expired certificate, by the clock of the port alone' expired_by_port
check 'a certificate of the future' early
check 'a certificate that is sent without need is shown' needless

# ---- The clock -----------------------------------------------------------------------------------------------------------------

before_release() {
  port=$guarded_port; at
  local under=(faketime -f '-3y')
  doctor "${trusted[@]}"
  ends 75
  step FAILED clock "$(date -u -d '-3 years' +%Y)" 'this release of Mote is of 2026-11-23'
  step ok TCP connected
  verdict "This machine's clock is wrong" NTP
  no_step TLS
  no_connect guarded
}
clock_ahead() {
  port=$guarded_port; at
  local under=(faketime -f '+40d')
  doctor "${trusted[@]}"
  ends 76
  step ok clock "$(date -u -d '+40 days' +%Y-%m-%d)"
  first 'ended 39 days ago by this machine'
  first 'set the clock'
  no_connect guarded
}
check 'the clock is before this release' before_release
check 'the clock is ahead: the certificate looks expired' clock_ahead

# ---- CONNECT, and what HTTPS tells ---------------------------------------------------------------------------------------------

answers=$folder/hub
mkdir "$answers"
echo 0 >"$answers/skew"
fault https "$folder/server.pem" "$folder/server.key" "$answers"
https_port=$port
fault closing "$folder/server.pem" "$folder/server.key"
closing_port=$port
fault displacing "$folder/server.pem" "$folder/server.key" 100
displacing_port=$port

# answer STATUS BODY [HEADER]: what the hub answers over HTTPS, on time.
answer() {
  printf '%s\r\n' "HTTP/1.1 $1" 'Date: {DATE}' "Content-Length: $((${#2} + ${4:-0}))" "${3:-Server: hub}" '' >"$answers/answer"
  printf '%s' "$2" >>"$answers/answer"
  echo 0 >"$answers/skew"
  rm -f "$answers/request"
}
json() { echo "{\"errorCode\":$1,\"trackingId\":\"7f3a-$1\",\"message\":\"$2\",\"timestampUtc\":\"2026-11-23T00:00:00Z\"}"; }
# asked [ARGUMENT…]: doctor with a hub that only closes.
asked() { port=$closing_port; https=$https_port; at; doctor "${trusted[@]}" "$@"; }

unauthorised() {
  answer '401 Unauthorized' "$(json 401003 IotHubUnauthorized)"
  asked
  ends 77
  step FAILED CONNECT 'closed the connection'
  step FAILED HTTPS "localhost:$https_port answered 401 401003, \"IotHubUnauthorized\", tracking identifier 7f3a-401003"
  step ok clock "this machine's and the server's are"
  verdict "does not take the token of 'dev1' (401 401003" 'The clock is not to blame'
  first 'SharedAccessKey may be another'
  # What was asked for changes nothing: there is no such lock.
  head -1 "$answers/request" | tr -d '\r' | diff - \
    <(echo 'POST /devices/dev1/messages/deviceBound/00000000-0000-0000-0000-000000000000/abandon?api-version=2021-04-12 HTTP/1.1')
  grep -q '^Host: localhost' "$answers/request"
  grep -q '^Authorization: SharedAccessSignature sr=localhost%2Fdevices%2Fdev1&sig=' "$answers/request"
}
encoded() {
  answer '401 Unauthorized' "$(json 401003 IotHubUnauthorized)"
  as="HostName=localhost;DeviceId=a#b;ModuleId=m:1;SharedAccessKey=$key" asked
  ends 77
  grep -q '^POST /devices/a%23b/modules/m%3A1/messages/' "$answers/request"
}
skewed() {
  local hours=$1 word=$2
  answer '401 Unauthorized' "$(json 401003 IotHubUnauthorized)"
  echo $((hours * 3600)) >"$answers/skew"
  asked
  ends 77
  step FAILED clock "$word the server's"
  verdict "This machine's clock is wrong" "$word the hub's" 'agree within 5 minutes'
  first NTP
}
nearly() {
  answer '401 Unauthorized' "$(json 401003 IotHubUnauthorized)"
  echo 200 >"$answers/skew"
  asked
  ends 77
  verdict 'The clock is not to blame'
}
older_form() {
  answer '404 Not Found' '{"Message":"ErrorCode:DeviceNotFound;Device is gone","ExceptionMessage":"Tracking ID:9b1c;TimeStamp:x"}'
  asked
  ends 77
  step FAILED HTTPS '404 DeviceNotFound' 'tracking identifier 9b1c'
  verdict "localhost has no device 'dev1'"
}
nested_form() {
  answer '404 Not Found' '{"Message":"{\"errorCode\":404001,\"trackingId\":\"9b1d\",\"message\":\"gone\"}","ExceptionMessage":""}'
  asked
  ends 77
  step FAILED HTTPS '404 404001, "gone", tracking identifier 9b1d'
  verdict "localhost has no device 'dev1'"
}
no_device() {
  answer '404 Not Found' "$(json 404001 DeviceNotFound)"
  asked
  ends 77
  verdict "localhost has no device 'dev1' (404 404001"
  first 'Check DeviceId'
}
throttled() {
  answer '429 Too Many Requests' "$(json 429001 ThrottlingException)" 'Retry-After: 17'
  asked
  ends 75
  verdict 'throttling' 429001
  first 'Wait 17 seconds'
}
disabled() {
  answer '403 Forbidden' "$(json 403012 DeviceDisabled)"
  asked
  ends 77
  verdict "knows the device 'dev1' and refuses it"
  first disabled
}
used_up() { answer '403 Forbidden' "$(json 403002 IotHubQuotaExceeded)"; asked; ends 77; verdict 'used up'; first 'midnight UTC'; }
moving() { answer '404 Not Found' "$(json 404012 IotHubFailingOver)"; asked; ends 75; verdict 'moving to another region'; }
failing() { answer '503 Unavailable' ''; asked; ends 75; verdict 'a failure of its own'; }
admitted() {
  answer '412 Precondition Failed' "$(json 412002 DeviceMessageLockLost)"
  asked
  ends 76
  step ok HTTPS '412 412002'
  verdict 'Over HTTPS the hub admits the device'
  first "Another client may connect as 'dev1'"
}
no_hub() {
  answer '404 Not Found' '<html>nothing here</html>'
  asked
  ends 76
  verdict "is not a hub's reason" 'SharedAccessKey may be' "this machine's clock"
  not_in_verdict 'has no device'
}
# 16 KiB are enough, and what is no HTTP is none.
endless() { answer '401 Unauthorized' "$(json 401003 x)$(head -c 40000 /dev/zero | tr '\0' ' ')"; asked; ends 77; }
no_http() { echo 'hello' >"$answers/answer"; asked; ends 76; step warning HTTPS 'gave no answer'; verdict 'gave none'; }
silent_https() {
  port=$closing_port; https=$silent_port; at
  doctor "${trusted[@]}" --timeout 0.5
  ends 76
  step warning HTTPS 'is not asked' 'within its time'
  verdict 'gave none'
}
# Guarded: without one deadline for all they would not end.
dripping() {
  local under=(timeout -s KILL 60)
  port=$closing_port; https=$dripping_port; at
  doctor "${trusted[@]}" --timeout 1
  ends 76
  step warning HTTPS 'gave no answer' 'within its time'
  verdict 'gave none'
}
flooding() {
  local under=(timeout -s KILL 60)
  port=$flooding_port; at
  doctor "${trusted[@]}"
  ends 0
  step ok connection 'still open after 0.'
}
fault dripping "$folder/server.pem" "$folder/server.key" 50
dripping_port=$port
fault flooding "$folder/server.pem" "$folder/server.key"
flooding_port=$port
https_closed() {
  port=$closing_port; https=$closed; at
  doctor "${trusted[@]}"
  ends 76
  step warning HTTPS 'cannot be reached'
  verdict 'MQTT CONNECT had no answer' "Port $closed, where a hub gives a reason, gave none"
  first 'SharedAccessKey may be another'
}
# HTTPS of a stranger gets no token.
https_stranger() {
  rm -f "$strange/request"
  port=$closing_port; https=$stranger_port; at
  doctor "${trusted[@]}"
  ends 76
  step warning HTTPS 'is not asked' 'no trusted root' 'issued by CN=Mote throw-away stranger'
  [ ! -e "$strange/request" ]
}
strange=$folder/strange
mkdir "$strange"
certificate stranger impostor
fault https "$folder/impostor.pem" "$folder/impostor.key" "$strange"
stranger_port=$port
displaced() {
  answer '412 Precondition Failed' "$(json 412002 DeviceMessageLockLost)"
  port=$displacing_port; https=$https_port; at
  doctor "${trusted[@]}" --watch 5
  ends 75
  step ok CONNECT accepted
  step FAILED connection 'ended after 0.'
  verdict 'another client uses the same device'
  first "Another client may connect as 'dev1'"
}
displaced_unknown() {
  port=$displacing_port; https=$closed; at
  doctor "${trusted[@]}" --watch 5
  ends 75
  first "Another client may connect as 'dev1'"
  not_in_verdict SharedAccessKey
}
closed_at_subscribe() {
  answer '403 Forbidden' "$(json 403012 DeviceDisabled)"
  port=$displacing_port; https=$https_port; at
  doctor "${trusted[@]}" --subscribe
  ends 77
  step FAILED subscribe 'The peer'
  first disabled
}
check '401003: the key' unauthorised
check '401003: identifiers are encoded in the path' encoded
check '401003 and a clock an hour behind' skewed 1 behind
check '401003 and a clock an hour ahead' skewed -1 'ahead of'
check '401003 and a clock 200 seconds behind: not the clock' nearly
check '404001: no such device' no_device
check '404001 in the older form' older_form
check '404001 in the nested form' nested_form
check '403012: disabled' disabled
check '403002: quota' used_up
check '404012: failing over' moving
check '429001: throttled' throttled
check '503 without a body' failing
check '412: admitted, so that another client is likely' admitted
check 'what answers is no hub' no_hub
check 'an answer of 40 KB' endless
check 'an answer that is no HTTP' no_http
check 'HTTPS stays silent' silent_https
check 'HTTPS drips without end' dripping
check 'messages without end' flooding
check 'HTTPS is closed: candidates' https_closed
check 'HTTPS of a stranger gets no token' https_stranger
check 'closed after CONNACK: another client' displaced
check 'closed after CONNACK, HTTPS closed' displaced_unknown
check 'closed at SUBSCRIBE' closed_at_subscribe

# ---- Credentials ---------------------------------------------------------------------------------------------------------------

touch "$folder/nobody"
broker strict "cafile $folder/ca.pem" "certfile $folder/server.pem" "keyfile $folder/server.key" 'allow_anonymous false' \
  "password_file $folder/nobody"
strict_port=$port
connack_5() {
  answer '401 Unauthorized' "$(json 401003 IotHubUnauthorized)"
  port=$strict_port; https=$https_port; at
  doctor "${trusted[@]}"
  ends 77
  step FAILED CONNECT
  verdict "does not take the token of 'dev1'"
}
connack_5_alone() {
  port=$strict_port; https=$closed; at
  doctor "${trusted[@]}"
  ends 77
  step FAILED CONNECT 'not authorised'
  verdict '(CONNACK 5)' 'gave none' 'may be disabled' "Check DeviceId 'dev1'"
  first 'SharedAccessKey may be another'
}
refusing=()
for code in 1 2 3 4; do
  fault refusing "$folder/server.pem" "$folder/server.key" $code
  refusing[code]=$port
done
# refuses CODE EXIT TEXT: CONNACK with that code, and HTTPS closed.
refuses() {
  port=${refusing[$1]}; https=$closed; at
  doctor "${trusted[@]}"
  ends "$2"
  step FAILED CONNECT "$3"
  verdict "(CONNACK $1)" "${@:4}"
}
# who NAME: the arguments of a device with that certificate.
who() { trusted+=(--certificate "$folder/$1.pem" --key "$folder/$1.key"); as=$certified; }
mapfile -t lines < <(over_tls ca server)
broker mutual "${lines[@]}" 'require_certificate true'
mutual_port=$port
certificate_well() {
  port=$mutual_port; at; who device
  doctor "${trusted[@]}"
  ends 0
  step ok certificate 'CN=localhost, issued by CN=Mote throw-away ca'
  no_step token
}
certificate_refused() {
  port=$mutual_port; at; who device2
  doctor "${trusted[@]}"
  ends 76
  # In TLS 1.3 that is when the handshake is done: what the server says may come before CONNECT has left.
  step FAILED "$judged" || { [ "$judged" = CONNECT ] && step FAILED TLS 'The peer reset the TCP connection'; }
  verdict "The server may not take this device's certificate"
}
certificate_missing() { port=$mutual_port; at; doctor "${trusted[@]}"; ends 76; first 'may want a certificate'; }
certificate_ended() {
  port=$mutual_port; at; who ended
  doctor "${trusted[@]}"
  ends 77
  step FAILED certificate "the device's own expired"
  verdict "The device's own certificate expired"
}
certificate_named() {
  port=$mutual_port; at; who device
  as='HostName=localhost;DeviceId=dev9;x509=true' doctor "${trusted[@]}"
  ends 0
  step warning certificate "not in the device's name" 'by its thumbprint'
}
certificate_unknown() {
  answer '401 Unauthorized' "$(json 401003 IotHubUnauthorized)"
  port=$closing_port; https=$https_port; at; who device
  doctor "${trusted[@]}"
  ends 77
  verdict "does not take the certificate of 'localhost'"
  first thumbprint
  [ -s "$answers/request" ]
  ! grep -q Authorization "$answers/request"
}
check 'CONNACK 5, and why' connack_5
check 'CONNACK 5, HTTPS closed: candidates' connack_5_alone
check 'CONNACK 1' refuses 1 76 'protocol level'
check 'CONNACK 2' refuses 2 77 'client identifier'
check 'CONNACK 3' refuses 3 75 unavailable 'gave none'
check 'CONNACK 4' refuses 4 77 'user name or password' 'SharedAccessKey may be another'
check 'a certificate that is taken' certificate_well
check 'a certificate that is refused' certificate_refused
check 'no certificate where one is wanted' certificate_missing
check "the device's own certificate expired" certificate_ended
check 'a certificate in another name' certificate_named
check 'a certificate that the hub does not know' certificate_unknown

malformed() {
  as="HostName=h;DeviceId=d;SharedAccessKey=secret!" doctor
  ends 65
  step FAILED identity unusable
  verdict 'SharedAccessKey is not base64'
}
malformed_json() {
  as="HostName=h;DeviceId|d;SharedAccessKey=$key" doctor --json
  ends 65
  python3 -c 'import json, sys; assert [json.loads(line) for line in sys.stdin][-1]["exit"] == 65' <"$folder/out"
}
no_string() { as='' doctor; [ "$code" -eq 64 ]; grep -q MOTE_CONNECTION_STRING "$folder/err"; [ ! -s "$folder/out" ]; }
no_ca_file() { doctor --ca-file "$folder/none.pem"; ends 66; step FAILED credentials; verdict none.pem; }
insecure() { doctor --insecure; [ "$code" -eq 64 ]; grep -q 'leave --insecure out' "$folder/err"; }
bad_option() { doctor "$@"; [ "$code" -eq 64 ]; }
check 'a malformed connection string' malformed
check 'a malformed connection string, as JSON' malformed_json
check 'no connection string' no_string
check 'a CA file that is not there' no_ca_file
check 'refused: --insecure' insecure
for option in '--timeout=0' '--timeout=nan' '--watch=-1' '--https-port=0' '--https-port=65536'; do
  check "refused: $option" bad_option "$option"
done

# ---- Secrets -------------------------------------------------------------------------------------------------------------------

# A server that says what it was sent, and what would command a terminal.
echoed() {
  answer '401 Unauthorized' '{"errorCode":401003,"message":"{TOKEN}","trackingId":"a'$'\x1b''[2Jb"}' 'Server: hub' 400
  asked
  ends 77
  step FAILED HTTPS '"(hidden)"'
  grep -q 'sig=' "$answers/request"
  ! grep -q $'\x1b' "$folder/out"
}
# What turns the direction of text, a mark, a line separator, a joiner and a tag beyond 16 bits.
invisible() {
  local text=$'A\u202eB\u2066C\u200fD\u2028E\u200dF\U000e0041G'
  answer '401 Unauthorized' "{\"errorCode\":401003,\"message\":\"$text\",\"trackingId\":\"é\"}" "iothub-errorcode: $text" 60
  asked
  ends 77
  step FAILED HTTPS '"A\u202eB\u2066C\u200fD\u2028E\u200dF\udb40\udc41G"' 'tracking identifier é'
  asked --json
  ends 77
  python3 - "$folder/out" <<'END'
import json, sys, unicodedata
text = open(sys.argv[1], encoding="utf-8").read()
assert not [c for c in text if unicodedata.category(c) in ("Cf", "Zl", "Zp")], "invisible"
assert any("A\u202eB\u2066C\u200fD\u2028E\u200dF\U000e0041G" in json.loads(line)["text"] for line in text.splitlines()), "lost"
END
}
no_secret() {
  [ "$(wc -c <"$folder/everything")" -gt 20000 ]
  ! grep -aE 'sig=|SharedAccessSignature|secret!|private' "$folder/everything"
  ! grep -aF "${key:0:12}" "$folder/everything"
  # Nor the signature of a token that was sent.
  local signature
  signature=$(sed -n 's/.*&sig=\([^&]*\)&.*/\1/p' "$answers/request")
  [ -n "$signature" ]
  ! grep -aF "${signature:0:12}" "$folder/everything"
}
check 'a server that repeats the token' echoed
check 'a server that says what cannot be seen' invisible
check 'no output had a key, a token, a signature or a message' no_secret

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
