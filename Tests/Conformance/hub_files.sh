#!/usr/bin/env bash
# Files of devices at the hub emulator: asked for, put into its storage, told of, with curl as the device. Ends with
# `N passed, N failed`. MOTE_HUB=PROGRAM tests another build.
set -euo pipefail
. "$(dirname "$0")/../../Embedded/scripts/common.sh"
. Embedded/scripts/broker.sh
. Tests/Conformance/checks.bash
. Tests/Conformance/hub.bash

device=uploader
# device_token DEVICE KEY [HOST]: a token of a device, by Python.
device_token() {
  python3 - "$@" <<'PYTHON'
import base64, hashlib, hmac, sys, time, urllib.parse
host = sys.argv[3] if len(sys.argv) > 3 else "localhost"
resource, expiry = urllib.parse.quote(f"{host}/devices/{sys.argv[1]}", safe=""), int(time.time()) + 3600
digest = hmac.new(base64.b64decode(sys.argv[2]), f"{resource}\n{expiry}".encode(), hashlib.sha256).digest()
print(f"SharedAccessSignature sr={resource}&sig={urllib.parse.quote(base64.b64encode(digest), safe='')}&se={expiry}")
PYTHON
}
# begins NAME [OPTION…]: a hub with the device, whose token is $token.
begins() {
  serve "$@" --device "$device"
  key=$(value_of deviceConnectionString <"$hub_folder.json" | sed 's/.*SharedAccessKey=//')
  token=$(device_token "$device" "$key")
  api=https://localhost:$https_port/devices/$device/files
}
begins hub
watch_events

version='api-version=2021-04-12'
# request URL OPTION…: the status that curl was given; what else it was given is in $folder/head and $folder/out.
request() { curl --silent --show-error --path-as-is --cacert "$ca" -D "$folder/head" -o "$folder/out" -w '%{http_code}' "$@"; }
# gives STATUS URL OPTION…
gives() {
  local status
  status=$(request "${@:2}")
  [ "$status" = "$1" ] || { echo "gave $status, not $1: $(head -c 1000 "$folder/out")"; return 1; }
}
# header NAME: its value in the last response.
header() { tr -d '\r' <"$folder/head" | sed -n "s/^$1: //Ip"; }

# ---- Ask and tell -----------------------------------------------------------------------------------------------------------

# asks STATUS BODY; told STATUS BODY [PATH]: as the device, with its token.
asks() { gives "$1" "$api?$version" -H "Authorization: $token" -H 'Content-Type: application/json' --data-binary "$2"; }
told() { gives "$1" "$api/notifications${3:-}?$version" -H "Authorization: $token" -H 'Content-Type: application/json' --data-binary "$2"; }
# asked NAME: asks for a file. $url is where it goes, $correlation what it is told of with.
asked() {
  asks 200 "{\"blobName\":\"$1\"}"
  { read -r correlation; read -r sas; read -r url; } < <(python3 -c 'import json, sys, urllib.parse
answer = json.load(sys.stdin)
blob = urllib.parse.quote(answer["blobName"], safe="")
print(answer["correlationId"], answer["sasToken"], "https://%s/%s/%s" % (answer["hostName"], answer["containerName"], blob), sep="\n")' <"$folder/out")
  url+=$sas
}
encoded() { python3 -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.argv[1], safe=""))' "$1"; }
finished() { told 204 "{\"correlationId\":\"$correlation\",\"isSuccess\":true,\"statusCode\":200,\"statusDescription\":\"OK\"}"; }
# refused STATUS CODE COMMAND…: by the hub with this error, in both forms that it has.
refused() {
  "${@:3}"
  [ "$(value_of errorCode <"$folder/out")" = "$2" ]
  value_of Message <"$folder/out" | grep -q '^ErrorCode:'
}

