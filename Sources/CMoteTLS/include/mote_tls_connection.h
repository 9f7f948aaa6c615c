/*
 * What the client calls of TLS: a connection over a port that is already connected. Internal to Mote;
 * applications use mote_tls.h.
 */
#ifndef MOTE_TLS_CONNECTION_H
#define MOTE_TLS_CONNECTION_H

#include "mote.h"

/**
 * Begins a TLS connection to the server named `name`, over `port`, which is connected. `wall_seconds` is the time that
 * certificates are checked against. One connection at a time: mote_tls_close comes before the next start. MOTE_OK,
 * MOTE_ERROR_NO_TIME, MOTE_ERROR_NO_ENTROPY or another error, after which there is nothing to close.
 */
mote_status mote_tls_start(mote_tls *tls, const mote_port *port, const char *name, size_t length, int64_t wall_seconds);

/**
 * Does one step of the handshake. 1: done; 0: step done, call again at once; MOTE_TLS_WANTS_READ or
 * MOTE_TLS_WANTS_WRITE: call again when the port can; below zero: failed.
 */
int32_t mote_tls_handshake(mote_tls *tls);

#define MOTE_TLS_WANTS_READ 2
#define MOTE_TLS_WANTS_WRITE 3

/** Whether the open connection was made by resuming the session of an earlier one. */
int32_t mote_tls_was_resumed(const mote_tls *tls);

/**
 * Sends. Above zero: bytes taken; 0: none now, call again when the port can write, with the same bytes first and no
 * fewer of them; below zero: failed, and so will be every call until the next start.
 */
int32_t mote_tls_send(mote_tls *tls, const uint8_t *bytes, size_t length);

/**
 * Receives. Above zero: bytes given, and there may be more that the port no longer has: call again before waiting;
 * 0: none now; MOTE_ERROR_CLOSED at the end; below zero: failed.
 */
int32_t mote_tls_receive(mote_tls *tls, uint8_t *bytes, size_t capacity);

/**
 * Says goodbye (close-notify, best effort, once) and forgets the connection. Does not close the port, which must still
 * be there. May be called at any time, and twice.
 */
void mote_tls_close(mote_tls *tls);

/** mbedTLS's code of the last failure, or 0. */
int32_t mote_tls_library_code(const mote_tls *tls);

/**
 * The functions above as a client calls them: those of TLS, or of something that stands on TLS and is called in its place, with
 * its own state for `tls`. `front`: how many bytes before `bytes` may be used during the call too; after it, they and
 * `bytes` are as they were. `receive` may give MOTE_TLS_HELD.
 */
typedef struct mote_tls_calls {
  mote_status (*start)(mote_tls *tls, const mote_port *port, const char *name, size_t length, int64_t wall_seconds);
  int32_t (*handshake)(mote_tls *tls);
  int32_t (*send)(mote_tls *tls, uint8_t *bytes, size_t length, size_t front);
  int32_t (*receive)(mote_tls *tls, uint8_t *bytes, size_t capacity);
  void (*close)(mote_tls *tls);
  int32_t (*library_code)(const mote_tls *tls);
} mote_tls_calls;

/** Nothing is received before what is owed has been sent: call again when the port can write. */
#define MOTE_TLS_HELD (-2147483647)

/** Those of TLS itself. */
const mote_tls_calls *mote_tls_own_calls(void);

#endif
