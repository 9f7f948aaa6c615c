/*
 * Certificates that others show: who vouches for them, whose they are, and their thumbprints.
 */
#include "mote_hub_certificates.h"

#include <mbedtls/md.h>
#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>

#include <string.h>

/** Parses certificates that follow one another as DER. */
static int parse_chain(mbedtls_x509_crt *chain, const uint8_t *bytes, size_t length) {
  mbedtls_x509_crt *last = chain;
  while (length > 0) {
    int code = mbedtls_x509_crt_parse_der(chain, bytes, length);
    if (code != 0) return code;
    while (last->next != NULL) last = last->next;
    bytes += last->raw.len;
    length -= last->raw.len;
  }
  return 0;
}

int32_t mote_hub_verify(const uint8_t *chain_bytes, size_t length, const char *trusted, const char *server) {
  mbedtls_x509_crt chain, authorities;
  uint32_t flags = 0;
  mbedtls_x509_crt_init(&chain);
  mbedtls_x509_crt_init(&authorities);
  int code = length > 0 ? parse_chain(&chain, chain_bytes, length) : MBEDTLS_ERR_X509_CERT_UNKNOWN_FORMAT;
  if (code == 0) code = mbedtls_x509_crt_parse(&authorities, (const uint8_t *)trusted, strlen(trusted) + 1);
  /* How many of the authorities could not be read: none may be left out in silence. */
  if (code > 0) code = MBEDTLS_ERR_X509_CERT_UNKNOWN_FORMAT;
  if (code == 0) code = mbedtls_x509_crt_verify(&chain, &authorities, NULL, server, &flags, NULL, NULL);
  if (code == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) code = (int)flags;
  if (code == 0) {
    const char *usage = server != NULL ? MBEDTLS_OID_SERVER_AUTH : MBEDTLS_OID_CLIENT_AUTH;
    code = mbedtls_x509_crt_check_extended_key_usage(&chain, usage, MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH));
  }
  mbedtls_x509_crt_free(&chain);
  mbedtls_x509_crt_free(&authorities);
  return code;
}

int32_t mote_hub_common_name(const uint8_t *bytes, size_t length, uint8_t *name, size_t capacity) {
  mbedtls_x509_crt certificate;
  mbedtls_x509_crt_init(&certificate);
  int code = mbedtls_x509_crt_parse_der(&certificate, bytes, length);
  if (code == 0) {
    code = MBEDTLS_ERR_X509_INVALID_NAME;
    for (const mbedtls_x509_name *part = &certificate.subject; part != NULL; part = part->next) {
      if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &part->oid) != 0 || part->val.len >= capacity) continue;
      memcpy(name, part->val.p, part->val.len);
      name[part->val.len] = 0;
      code = (int)part->val.len;
    }
  }
  mbedtls_x509_crt_free(&certificate);
  return code;
}

int32_t mote_hub_sha1(const uint8_t *data, size_t length, uint8_t *hash) {
  return mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA1), data, length, hash);
}

int32_t mote_hub_sha256(const uint8_t *data, size_t length, uint8_t *hash) {
  return mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), data, length, hash);
}