road() {
  asked dir/log.bin
  [ "$(value_of hostName <"$folder/out")" = "localhost:$https_port" ]
  [ "$(value_of blobName <"$folder/out")" = "$device/dir/log.bin" ]
  grep -qE '^\?sv=[0-9-]+&sr=b&sig=[A-Za-z0-9%]+&se=[0-9TZ%A.-]+&sp=rw$' <<<"$sas"
  [ "${#correlation}" -gt 100 ]
  happened '"kind":"upload"' '"stage":"asked"' "\"blobName\":\"$device/dir/log.bin\"" "$correlation"
  head -c 100000 /dev/urandom >"$folder/log.bin"
  gives 201 "$url" -X PUT -H 'x-ms-blob-type: BlockBlob' -H 'Content-Type: text/x-log' --data-binary "@$folder/log.bin"
  [ -n "$(header ETag)" ] && [ -n "$(header x-ms-request-id)" ] && [ -n "$(header x-ms-version)" ]
  finished
  happened '"kind":"upload"' '"stage":"finished"' '"bytes":100000' '"status":200' '"description":"OK"'
  gives 200 "$url"
  cmp "$folder/out" "$folder/log.bin"
  [ "$(header Content-Type)" = text/x-log ] && [ "$(header Content-Length)" = 100000 ]
  gives 200 "$url" --head
  [ "$(header Content-Length)" = 100000 ]
}
# The name that the device calls the hub by, with the port that it sees.
host_name() {
  local name
  for name in 127.0.0.1 "localhost:$https_port" localhost:444; do
    gives 200 "$api?$version" -H "Authorization: $(device_token "$device" "$key" "${name%:*}")" -H "Host: $name" --data '{"blobName":"x"}'
    value_of hostName <"$folder/out" >>"$folder/names"
    told 204 "{\"correlationId\":\"$(value_of correlationId <"$folder/out")\",\"isSuccess\":false}"
  done
  diff "$folder/names" - <<TEXT
127.0.0.1:$https_port
localhost:$https_port
localhost:444
TEXT
}
failed() {
  asked lost.bin
  told 204 "{\"correlationId\":\"$correlation\",\"isSuccess\":false,\"statusCode\":503,\"statusDescription\":\"no way\"}"
  happened '"kind":"upload"' '"stage":"failed"' '"status":503' '"description":"no way"'
}
told_otherwise() {
  asked older.bin
  told 204 '{"isSuccess":true,"statusCode":200}' "/$(encoded "$correlation")"
  refused 404 404000 told 404 '{"isSuccess":true}' "/$(encoded "$correlation")"
}
wrong() {
  refused 400 400004 asks 400 '{}'
  refused 400 400004 asks 400 '{"blobName":5}'
  refused 400 400004 asks 400 '{"blobName":""}'
  refused 400 400004 asks 400 '{"blobName":"a\u0000b"}'
  refused 400 400004 asks 400 "{\"blobName\":\"$(printf 'x%.0s' {1..1024})\"}"
  refused 400 400006 asks 400 '{'
  refused 404 404000 told 404 '{"correlationId":"none","isSuccess":true}'
  asked wrong.bin
  refused 400 400004 told 400 "{\"correlationId\":\"$correlation\"}"
  refused 400 400004 told 400 '{"isSuccess":true}'
  finished
  refused 404 404000 finished_again
}
finished_again() { told 404 "{\"correlationId\":\"$correlation\",\"isSuccess\":true}"; }
strangers() {
  [ "$(request "$api?$version" --data '{"blobName":"x"}')" = 401 ]
  hub device create other >"$folder/other"
  local theirs
  theirs=$(device_token other "$(sed 's/.*SharedAccessKey=//' "$folder/other")")
  [ "$(request "$api?$version" -H "Authorization: $theirs" --data '{"blobName":"x"}')" = 401 ]
  # Nor is one told of by another device, nor asked for by a module.
  asked mine.bin
  [ "$(request "https://localhost:$https_port/devices/other/files/notifications?$version" -H "Authorization: $theirs" \
    --data "{\"correlationId\":\"$correlation\",\"isSuccess\":true}")" = 404 ]
  finished
  gives 404 "https://localhost:$https_port/devices/$device/modules/m/files?$version" -H "Authorization: $token" --data '{"blobName":"x"}'
}
too_many() {
  local n correlations=()
  hub device create crowded >"$folder/crowded"
  token=$(device_token crowded "$(sed 's/.*SharedAccessKey=//' "$folder/crowded")")
  api=https://localhost:$https_port/devices/crowded/files
  for n in {1..10}; do asked "many$n"; correlations+=("$correlation"); done
  refused 403 403006 asks 403 '{"blobName":"many11"}'
  for correlation in "${correlations[@]}"; do finished; done
  asked many11
  finished
}
check 'a file is asked for, put, told of, and is what it was' road
check 'storage has the name that the device has for the hub' host_name
check 'a failure is told of' failed
check 'the older form of telling' told_otherwise
check 'what is asked and told wrongly is refused' wrong
check 'files are for the device that has asked' strangers
check 'ten uploads at a time' too_many

