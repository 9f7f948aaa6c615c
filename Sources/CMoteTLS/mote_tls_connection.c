/*
 * One TLS connection after another over a connected port.
 */
#include "mote_tls_connection.h"

#ifndef MOTE_NO_MBEDTLS

#include "mote_tls_private.h"

#include <string.h>

/* The longest name that DNS knows, in text (RFC 1035, 2.3.4). */
#define LONGEST_NAME 253

int mote_tls_is_initialised(const mote_tls *tls) {
  return tls != NULL && tls->mark == MOTE_TLS_MARK;
}

void mote_tls_forget_connection(mote_tls *tls) {
  if (tls->stage == MOTE_TLS_READY) return;
  mbedtls_ssl_free(&tls->session);
#if MBEDTLS_VERSION_NUMBER < 0x04000000
  mbedtls_ctr_drbg_free(&tls->random);
#endif
  tls->port = NULL;
  tls->stage = MOTE_TLS_READY;
}

/** MOTE_OK in the stage expected, else why what was asked for cannot be. */
static mote_status expect(const mote_tls *tls, uint8_t stage) {
  if (tls == NULL) return MOTE_ERROR_ARGUMENT;
  if (!mote_tls_is_initialised(tls)) return MOTE_ERROR_NOT_INITIALISED;
  if (tls->stage == stage) return MOTE_OK;
  return tls->stage == MOTE_TLS_FAILED ? tls->failure : MOTE_ERROR_STATE;
}

/** Random numbers of this connection alone, so that every connection proves that the port can give entropy. */
static int seed(mote_tls *tls) {
#if MBEDTLS_VERSION_NUMBER < 0x04000000
  mbedtls_ctr_drbg_init(&tls->random);
  return mbedtls_ctr_drbg_seed(&tls->random, mote_tls_port_entropy, tls, NULL, 0);
#else
  (void)tls;
  return 0;
#endif
}

static int set_up(mote_tls *tls, const char *name, size_t length) {
  char terminated[LONGEST_NAME + 1];
  memcpy(terminated, name, length);
  terminated[length] = '\0';

  mbedtls_ssl_init(&tls->session);
  int code = seed(tls);
  if (code == 0) code = mbedtls_ssl_setup(&tls->session, &tls->configuration);
  if (code == 0) code = mbedtls_ssl_set_hostname(&tls->session, terminated);
  if (code == 0) code = mote_tls_offer_session(tls, name, length);
  if (code == 0) mbedtls_ssl_set_bio(&tls->session, tls, mote_tls_port_send, mote_tls_port_receive, NULL);
  return code;
}

mote_status mote_tls_start(mote_tls *tls, const mote_port *port, const char *name, size_t length, int64_t wall_seconds) {
  if (tls == NULL || port == NULL || name == NULL) return MOTE_ERROR_ARGUMENT;
  if (length == 0 || length > LONGEST_NAME || memchr(name, '\0', length) != NULL) return MOTE_ERROR_ARGUMENT;
  if (!mote_tls_is_initialised(tls)) return MOTE_ERROR_NOT_INITIALISED;
  if (tls->stage != MOTE_TLS_READY) return MOTE_ERROR_STATE;
  tls->library_code = 0;
  if (wall_seconds < MOTE_EARLIEST_SECONDS) return MOTE_ERROR_NO_TIME;

  tls->stage = MOTE_TLS_HANDSHAKE;
  tls->failure = MOTE_OK;
  tls->port = port;
  tls->port_status = MOTE_OK;
  if (wall_seconds < tls->wall_seconds || wall_seconds > tls->valid_until) tls->has_saved = 0;
  tls->wall_seconds = wall_seconds;
  tls->proof = MOTE_TLS_UNPROVEN;
  tls->unsent = 0;
  tls->records = 0;
  tls->record_position = 0;
  int code = set_up(tls, name, length);
  if (code == 0) return MOTE_OK;
  mote_status status = mote_tls_fail(tls, code);
  mote_tls_forget_connection(tls);
  return status;
}

static int handshake_is_over(mbedtls_ssl_context *session) {
#if MBEDTLS_VERSION_NUMBER >= 0x03020000
  return mbedtls_ssl_is_handshake_over(session);
#else
  return session->state == MBEDTLS_SSL_HANDSHAKE_OVER;
#endif
}

/** Whether a session can be resumed only once a ticket has come, after the handshake: in TLS 1.3. */
static int session_needs_ticket(const mbedtls_ssl_context *session) {
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
  return mbedtls_ssl_get_version_number(session) == MBEDTLS_SSL_VERSION_TLS1_3;
#else
  (void)session;
  return 0;
#endif
}

