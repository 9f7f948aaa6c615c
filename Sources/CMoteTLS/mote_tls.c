/*
 * The life of a mote_tls: what all its connections have in common is set up here, once.
 */
#include "mote_tls_connection.h"

#ifndef MOTE_NO_MBEDTLS

#include "mote_tls_private.h"

#include <mbedtls/platform_util.h>
#include <mbedtls/ssl_ciphersuites.h>
#ifdef MOTE_TLS_PSA
#include <psa/crypto.h>
#endif

#include <string.h>

/* What IoT Hub accepts and no other, authenticated encryption first. mbedTLS skips those it was built without. */
static const int ciphersuites[] = {
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
  MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
  MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
#endif
  MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
  MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
  MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
  MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
  MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
  MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
  MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384,
  MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
  0,
};

/** Whether the mbedTLS linked has the layouts of the headers compiled against: patch releases keep them. */
static int library_fits(void) {
#ifdef MBEDTLS_VERSION_C
  return mbedtls_version_get_number() >> 16 == MBEDTLS_VERSION_NUMBER >> 16;
#else
  return 1;
#endif
}

static mote_status start_library(void) {
#ifdef MOTE_TLS_PSA
  psa_status_t status = psa_crypto_init();
  if (status == PSA_ERROR_INSUFFICIENT_MEMORY) return MOTE_ERROR_TLS_MEMORY;
  if (status != PSA_SUCCESS) return MOTE_ERROR_NO_ENTROPY;
#endif
  return MOTE_OK;
}

static void require_tls_1_2(mbedtls_ssl_config *configuration) {
#if MBEDTLS_VERSION_NUMBER >= 0x03020000
  mbedtls_ssl_conf_min_tls_version(configuration, MBEDTLS_SSL_VERSION_TLS1_2);
#else
  mbedtls_ssl_conf_min_version(configuration, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
#endif
}

/** Asks the server for records of at most `length` bytes; 0 asks for nothing. */
static mote_status limit_records(mbedtls_ssl_config *configuration, uint32_t length) {
  if (length == 0) return MOTE_OK;
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
  /* There mbedTLS asks for it and then takes the server's consent for an error. */
  mbedtls_ssl_conf_max_tls_version(configuration, MBEDTLS_SSL_VERSION_TLS1_2);
#endif
#ifdef MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
  for (unsigned char code = MBEDTLS_SSL_MAX_FRAG_LEN_512; code <= MBEDTLS_SSL_MAX_FRAG_LEN_4096; code++) {
    if (length == (uint32_t)256 << code && mbedtls_ssl_conf_max_frag_len(configuration, code) == 0) return MOTE_OK;
  }
#else
  (void)configuration;
#endif
  return MOTE_ERROR_ARGUMENT;
}

/** In TLS 1.3, which else gives no notice of tickets, and resumes without a new key exchange where the server does. */
static void resume_with_secrecy(mbedtls_ssl_config *configuration) {
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
  mbedtls_ssl_conf_tls13_key_exchange_modes(configuration, MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL);
#if defined(MBEDTLS_SSL_SESSION_TICKETS) && MBEDTLS_VERSION_NUMBER >= 0x03060100
  mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(configuration,
                                                           MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
#endif
#else
  (void)configuration;
#endif
}

static mote_status configure(mote_tls *tls, const mote_tls_options *options) {
  mbedtls_ssl_config *configuration = &tls->configuration;
  int code = mbedtls_ssl_config_defaults(configuration, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                         MBEDTLS_SSL_PRESET_DEFAULT);
  if (code == 0 && options->certificate != NULL) {
    code = mbedtls_ssl_conf_own_cert(configuration, &tls->certificate, &tls->key);
  }
  if (code != 0) {
    tls->library_code = code;
    return MOTE_ERROR_TLS_MEMORY;
  }
  require_tls_1_2(configuration);
  mbedtls_ssl_conf_ciphersuites(configuration, ciphersuites);
  mbedtls_ssl_conf_authmode(configuration, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_ca_chain(configuration, &tls->roots, NULL);
  mbedtls_ssl_conf_verify(configuration, mote_tls_verify_dates, tls);
#if MBEDTLS_VERSION_NUMBER < 0x04000000
  mbedtls_ssl_conf_rng(configuration, mbedtls_ctr_drbg_random, &tls->random);
#endif
#ifdef MBEDTLS_SSL_RENEGOTIATION
  mbedtls_ssl_conf_renegotiation(configuration, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
  resume_with_secrecy(configuration);
  return limit_records(configuration, options->max_fragment_length);
}

static void forget_everything(mote_tls *tls) {
  mbedtls_ssl_session_free(&tls->saved);
  mbedtls_ssl_config_free(&tls->configuration);
  mbedtls_x509_crt_free(&tls->roots);
  mbedtls_x509_crt_free(&tls->certificate);
  mbedtls_pk_free(&tls->key);
  mbedtls_platform_zeroize(tls, sizeof *tls);
}

mote_status mote_tls_init(mote_tls *tls, size_t size, const mote_tls_options *options) {
  if (tls == NULL || options == NULL) return MOTE_ERROR_ARGUMENT;
  if (size != sizeof *tls || options->size == 0 || options->size > sizeof *options) return MOTE_ERROR_SIZE;

  mote_tls_options given = {0};
  memcpy(&given, options, options->size);
  /* Longer than any; a length that is absurd is not followed. */
  if ((given.roots_length | given.certificate_length | given.key_length) >> 24 != 0 || given.root_count > 4096) {
    return MOTE_ERROR_ARGUMENT;
  }
  memset(tls, 0, sizeof *tls);
  if (!library_fits()) return MOTE_ERROR_TLS_LIBRARY;

  mbedtls_ssl_session_init(&tls->saved);
  mbedtls_ssl_config_init(&tls->configuration);
  mbedtls_x509_crt_init(&tls->roots);
  mbedtls_x509_crt_init(&tls->certificate);
  mbedtls_pk_init(&tls->key);
  mote_status status = start_library();
  if (status == MOTE_OK) status = mote_tls_read_credentials(tls, &given);
  if (status == MOTE_OK) status = configure(tls, &given);
  if (status == MOTE_OK) {
    tls->mark = MOTE_TLS_MARK;
  } else {
    int32_t library_code = tls->library_code;
    forget_everything(tls);
    tls->library_code = library_code;
  }
  return status;
}

void mote_tls_deinit(mote_tls *tls) {
  if (!mote_tls_is_initialised(tls)) return;
  mote_tls_forget_connection(tls);
  forget_everything(tls);
}

int32_t mote_tls_library_code(const mote_tls *tls) {
  return tls != NULL ? tls->library_code : 0;
}

#endif
