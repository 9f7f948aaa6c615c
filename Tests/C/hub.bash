# Sourced by tests over a hub in memory (hub.c): its certificates, and how its programs are built.
. "$(dirname "${BASH_SOURCE[0]}")/../Conformance/programs.bash"

# hub_certificate CA NAME: an authority, and a certificate from it for the hub, $folder/NAME.pem and .key. Both are good for
# twenty years from now: tests live in 2030.
hub_certificate() {
  local ca=$folder/$1 name=$folder/$2 curve=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  {
    openssl req -x509 "${curve[@]}" -days 7300 -subj "/CN=Mote throw-away $1" -addext keyUsage=critical,keyCertSign \
      -keyout "$ca.key" -out "$ca.pem" &&
      openssl req "${curve[@]}" -subj /CN=hub.example -keyout "$name.key" -out "$name.csr" &&
      printf 'subjectAltName=DNS:hub.example\n' >"$name.ext" &&
      openssl x509 -req -in "$name.csr" -CA "$ca.pem" -CAkey "$ca.key" -CAcreateserial -days 7300 -extfile "$name.ext" \
        -out "$name.pem"
  } 2>"$folder/openssl.log" || fail "openssl made no certificate: $(cat "$folder/openssl.log")"
}

# mbedTLS allocates for every large number: what to tell of each allocation is what makes a sanitizer slow.
export ASAN_OPTIONS=malloc_context_size=2:quarantine_size_mb=8
# What glibc keeps for each thread to give out again counts as in use.
export GLIBC_TUNABLES=glibc.malloc.tcache_count=0

hub_certificate ca server
hub_certificate strangers_ca stranger
hub_sources=(C/network.c C/hub.c C/front.c C/hub_mqtt.c C/hub_requests.c C/device.c Conformance/peers.c)