# ---- Put ------------------------------------------------------------------------------------------------------------------------

# storage STATUS CODE COMMAND…: refused by storage with this error.
storage() {
  "${@:3}"
  [ "$(header x-ms-error-code)" = "$2" ] || { echo "the error is $(header x-ms-error-code)"; return 1; }
  grep -qF "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>$2</Code><Message>" "$folder/out"
  [ -n "$(header x-ms-request-id)" ]
}
# put STATUS DATA [OPTION…]; block STATUS ID DATA [OPTION…]; list STATUS XML: to $url.
put() { gives "$1" "$url" -X PUT -H 'x-ms-blob-type: BlockBlob' --data-binary "$2" "${@:3}"; }
block() { gives "$1" "$url&comp=block&blockid=$(encoded "$2")" -X PUT --data-binary "$3" "${@:4}"; }
list() { gives "$1" "$url&comp=blocklist" -X PUT --data-binary "$2"; }
# content TEXT: what the blob is.
content() { gives 200 "$url" && [ "$(cat "$folder/out")" = "$1" ] || { echo "it is: $(head -c 200 "$folder/out")"; return 1; }; }
xml='<?xml version="1.0" encoding="utf-8"?>'

# tears COUNT LENGTH: puts COUNT bytes of LENGTH to $url, and then hears what the hub has to say, to $folder/torn.
tears() {
  python3 - "$ca" "$url" "$@" >"$folder/torn" <<'PYTHON'
import socket, ssl, sys
authority, url, count, length = sys.argv[1:]
host, path = url.removeprefix("https://").split("/", 1)
name, port = host.split(":")
connection = ssl.create_default_context(cafile=authority).wrap_socket(socket.create_connection((name, int(port)), timeout=30), server_hostname=name)
connection.sendall(f"PUT /{path} HTTP/1.1\r\nHost: {host}\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: {length}\r\n\r\n".encode())
connection.sendall(bytes(int(count)))
try:
    while piece := connection.recv(65536):
        sys.stdout.buffer.write(piece)
except (ConnectionError, ssl.SSLError):
    pass
PYTHON
}

