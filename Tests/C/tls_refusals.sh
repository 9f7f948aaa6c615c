#!/usr/bin/env bash
# Makes roots and certificates, builds the TLS tests, and runs them there. Arguments go to the compiler, such as
# -fsanitize=address,undefined; MOTE_UNDER is a program to run it under, such as valgrind.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

sources=("$here"/tls_*.c "$here/../Conformance/checks.c"
  "$root"/Sources/CMoteTLS/*.c "$root"/Sources/CMoteCrypto/*.c "$root"/Sources/CMoteLinux/*.c)
${CC:-cc} -std=gnu11 -Wall -Wextra -Wpedantic -Werror -g "$@" -I"$root/Embedded/include" -I"$here/../Conformance" -I"$root/Sources/CMoteTLS" \
  -I"$root/Sources/CMoteTLS/include" -I"$root/Sources/CMoteCrypto/include" "${sources[@]}" -o "$folder/tls_refusals" \
  -lmbedtls -lmbedx509 -lmbedcrypto -lpthread

cd "$folder"
cat >authority.cnf <<'CNF'
[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
policy = policy
unique_subject = no
rand_serial = yes
[policy]
commonName = supplied
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:false
subjectAltName = DNS:localhost
extendedKeyUsage = serverAuth
[device]
basicConstraints = CA:false
subjectAltName = DNS:localhost
extendedKeyUsage = clientAuth
[req]
distinguished_name = name
[name]
CNF
: >index.txt

# make NAME KEY SUBJECT ISSUER EXTENSIONS FROM TO [DIGEST]: ISSUER `-` signs itself; dates are years.
make() {
  local name=$1 key=$2 subject=$3 issuer=$4 extensions=$5 from=$6 to=$7 digest=${8:-sha256}
  local curve=()
  if [ "$key" = ec ]; then curve=(-pkeyopt ec_paramgen_curve:P-256); fi
  openssl req -config authority.cnf -newkey "$key" "${curve[@]}" -nodes \
    -subj "/CN=$subject" -keyout "$name.key" -out request.pem
  local signer=(-cert "$issuer.pem" -keyfile "$issuer.key")
  if [ "$issuer" = - ]; then signer=(-selfsign -keyfile "$name.key"); fi
  openssl ca -config authority.cnf -batch -notext -in request.pem -out "$name.pem" "${signer[@]}" -md "$digest" \
    -extensions "$extensions" -startdate "${from}0101000000Z" -enddate "${to}0101000000Z"
}

certificates() {
  make ca ec 'Test Root' - root 2020 2060
  make lateca ec 'Late Root' - root 2029 2060
  make oldca ec 'Old Root' - root 2020 2027
  make otherca ec 'Other Root' - root 2020 2060
  make falseca ec 'Test Root' - root 2020 2060
  make middle ec 'Middle' ca root 2028 2040
  make oldmiddle ec 'Old Middle' ca root 2020 2027
  make ec ec localhost ca server 2028 2040
  make rsa rsa:2048 localhost ca server 2028 2040
  make brief ec 'Brief' ca root 2029 2035
  make long ec localhost brief server 2028 2040
  make deep ec localhost middle server 2028 2040
  make stale ec localhost oldmiddle server 2028 2040
  make orphan ec localhost oldca server 2028 2040
  make late ec localhost lateca server 2029 2040
  make expired ec localhost ca server 2020 2027
  make early ec localhost ca server 2031 2040
  make self ec localhost - server 2028 2040
  make weak rsa:1024 localhost ca server 2028 2040
  make sha1 rsa:2048 localhost ca server 2028 2040 sha1
  make device ec localhost ca device 2028 2040
  cp device.pem mismatched.pem
  cp ec.key mismatched.key
}

certificates >made.txt 2>&1 || { cat made.txt; exit 1; }
${MOTE_UNDER:-} ./tls_refusals