int32_t mote_tls_handshake(mote_tls *tls) {
  if (mote_tls_is_initialised(tls) && tls->stage == MOTE_TLS_OPEN) return 1;
  mote_status status = expect(tls, MOTE_TLS_HANDSHAKE);
  if (status != MOTE_OK) return status;

  int code = mbedtls_ssl_handshake_step(&tls->session);
  if (code == MBEDTLS_ERR_SSL_WANT_READ) return MOTE_TLS_WANTS_READ;
  if (code == MBEDTLS_ERR_SSL_WANT_WRITE) return MOTE_TLS_WANTS_WRITE;
  if (code == MBEDTLS_ERR_SSL_CRYPTO_IN_PROGRESS) return 0;
  if (code != 0) return mote_tls_fail(tls, code);
  if (!handshake_is_over(&tls->session)) return 0;
  tls->stage = MOTE_TLS_OPEN;
  if (!session_needs_ticket(&tls->session)) mote_tls_save_session(tls);
  return 1;
}

/**
 * mbedtls_ssl_read, except that a session ticket on the way, which TLS 1.3 sends after the handshake, is saved. mbedTLS
 * asks to be called again when one has begun, though there is nothing to wait for, and when it is there.
 */
static int read_data(mote_tls *tls, uint8_t *bytes, size_t capacity) {
  int result = mbedtls_ssl_read(&tls->session, bytes, capacity);
#ifdef MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET
  while (result == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET ||
         (result == MBEDTLS_ERR_SSL_WANT_READ && mbedtls_ssl_check_pending(&tls->session))) {
    if (result != MBEDTLS_ERR_SSL_WANT_READ) mote_tls_save_session(tls);
    result = mbedtls_ssl_read(&tls->session, bytes, capacity);
  }
#endif
  return result;
}

/**
 * What ended the connection, when sending has failed with `code`. In TLS 1.3 a server that refuses the device's certificate
 * says so only after the handshake, and closes: what the device sends then may meet a closed door before the alert is read.
 */
static int last_word(mote_tls *tls, int code) {
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
  uint8_t byte;
  if (read_data(tls, &byte, 1) == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) return MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE;
#else
  (void)tls;
#endif
  return code;
}

int32_t mote_tls_send(mote_tls *tls, const uint8_t *bytes, size_t length) {
  mote_status status = expect(tls, MOTE_TLS_OPEN);
  if (status != MOTE_OK) return status;
  if (length < tls->unsent || (bytes == NULL && length > 0)) return MOTE_ERROR_ARGUMENT;
  if (length == 0) return 0;

  /* A record that waits to leave was made of so many bytes: mbedTLS would count any more as sent with it. */
  size_t offered = tls->unsent > 0 ? tls->unsent : length;
  int result = mbedtls_ssl_write(&tls->session, bytes, offered);
  if (result == MBEDTLS_ERR_SSL_WANT_WRITE || result == MBEDTLS_ERR_SSL_WANT_READ) {
    tls->unsent = offered;
    return 0;
  }
  if (result < 0) return mote_tls_fail(tls, last_word(tls, result));
  tls->unsent = 0;
  return result;
}

int32_t mote_tls_receive(mote_tls *tls, uint8_t *bytes, size_t capacity) {
  mote_status status = expect(tls, MOTE_TLS_OPEN);
  if (status != MOTE_OK) return status;
  if (bytes == NULL && capacity > 0) return MOTE_ERROR_ARGUMENT;
  if (capacity == 0) return 0;

  int result = read_data(tls, bytes, capacity);
  if (result > 0) return result;
  if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE) return 0;
  return mote_tls_fail(tls, result != 0 ? result : MBEDTLS_ERR_SSL_CONN_EOF);
}

void mote_tls_close(mote_tls *tls) {
  if (!mote_tls_is_initialised(tls)) return;
  /* A record that waits to leave would leave in place of the goodbye, and its bytes be sent twice. */
  if (tls->stage == MOTE_TLS_OPEN && tls->unsent == 0) (void)mbedtls_ssl_close_notify(&tls->session);
  mote_tls_forget_connection(tls);
}

static int32_t send_alone(mote_tls *tls, uint8_t *bytes, size_t length, size_t front) {
  (void)front;
  return mote_tls_send(tls, bytes, length);
}

const mote_tls_calls *mote_tls_own_calls(void) {
  static const mote_tls_calls calls = {
    mote_tls_start, mote_tls_handshake, send_alone, mote_tls_receive, mote_tls_close, mote_tls_library_code,
  };
  return &calls;
}

#endif