blocks() {
  asked blocks.bin
  block 201 MDAwMDAw one,
  block 201 MDAwMDAx two,
  block 201 MDAwMDAy never
  storage 404 BlobNotFound gives 404 "$url"
  list 201 "$xml<BlockList><Latest>MDAwMDAx</Latest><Latest>MDAwMDAw</Latest></BlockList>"
  [ -n "$(header ETag)" ]
  content 'two,one,'
  # What was not named is gone.
  storage 400 InvalidBlockList list 400 "$xml<BlockList><Latest>MDAwMDAy</Latest></BlockList>"
  content 'two,one,'
  # A block is replaced until it is in the list, and then is another one than that in the blob.
  block 201 MDAwMDAw ONE,
  block 201 MDAwMDAw eins,
  content 'two,one,'
  storage 400 InvalidBlockList list 400 "<BlockList><Uncommitted>MDAwMDAx</Uncommitted></BlockList>"
  storage 400 InvalidBlockList list 400 "<BlockList><Committed>MDAwMDAw</Committed><Uncommitted>MDAwMDAw</Uncommitted></BlockList>"
  list 201 "$(printf '%s\r\n<BlockList>\r\n  <Committed>MDAwMDAw</Committed>\r\n  <Latest>MDAwMDAx</Latest>\n<Latest> MDAwMDAx </Latest></BlockList>\n' "$xml")"
  content 'one,two,two,'
  block 201 MDAwMDAw eins,
  list 201 '<BlockList><Uncommitted>MDAwMDAw</Uncommitted></BlockList>'
  content 'eins,'
  list 201 '<BlockList/>'
  content ''
  finished
}
replaced() {
  asked again.bin
  put 201 first
  block 201 QQ== block
  content first
  put 201 second -H 'x-ms-blob-content-type: text/plain'
  content second
  [ "$(header Content-Type)" = text/plain ]
  # What had come of blocks went with it.
  storage 400 InvalidBlockList list 400 '<BlockList><Latest>QQ==</Latest></BlockList>'
  content second
  finished
}
# What is refused leaves what there is.
refusals() {
  asked refused.bin
  put 201 good
  storage 400 MissingRequiredHeader gives 400 "$url" -X PUT --data x
  storage 400 InvalidHeaderValue gives 400 "$url" -X PUT -H 'x-ms-blob-type: PageBlob' --data x
  storage 400 InvalidQueryParameterValue gives 400 "$url&comp=metadata" -X PUT --data x
  storage 411 MissingContentLengthHeader put 411 x -H 'Transfer-Encoding: chunked'
  storage 400 InvalidHeaderValue block 400 MDAw ''
  storage 400 InvalidBlockId block 400 '' x
  storage 400 InvalidBlockId block 400 '!' x
  storage 400 InvalidBlockId block 400 "$(printf 'x%.0s' {1..65} | base64 -w 0)" x
  block 201 "$(printf 'x%.0s' {1..64} | base64 -w 0)" x
  storage 400 InvalidBlobOrBlock block 400 MDAw x
  storage 413 RequestBodyTooLarge put 413 x -H 'Content-Length: 268435457' -H 'Expect: 100-continue'
  storage 413 RequestBodyTooLarge block 413 MDAw x -H 'Content-Length: 104857601' -H 'Expect: 100-continue'
  storage 413 RequestBodyTooLarge gives 413 "$url&comp=blocklist" -X PUT --data x -H 'Content-Length: 8388609' -H 'Expect: 100-continue'
  storage 400 InvalidMd5 put 400 bad -H 'Content-MD5: x'
  storage 400 Md5Mismatch put 400 bad -H "Content-MD5: $(printf other | openssl md5 -binary | base64)"
  content good
  put 201 better -H "Content-MD5: $(printf better | openssl md5 -binary | base64)"
  content better
  local text
  for text in '' '<' 'x' '<BlockList>' "$xml" "$xml<BlockList></BlockList>x" '<BlockList><Latest>QQ==</Late></BlockList>' '<blocklist/>' \
    '<!DOCTYPE x [<!ENTITY e "e">]><BlockList><Latest>&e;</Latest></BlockList>' '<BlockList><Latest>QQ==</Latest>' '<BlockList><Latest><Latest>'; do
    storage 400 InvalidXmlDocument list 400 "$text" || { echo "$text"; return 1; }
  done
  storage 400 InvalidXmlNodeValue list 400 '<BlockList><Newest>QQ==</Newest></BlockList>'
  storage 400 InvalidBlockId list 400 '<BlockList><Latest>Q</Latest></BlockList>'
  storage 400 BlockListTooLong list 400 "@$folder/long"
  content better
  finished
}
python3 -c 'print("<BlockList>" + "<Latest>MDAwMDAw</Latest>" * 50001 + "</BlockList>", end="")' >"$folder/long"
unsigned() {
  asked signed.bin
  put 201 signed
  local good=$url bad
  for bad in "${url/sig=??/sig=xx}" "${url/sp=rw/sp=rwd}" "${url/&se=20/&se=21}" "${url/signed.bin/other.bin}" "${url%%\?*}" "${url/sv=2018/sv=2019}"; do
    url=$bad
    [ "$bad" != "$good" ]
    storage 403 AuthenticationFailed put 403 bad
    storage 403 AuthenticationFailed block 403 QQ== bad
    storage 403 AuthenticationFailed gives 403 "$url"
  done
  url=$good
  content signed
  # Without waiting for leave, four MiB are sent, and the refusal is heard.
  head -c 4194304 /dev/zero >"$folder/zeros"
  url=${url/sig=??/sig=xx}
  storage 403 AuthenticationFailed put 403 "@$folder/zeros" -H Expect:
  finished
}
# Whatever a file is called, it is one of the device's, and nothing on the disk has its name.
names() {
  local name found
  for name in '../../../../../../../tmp/mote-escape' '..' '.' '/' 'a//b/' 'ü é/%2F%00+&=?#' "$(printf 'l%.0s' {1..1000})" '\\..\\x' '~' '*'; do
    asked "$name"
    put 201 "named $name"
    content "named $name"
    finished
  done
  asked 'slashes/in/it'
  url="https://localhost:$https_port/uploads/$device/slashes/in/it$sas"
  put 201 bare
  content bare
  finished
  found=$(find "$hub_folder" -newer "$folder/long" -path '*blocks/*' -not -regex '.*/blocks/[0-9A-F-]+')
  [ -z "$found" ] || { echo "$found"; return 1; }
  [ ! -e /tmp/mote-escape ]
}
check 'blocks: committed in any order, replaced, looked for where the list says' blocks
check 'a blob is replaced at once' replaced
check 'what storage refuses leaves the blob as it is' refusals
check 'without a token for this blob nothing is done' unsigned
check 'whatever a file is called, it is only that' names

