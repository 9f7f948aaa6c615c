/*
 * What the files of this folder share. Internal to Mote.
 */
#ifndef MOTE_TLS_PRIVATE_H
#define MOTE_TLS_PRIVATE_H

#include "mote_tls.h"
#include "mote_tls_connection.h"

/* mote_tls.mark. A number that memory holds by chance hardly ever, so that use before init is noticed. */
#define MOTE_TLS_MARK ((uint32_t)0x4D544C01)

/* mote_tls.stage */
#define MOTE_TLS_READY ((uint8_t)0)     /**< Not connected. */
#define MOTE_TLS_HANDSHAKE ((uint8_t)1) /**< Started, the handshake not done. */
#define MOTE_TLS_OPEN ((uint8_t)2)      /**< The handshake done. */
#define MOTE_TLS_FAILED ((uint8_t)3)    /**< The connection has ended; `failure` says why. */

/* mote_tls.proof: what the connection's server is known by. */
#define MOTE_TLS_UNPROVEN ((uint8_t)0) /**< Nothing, so far. */
#define MOTE_TLS_RESUMED ((uint8_t)1)  /**< A saved session was offered: once the handshake is done, by having its secret. */
#define MOTE_TLS_VERIFIED ((uint8_t)2) /**< Its chain, which has come and was judged. */

/* Whether mbedTLS works through PSA, which must then be started first. */
#if defined(MBEDTLS_USE_PSA_CRYPTO) || defined(MBEDTLS_SSL_PROTO_TLS1_3) || \
    MBEDTLS_VERSION_NUMBER >= 0x04000000
#define MOTE_TLS_PSA
#endif

int mote_tls_is_initialised(const mote_tls *tls);

/** Frees what belongs to the connection alone, without a word to the peer. */
void mote_tls_forget_connection(mote_tls *tls);

/** Reads trusted roots, own certificate and key. MOTE_OK, MOTE_ERROR_ARGUMENT, _TLS_CREDENTIALS or _TLS_MEMORY. */
mote_status mote_tls_read_credentials(mote_tls *tls, const mote_tls_options *options);

/**
 * mbedTLS's verify callback: judges each certificate's dates by `wall_seconds`, and notes until when all are
 * valid. `context` is a mote_tls.
 */
int mote_tls_verify_dates(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags);

/**
 * Offers the saved session, if there is one and it is of the server named `name`, and forgets it in any case.
 * 0, or mbedTLS's code.
 */
int mote_tls_offer_session(mote_tls *tls, const char *name, size_t length);

/** Forgets the ticket that was offered: the server, which has sent its chain, refuses it. */
void mote_tls_forget_ticket(mote_tls *tls);

/** Saves the open connection's session for the next, where it has one to resume. */
void mote_tls_save_session(mote_tls *tls);

/** The one status that says best what MBEDTLS_X509_BAD* flags of a chain mean. */
mote_status mote_tls_status_of_flags(uint32_t flags);

/** Ends the connection because of mbedTLS's `code` (below zero): the status for it, in the light of what the port said and the peer sent. */
mote_status mote_tls_fail(mote_tls *tls, int code);

/** Whether mbedTLS's `code` means that it found no memory. */
int mote_tls_is_out_of_memory(int code);

/* mbedTLS's callbacks for bytes and random numbers, all over the port. `context` is a mote_tls. */
int mote_tls_port_send(void *context, const unsigned char *bytes, size_t length);
int mote_tls_port_receive(void *context, unsigned char *bytes, size_t capacity);
int mote_tls_port_entropy(void *context, unsigned char *bytes, size_t length);

/** Whether the record being received is larger than mbedTLS's input buffer. */
int mote_tls_record_is_too_large(const mote_tls *tls);

/** Whether the server's first word was an alert that it has no protocol version or cipher suite in common. */
int mote_tls_hello_is_refused(const mote_tls *tls);

#endif
