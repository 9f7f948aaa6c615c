/*
 * Resuming a session: the server's chain is neither sent nor verified again, which is most of a handshake's time.
 *
 * That is sound because only a session of a verified handshake is saved, and only who has that session's secret can resume
 * it. The promises that verification made are kept here: the roots are the same, since a mote_tls has them for life; the
 * name is compared; and the whole chain must still be valid by the clock of this start. A clock that has gone back since
 * the last start may have gone behind a certificate's first day: then the chain must come again.
 *
 * A session is spent when it is offered, so that after a handshake that fails the next one is in full; a server that
 * refuses it goes on in full by itself. What the handshake ends with, old session or new, is saved again.
 */
#include "mote_tls_connection.h"

#ifndef MOTE_NO_MBEDTLS

#include "mote_crypto.h"
#include "mote_tls_private.h"

#include <string.h>

/* The members' names before 3.0, when none was private. */
#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(member) member
#endif

int mote_tls_offer_session(mote_tls *tls, const char *name, size_t length) {
  /* 32 bytes in place of up to 253: no two names with one digest are known to anyone. */
  uint8_t digest[sizeof tls->name_digest];
  int code = mote_hmac_sha256((const uint8_t *)name, length, NULL, 0, digest);
  if (code != 0) return code;
  if (tls->has_saved && memcmp(digest, tls->name_digest, sizeof digest) == 0) {
    code = mbedtls_ssl_set_session(&tls->session, &tls->saved);
    tls->proof = MOTE_TLS_RESUMED;
  }
  memcpy(tls->name_digest, digest, sizeof digest);
  mbedtls_ssl_session_free(&tls->saved);
  tls->has_saved = 0;
  return code;
}

#ifdef MBEDTLS_SSL_SESSION_TICKETS

void mote_tls_forget_ticket(mote_tls *tls) {
  /* mbedTLS keeps it beside the new secret when no other ticket comes. Here it is freed with what else is saved. */
  mbedtls_ssl_session *session = tls->session.MBEDTLS_PRIVATE(session_negotiate);
  tls->saved.MBEDTLS_PRIVATE(ticket) = session->MBEDTLS_PRIVATE(ticket);
  session->MBEDTLS_PRIVATE(ticket) = NULL;
  session->MBEDTLS_PRIVATE(ticket_len) = 0;
}

#endif

void mote_tls_save_session(mote_tls *tls) {
  /* Not of a server that was never verified. For lack of memory there is no session either, which harms nothing. */
  if (tls->proof == MOTE_TLS_UNPROVEN) return;
  tls->has_saved = mbedtls_ssl_get_session(&tls->session, &tls->saved) == 0;
}

int32_t mote_tls_was_resumed(const mote_tls *tls) {
  return mote_tls_is_initialised(tls) && tls->stage == MOTE_TLS_OPEN && tls->proof == MOTE_TLS_RESUMED;
}

#endif
