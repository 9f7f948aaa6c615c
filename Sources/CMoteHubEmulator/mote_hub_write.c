/*
 * Certificates written. Subject alternative names and name constraints have no function in mbedTLS 2.28, and are put together here.
 */
#include "mote_hub_certificates.h"
#include "mote_hub_random.h"

#include <mbedtls/asn1.h>
#include <mbedtls/bignum.h>
#include <mbedtls/oid.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#include <arpa/inet.h>
#include <string.h>

#define NAMES 512
#define IP_ADDRESS (MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7)
#define DNS_NAME (MBEDTLS_ASN1_CONTEXT_SPECIFIC | 2)

/** DER, written from its end to its start as lengths come before what they measure. */
typedef struct {
  uint8_t bytes[NAMES];
  size_t start;
  int overflow;
} der;

static void put(der *der, const void *bytes, size_t length) {
  if (length > der->start) {
    der->overflow = 1;
    return;
  }
  der->start -= length;
  memcpy(der->bytes + der->start, bytes, length);
}

/** Puts the tag and the length of what was written since `end`. */
static void put_header(der *der, uint8_t tag, size_t end) {
  size_t length = end - der->start;
  uint8_t header[4] = {tag, (uint8_t)length};
  size_t count = 2;
  if (length >= 0x100) {
    header[1] = 0x82;
    header[2] = (uint8_t)(length >> 8);
    header[3] = (uint8_t)length;
    count = 4;
  } else if (length >= 0x80) {
    header[1] = 0x81;
    header[2] = (uint8_t)length;
    count = 3;
  }
  put(der, header, count);
}

/** Puts a general name; with `constrains` as the base of a subtree, whose addresses have a mask. */
static void put_name(der *der, const char *name, int constrains) {
  uint8_t address[32];
  memset(address, 0xFF, sizeof address);
  size_t end = der->start, length = 0;
  if (inet_pton(AF_INET, name, address) == 1) length = 4;
  else if (inet_pton(AF_INET6, name, address) == 1) length = 16;
  if (length > 0) {
    put(der, address, constrains ? 2 * length : length);
    put_header(der, IP_ADDRESS, end);
    if (constrains) put_header(der, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE, end);
    end = der->start;
  }
  if (length == 16) return;
  /* An IPv4 address is written as a name too: mbedTLS 2.28 compares a host with names alone. */
  put(der, name, strlen(name));
  put_header(der, DNS_NAME, end);
  if (constrains) put_header(der, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE, end);
}

/** Puts a list of names, separated by commas. */
static void put_names(der *der, const char *names, int constrains) {
  size_t end = der->start;
  while (*names != 0) {
    char name[256];
    size_t length = strcspn(names, ",");
    if (length >= sizeof name) {
      der->overflow = 1;
      return;
    }
    memcpy(name, names, length);
    name[length] = 0;
    put_name(der, name, constrains);
    names += length + (names[length] == ',');
  }
  if (constrains) put_header(der, MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_ASN1_CONSTRUCTED, end);
  put_header(der, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE, end);
}

/**
 * Not critical, though RFC 5280 wants constraints to be: mbedTLS 2.28 and 3.6 refuse a critical extension that they do not
 * know, and who knows it heeds it in any case.
 */
static int add_names(mbedtls_x509write_cert *certificate, const char *oid, size_t length, const char *names, int constrains) {
  der der = {.start = NAMES};
  put_names(&der, names, constrains);
  if (der.overflow) return MBEDTLS_ERR_X509_BUFFER_TOO_SMALL;
  return mbedtls_x509write_crt_set_extension(certificate, oid, length, 0, der.bytes + der.start, NAMES - der.start);
}

static int add_purpose(mbedtls_x509write_cert *certificate, const mote_hub_certificate *request) {
  static const uint8_t server_use[] = {0x30, 10, 6, 8, 0x2B, 6, 1, 5, 5, 7, 3, 1};
  static const uint8_t client_use[] = {0x30, 10, 6, 8, 0x2B, 6, 1, 5, 5, 7, 3, 2};
  int serves = request->purpose == MOTE_HUB_SERVER || request->purpose == MOTE_HUB_SERVER_AUTHORITY;
  int is_authority = request->purpose == MOTE_HUB_SERVER_AUTHORITY || request->purpose == MOTE_HUB_DEVICE_AUTHORITY;
  unsigned usage = is_authority ? MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN : MBEDTLS_X509_KU_DIGITAL_SIGNATURE;

  int code = mbedtls_x509write_crt_set_basic_constraints(certificate, is_authority, is_authority ? 0 : -1);
  if (code == 0) code = mbedtls_x509write_crt_set_key_usage(certificate, usage);
  if (code == 0) {
    code = mbedtls_x509write_crt_set_extension(certificate, MBEDTLS_OID_EXTENDED_KEY_USAGE,
        MBEDTLS_OID_SIZE(MBEDTLS_OID_EXTENDED_KEY_USAGE), 0, serves ? server_use : client_use, sizeof server_use);
  }
  if (code == 0 && request->purpose == MOTE_HUB_SERVER) {
    code = add_names(certificate, MBEDTLS_OID_SUBJECT_ALT_NAME, MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME),
        request->names, 0);
  }
  if (code == 0 && request->purpose == MOTE_HUB_SERVER_AUTHORITY) {
    code = add_names(certificate, MBEDTLS_OID_NAME_CONSTRAINTS, MBEDTLS_OID_SIZE(MBEDTLS_OID_NAME_CONSTRAINTS),
        request->names, 1);
  }
  if (code == 0) code = mbedtls_x509write_crt_set_subject_key_identifier(certificate);
  if (code == 0) code = mbedtls_x509write_crt_set_authority_key_identifier(certificate);
  return code;
}

