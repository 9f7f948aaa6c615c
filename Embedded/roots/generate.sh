#!/usr/bin/env bash
# Writes Sources/CMoteTLS/mote_roots.c from the certificates beside this file, each checked against its SHA-256
# fingerprint. Run it after a root has been added here; `generate.sh --check` fails when the file is not up to date.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
output=$here/../../Sources/CMoteTLS/mote_roots.c

# File, SHA-256 of its DER, and the certificate's name.
roots='
digicert_global_root_g2 cb3ccbb76031e5e0138f8dd39a23f9de47ffc35e43c1144cea27d46a5ab1cb5f DigiCert Global Root G2
microsoft_rsa_root_2017 c741f70f4b2a8d88bf2e71c14122ef53ef10eba0cfa5e64cfa20f418853073e0 Microsoft RSA Root Certificate Authority 2017
digicert_global_root_g3 31ad6648f8104138c738f39ea4320133393e3a18cc02296ef97c2ac9ef6731d0 DigiCert Global Root G3
microsoft_ecc_root_2017 358df39d764af9e1b766e9c972df352ee15cfac227af6ad1d70e8e4a6edcba02 Microsoft ECC Root Certificate Authority 2017
'

der() { openssl x509 -in "$here/$1.pem" -outform der; }

write() {
  cat <<'HEAD'
/*
 * The roots that IoT Hub's certificates end at. Written by Embedded/roots/generate.sh from the PEM files beside
 * it, each checked against its SHA-256 fingerprint: edit those, not this.
 */
#ifndef MOTE_NO_MBEDTLS

#include "mote_tls.h"

HEAD
  local file fingerprint name
  while read -r file fingerprint name; do
    printf '/* %s, SHA-256 %s */\n' "$name" "$fingerprint"
    printf 'static const uint8_t %s[] = {\n' "$file"
    der "$file" | od -An -v -tx1 -w18 | sed 's/ \(..\)/ 0x\1,/g; s/^/ /'
    printf '};\n\n'
  done <<<"$list"
  printf 'static const mote_tls_root roots[MOTE_IOT_HUB_ROOTS] = {\n'
  while read -r file fingerprint name; do
    printf '  {%s, sizeof %s},\n' "$file" "$file"
  done <<<"$list"
  printf '};\n\nconst mote_tls_root *mote_iot_hub_roots(void) { return roots; }\n\n#endif\n'
}

list=$(grep . <<<"$roots")
while read -r file fingerprint name; do
  found=$(der "$file" | sha256sum)
  if [ "${found%% *}" != "$fingerprint" ]; then
    echo "$file.pem is not $name: its fingerprint is ${found%% *}" >&2
    exit 1
  fi
done <<<"$list"

if [ "${1:-}" = --check ]; then
  diff -u "$output" <(write)
else
  write >"$output"
fi