# ---- Seen by people ---------------------------------------------------------------------------------------------------------------

# It is there as it was put, whole or not at all.
got() {
  asked 'dir/a b.bin'
  put 201 "@$folder/log.bin"
  finished
  hub file get "$device" 'dir/a b.bin' | cmp - "$folder/log.bin"
  hub file get "$device" 'dir/a b.bin' -o "$folder/got"
  cmp "$folder/got" "$folder/log.bin"
  hub file list "$device" | grep -P "^$device\t100000\t[0-9TZ:-]+\tdir/a b.bin$"
  hub file list none >"$folder/listed"
  [ ! -s "$folder/listed" ]
  local code=0
  hub file get "$device" nothing -o "$folder/none" 2>"$folder/err" || code=$?
  [ "$code" -eq 77 ] && grep -q 'no file of this name' "$folder/err" && [ ! -e "$folder/none" ] && [ ! -e "$folder/none.new" ]
  # A browser runs nothing of it.
  asked page.html
  put 201 '<script>1</script>' -H 'Content-Type: text/html'
  finished
  hub file list --json | grep -qF '"contentType":"text/html"'
}
seen() {
  await 20 watched
  asked seen.bin
  put 201 12345
  finished
  await 20 grep -qF " $device upload finished $device/seen.bin 5 bytes 200 OK" "$folder/lines"
  grep -qF " $device upload asked $device/seen.bin" "$folder/lines"
}
# Whether an event of this has been printed, so that no later one is missed.
watched() {
  asked probe.bin
  finished
  [ -s "$folder/lines" ]
}
hub monitor --kind upload >"$folder/lines" 2>"$folder/monitor.err" &
children+=("$!")
check 'mote-hub file lists and gets them' got
check 'mote-hub monitor shows what becomes of an upload' seen

# ---- Faults -----------------------------------------------------------------------------------------------------------------------

refuses_uploads() {
  asked fault.bin
  hub fault refuse-upload --status 503 --count 2 --device "$device"
  storage 503 ServerBusy block 503 MDAw first
  storage 503 ServerBusy put 503 first
  block 201 MDAw first
  hub fault refuse-upload --status 500 --count 1
  storage 500 InternalError list 500 '<BlockList><Latest>MDAw</Latest></BlockList>'
  list 201 '<BlockList><Latest>MDAw</Latest></BlockList>'
  # Another's fault is not this one's.
  hub fault refuse-upload --status 403 --device other
  put 201 second
  hub fault clear
  finished
}
cuts() {
  asked cut.bin
  put 201 whole
  hub fault close-mid-upload --device "$device" --count 1
  # What has come is more than half, and no answer comes.
  tears 600000 1000000
  [ ! -s "$folder/torn" ]
  content whole
  put 201 "@$folder/log.bin"
  finished
}
ends_tokens() {
  asked old.bin
  put 201 good
  hub fault expire-uploads --device "$device"
  storage 403 AuthenticationFailed put 403 bad
  storage 403 AuthenticationFailed block 403 MDAw bad
  finished
  asked old.bin
  content good
  put 201 better
  finished
  local code=0
  hub fault refuse-upload 2>"$folder/err" || code=$?
  [ "$code" -eq 64 ] && grep -q -- '--status' "$folder/err"
}
check 'fault refuse-upload' refuses_uploads
check 'fault close-mid-upload' cuts
check 'fault expire-uploads' ends_tokens

# ---- A kill, and a large file ---------------------------------------------------------------------------------------------------

