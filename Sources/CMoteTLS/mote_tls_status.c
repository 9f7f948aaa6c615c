/*
 * From mbedTLS's codes to Mote's statuses.
 */
#include "mote_tls_connection.h"

#ifndef MOTE_NO_MBEDTLS

#include "mote_tls_private.h"

#include <mbedtls/net_sockets.h>
#if MBEDTLS_VERSION_NUMBER < 0x04000000
#include <mbedtls/bignum.h>
#include <mbedtls/cipher.h>
#include <mbedtls/ecp.h>
#include <mbedtls/md.h>
#include <mbedtls/pem.h>
#endif

#include <string.h>

/* Parts of a code of mbedTLS, which may be the sum of one of each (mbedtls/error.h). */
#define HIGH_PART(code) (-(code) & 0xFF80)
#define HIGH_BYTE(code) (HIGH_PART(code) >> 7)
#define LOW_PART(code) (-(code) & 0x7F)

/* The names that 3.0 changed. */
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#define BAD_CERTIFICATE MBEDTLS_ERR_SSL_BAD_CERTIFICATE
#define BAD_PROTOCOL_VERSION MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION
#else
#define BAD_CERTIFICATE MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE
#define BAD_PROTOCOL_VERSION MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION
#endif

int mote_tls_is_out_of_memory(int code) {
#if MBEDTLS_VERSION_NUMBER >= 0x04000000
  return code == MBEDTLS_ERR_SSL_ALLOC_FAILED || code == MBEDTLS_ERR_X509_ALLOC_FAILED;
#else
  /* The high parts, each in a byte. */
  static const uint8_t modules[] = {
    HIGH_BYTE(MBEDTLS_ERR_PEM_ALLOC_FAILED), HIGH_BYTE(MBEDTLS_ERR_X509_ALLOC_FAILED),
    HIGH_BYTE(MBEDTLS_ERR_PK_ALLOC_FAILED),  HIGH_BYTE(MBEDTLS_ERR_ECP_ALLOC_FAILED),
    HIGH_BYTE(MBEDTLS_ERR_MD_ALLOC_FAILED),  HIGH_BYTE(MBEDTLS_ERR_CIPHER_ALLOC_FAILED),
    HIGH_BYTE(MBEDTLS_ERR_SSL_ALLOC_FAILED),
  };
  if (memchr(modules, HIGH_BYTE(code), sizeof modules) != NULL) return 1;
  return LOW_PART(code) == -MBEDTLS_ERR_MPI_ALLOC_FAILED || LOW_PART(code) == -MBEDTLS_ERR_ASN1_ALLOC_FAILED;
#endif
}

/** Whether the port's own status is behind `code`. The low part tells, since other layers may have added theirs. */
static int is_of_port(int code) {
  int low = LOW_PART(code);
#if MBEDTLS_VERSION_NUMBER < 0x04000000
  if (low == -MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED) return 1;
#endif
  return low == -MBEDTLS_ERR_NET_SEND_FAILED || low == -MBEDTLS_ERR_NET_RECV_FAILED;
}

static int is_of_certificate(int code) {
  int high = HIGH_PART(code);
  return high >= -MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE && high <= -MBEDTLS_ERR_X509_FATAL_ERROR;
}

static mote_status status_of_code(const mote_tls *tls, int code) {
  if (tls->port_status != MOTE_OK && is_of_port(code)) return tls->port_status;
  if (mote_tls_is_out_of_memory(code)) return MOTE_ERROR_TLS_MEMORY;
  switch (code) {
  case MBEDTLS_ERR_SSL_CONN_EOF:
  case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
    return MOTE_ERROR_CLOSED;
  case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
    return mote_tls_status_of_flags(mbedtls_ssl_get_verify_result(&tls->session));
  case BAD_CERTIFICATE:
    return MOTE_ERROR_CERTIFICATE_REJECTED;
  case BAD_PROTOCOL_VERSION:
    return MOTE_ERROR_TLS_VERSION;
  case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
    return mote_tls_hello_is_refused(tls) ? MOTE_ERROR_TLS_VERSION : MOTE_ERROR_TLS_ALERT;
  case MBEDTLS_ERR_SSL_BAD_INPUT_DATA:      /* A record, or all the records of a message, do not fit. */
  case MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE: /* A handshake message of several records, before 3.6.3. */
    return MOTE_ERROR_TLS_RECORD_SIZE;
  case MBEDTLS_ERR_SSL_INVALID_RECORD:
    return mote_tls_record_is_too_large(tls) ? MOTE_ERROR_TLS_RECORD_SIZE : MOTE_ERROR_TLS;
  default:
    return is_of_certificate(code) ? MOTE_ERROR_CERTIFICATE_REJECTED : MOTE_ERROR_TLS;
  }
}

mote_status mote_tls_fail(mote_tls *tls, int code) {
  tls->library_code = code;
  tls->failure = status_of_code(tls, code);
  tls->stage = MOTE_TLS_FAILED;
  return tls->failure;
}

#endif