static int parse_key(mbedtls_pk_context *key, const char *pem) {
#if MBEDTLS_VERSION_NUMBER < 0x03000000
  return mbedtls_pk_parse_key(key, (const uint8_t *)pem, strlen(pem) + 1, NULL, 0);
#else
  return mbedtls_pk_parse_key(key, (const uint8_t *)pem, strlen(pem) + 1, NULL, 0, mote_hub_random, NULL);
#endif
}

static int set_serial(mbedtls_x509write_cert *certificate) {
  uint8_t bytes[16];
  int code = mote_hub_random(NULL, bytes, sizeof bytes);
  /* Positive, and as long as it looks. */
  bytes[0] = (bytes[0] & 0x7F) | 0x40;
#if MBEDTLS_VERSION_NUMBER < 0x03040000
  mbedtls_mpi serial;
  mbedtls_mpi_init(&serial);
  if (code == 0) code = mbedtls_mpi_read_binary(&serial, bytes, sizeof bytes);
  if (code == 0) code = mbedtls_x509write_crt_set_serial(certificate, &serial);
  mbedtls_mpi_free(&serial);
#else
  if (code == 0) code = mbedtls_x509write_crt_set_serial_raw(certificate, bytes, sizeof bytes);
#endif
  return code;
}

/** `CN=` and the name, whose commas would else end it. */
static int subject_of(const char *name, char *subject, size_t capacity) {
  size_t length = 3;
  memcpy(subject, "CN=", 3);
  for (; *name != 0; name++) {
    if (length + 3 > capacity) return MBEDTLS_ERR_X509_BUFFER_TOO_SMALL;
    if (*name == ',' || *name == '\\') subject[length++] = '\\';
    subject[length++] = *name;
  }
  subject[length] = 0;
  return 0;
}

int32_t mote_hub_write_certificate(const mote_hub_certificate *request, uint8_t *pem, size_t capacity) {
  mbedtls_x509write_cert certificate;
  mbedtls_pk_context key, issuer_key;
  mbedtls_x509_crt issuer;
  char subject[300], issuer_name[300];
  mbedtls_x509write_crt_init(&certificate);
  mbedtls_x509_crt_init(&issuer);
  mbedtls_pk_init(&key);
  mbedtls_pk_init(&issuer_key);

  int code = parse_key(&key, request->key);
  if (code == 0) code = parse_key(&issuer_key, request->issuer ? request->issuer_key : request->key);
  if (code == 0) code = subject_of(request->subject, subject, sizeof subject);
  if (code == 0) code = mbedtls_x509write_crt_set_subject_name(&certificate, subject);
  if (code == 0 && request->issuer) {
    code = mbedtls_x509_crt_parse(&issuer, (const uint8_t *)request->issuer, strlen(request->issuer) + 1);
    if (code == 0) {
      int length = mbedtls_x509_dn_gets(issuer_name, sizeof issuer_name, &issuer.subject);
      if (length < 0) code = length;
    }
  }
  if (code == 0) code = mbedtls_x509write_crt_set_issuer_name(&certificate, request->issuer ? issuer_name : subject);
  if (code == 0) code = mbedtls_x509write_crt_set_validity(&certificate, request->not_before, request->not_after);
  if (code == 0) code = set_serial(&certificate);
  if (code == 0) {
    mbedtls_x509write_crt_set_version(&certificate, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(&certificate, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(&certificate, &key);
    mbedtls_x509write_crt_set_issuer_key(&certificate, &issuer_key);
    code = add_purpose(&certificate, request);
  }
  if (code == 0) code = mbedtls_x509write_crt_pem(&certificate, pem, capacity, mote_hub_random, NULL);

  mbedtls_x509write_crt_free(&certificate);
  mbedtls_x509_crt_free(&issuer);
  mbedtls_pk_free(&key);
  mbedtls_pk_free(&issuer_key);
  return code;
}