survives() {
  await 20 files_are 2
  url=${before/localhost:*\/uploads/localhost:$https_port/uploads}
  content kept
  list 201 '<BlockList><Uncommitted>MDAw</Uncommitted></BlockList>'
  content 'a block'
  finished
  refused 404 404000 finished_again
}
# files_are NUMBER: so many more than $files, of blocks.
files_are() { [ "$(find "$hub_folder/blocks" -type f | wc -l)" -eq $((files + $1)) ]; }
files=$(find "$hub_folder/blocks" -type f | wc -l)
asked torn.bin
tears 5 1000 &
torn=$!
asked kept.bin
put 201 kept
block 201 MDAw 'a block'
before=$url
# The body that is on its way is nobody's.
await 20 files_are 3 || fail 'the body that is on its way is in no file'
kill -9 "$hub"
wait "$hub" "$torn" 2>/dev/null || true
begins hub
check 'kill -9 loses no blob, no block and no upload' survives

expires() {
  asked late.bin
  await 20 storage 403 AuthenticationFailed put 403 late
  # An upload whose token has ended is not active, and can be told of.
  local n
  for n in {1..10}; do asked "late$n"; done
  await 20 asks 200 '{"blobName":"one more"}'
  finished
}
begins brief --upload-ttl 1
check 'a token ends' expires

# The most that the hub has had in memory, in KiB.
peak() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$hub/status"; }
large() {
  head -c $((256 << 20)) /dev/urandom >"$folder/large"
  split --bytes 4M --numeric-suffixes --suffix-length 3 "$folder/large" "$folder/block."
  local before n
  asked warm.bin
  put 201 "@$folder/block.000"
  gives 200 "$url"
  finished
  before=$(peak)
  asked large.bin
  # curl sends all of them over one connection.
  for n in {000..063}; do
    printf 'next\nsilent\nshow-error\nfail\ncacert = "%s"\nrequest = PUT\ndata-binary = "@%s"\nurl = "%s&comp=block&blockid=%s"\n' \
      "$ca" "$folder/block.$n" "$url" "$(printf '000%s' "$n" | base64)"
  done | sed 1d >"$folder/config"
  curl --config "$folder/config"
  list 201 "<BlockList>$(for n in {000..063}; do printf '<Latest>%s</Latest>' "$(printf '000%s' "$n" | base64)"; done)</BlockList>"
  gives 200 "$url"
  cmp "$folder/out" "$folder/large"
  put 201 "@$folder/large"
  gives 200 "$url"
  cmp "$folder/out" "$folder/large"
  finished
  echo "       at most $((before / 1024)) MiB before 256 MiB went in and out twice, $(($(peak) / 1024)) MiB after" >"$folder/figures"
  [ "$(peak)" -le $((before + 8192)) ] || { cat "$folder/figures"; return 1; }
}
begins big
check '256 MiB in blocks and in one piece, and the hub does not grow' large
if [ -f "$folder/figures" ]; then cat "$folder/figures"; fi

# Without --data, what is put is in a folder that goes with the hub.
mkdir "$folder/passing"
env TMPDIR="$folder/passing" XDG_RUNTIME_DIR="$folder/passing" "$MOTE_HUB" serve --port-mqtt 0 --port-https 0 --port-web 0 --device "$device" --json \
  >"$folder/passing.json" 2>"$folder/passing.log" &
passing=$!
children+=("$passing")
await 20 grep -q '^{' "$folder/passing.json" || fail "mote-hub does not start: $(cat "$folder/passing.log")"
https_port=$(value_of ports.https <"$folder/passing.json") ca=$(value_of caFile <"$folder/passing.json")
key=$(value_of deviceConnectionString <"$folder/passing.json" | sed 's/.*SharedAccessKey=//')
token=$(device_token "$device" "$key") api=https://localhost:$https_port/devices/$device/files
passes() {
  asked passing.bin
  put 201 "@$folder/log.bin"
  gives 200 "$url"
  cmp "$folder/out" "$folder/log.bin"
  [ "$(find "$folder/passing" -path '*/mote-hub-*/*' -type f -size +50k | wc -l)" -eq 1 ]
  kill "$passing"
  await 20 gone
}
gone() { ! ls -d "$folder/passing/mote-hub-"*; }
check 'without --data, files go with the hub' passes
check 'no secret is in the log' eval '! grep -hE "sig=|SharedAccess" "$folder"/*.log'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
