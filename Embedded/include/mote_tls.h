/*
 * TLS for a Mote client, over the mbedTLS that the program links.
 *
 * mote_tls.c is compiled with the program's own mbedTLS headers and configuration, since the layout of mote_tls
 * follows from them. On Linux it is in libmote.a, compiled against the distribution's libmbedtls-dev.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MOTE_TLS_H
#define MOTE_TLS_H

#include "mote.h"

#include <mbedtls/version.h>

#if MBEDTLS_VERSION_NUMBER < 0x04000000
#include <mbedtls/ctr_drbg.h>
#endif
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A trusted root: one certificate in DER. */
typedef struct mote_tls_root {
  const uint8_t *bytes;
  size_t length;
} mote_tls_root;

/** How many roots mote_iot_hub_roots gives. */
#define MOTE_IOT_HUB_ROOTS 4

/** The roots that IoT Hub's certificates end at, built in. A program that does not call this does not carry them. */
const mote_tls_root *mote_iot_hub_roots(void);

/** Whom to trust and who the device is. Used during mote_tls_init only. */
typedef struct mote_tls_options {
  size_t size; /**< sizeof(mote_tls_options), set by the caller. */
  /**
   * Trusted roots, PEM (with its terminating NUL counted) or one DER; or a file, or a list, of which one may be
   * given. With none, on Linux the system's bundle; elsewhere there is no default.
   */
  const uint8_t *roots;
  size_t roots_length;
  const char *roots_file; /**< NUL-terminated path of a PEM file, where mbedTLS has a file system. */
  /** The device's own certificate chain, PEM (NUL counted) or DER. Null: none. */
  const uint8_t *certificate;
  size_t certificate_length;
  /** The certificate's private key, PEM (NUL counted) or DER, not encrypted. */
  const uint8_t *key;
  size_t key_length;
  /** Largest record to ask the server for: 512, 1024, 2048, 4096, or 0 for no request (16,384). With TLS 1.2 only. */
  uint32_t max_fragment_length;
  int32_t reserved;
  /** Trusted roots in memory that lasts as long as TLS is used, as mote_iot_hub_roots gives them. */
  const mote_tls_root *root_list;
  size_t root_count;
} mote_tls_options;

/**
 * A TLS client. Caller-owned, and must not move. It keeps the session of its last connection, to resume it with the
 * next one to the same server: with a ticket, some hundred bytes of mbedTLS's memory. Members are private.
 */
struct mote_tls {
  uint32_t mark;             /**< That it was initialised. */
  mote_status failure;       /**< How the connection ended, once it has. */
  int32_t library_code;      /**< mbedTLS's code of the last failure. */
  const mote_port *port;     /**< Of the connection being made. */
  mote_status port_status;   /**< The port's last error. */
  uint8_t proof;             /**< What the server is known by. */
  uint8_t has_saved;         /**< Whether there is a session to offer. */
  uint8_t stage;             /**< How far the connection is. */
  int64_t wall_seconds;      /**< The time that certificates are checked against. */
  size_t unsent;             /**< Bytes that mbedTLS has taken and not sent. */
  uint32_t records;          /**< Records that have come or begun to come. */
  size_t record_position;    /**< How much of the latest has come, with its header. */
  uint8_t record_heading[7]; /**< Its first bytes: the header and, of an alert in the clear, all. */
  int64_t valid_until;       /**< Until when the whole chain is valid that was verified last, */
  uint8_t name_digest[32];   /**< and for which name it was, as a hash. */
  mbedtls_ssl_session saved;
  mbedtls_ssl_context session;
  mbedtls_ssl_config configuration;
#if MBEDTLS_VERSION_NUMBER < 0x04000000
  mbedtls_ctr_drbg_context random;
#endif
  mbedtls_x509_crt roots;
  mbedtls_x509_crt certificate;
  mbedtls_pk_context key;
};

/**
 * Initialises TLS with its credentials. `size` is sizeof(mote_tls) as the program sees it, which tells a
 * program and a library with different mbedTLS configurations apart. MOTE_OK, MOTE_ERROR_SIZE, MOTE_ERROR_ARGUMENT,
 * MOTE_ERROR_TLS_LIBRARY, MOTE_ERROR_TLS_CREDENTIALS, MOTE_ERROR_TLS_MEMORY or, where mbedTLS works through PSA,
 * MOTE_ERROR_NO_ENTROPY. After an error nothing needs to be freed, and `library_code` has mbedTLS's code.
 */
mote_status mote_tls_init(mote_tls *tls, size_t size, const mote_tls_options *options);

/** Frees what mbedTLS allocated and wipes keys; may be called twice. The client that uses it must not be polled any more. */
void mote_tls_deinit(mote_tls *tls);

#ifdef __cplusplus
}
#endif

#endif
