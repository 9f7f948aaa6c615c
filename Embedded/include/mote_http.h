/*
 * HTTP/1.1 (RFC 9112) for devices: one request at a time and its response, bytes in and bytes out, over any transport and any
 * TLS library. Bodies of any size go both ways through small buffers; of a response only what the application keeps is kept.
 * Nothing allocated, nothing blocks. The rules of mote.h hold here too.
 *
 *   mote_http_request(&http, &request);
 *   for (;;) {
 *     while ((length = mote_http_wanted(&http, &room, &offset)) > 0) ...write there, mote_http_supplied(&http, written)
 *     while ((length = mote_http_transmission(&http, &bytes)) > 0) ...send, mote_http_sent(&http, sent)
 *     if ((length = mote_http_space(&http, &room)) > 0) ...receive, mote_http_received(&http, received) or mote_http_closed(&http)
 *     while ((result = mote_http_next(&http, &event)) > 0) ...
 *   }
 *
 * How long an answer may take is for the application to say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MOTE_HTTP_H
#define MOTE_HTTP_H

#include "mote.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Size of mote_http in bytes. */
#if UINTPTR_MAX > 0xFFFFFFFFu
#define MOTE_HTTP_SIZE 144
#else
#define MOTE_HTTP_SIZE 80
#endif

/** A connection of HTTP/1.1. Opaque; owned by the caller. */
typedef struct mote_http {
  uint64_t opaque[MOTE_HTTP_SIZE / 8];
} mote_http;

/** Memory of a connection, borrowed for its life. */
typedef struct mote_http_options {
  size_t size;             /**< sizeof(mote_http_options), set by the caller. */
  uint8_t *receive_buffer; /**< Holds one line of a response's head, or a piece of its body. */
  size_t receive_capacity; /**< At least 128. A header that does not fit is skipped and told. */
  uint8_t *send_buffer;    /**< Holds a request's head, then pieces of its body. Wiped when they have left. */
  size_t send_capacity;    /**< At least 128. */
} mote_http_options;

/** A header of a request. */
typedef struct mote_http_header {
  const char *name;
  size_t name_length;
  const char *value;
  size_t value_length;
} mote_http_header;

/** A request. Used during the call only, but for a body that does not fit the send buffer. */
typedef struct mote_http_request_options {
  size_t size; /**< sizeof(mote_http_request_options), set by the caller. */
  const char *method;
  size_t method_length;
  const char *target; /**< Path and query, percent-encoded: no space. */
  size_t target_length;
  const char *host; /**< And `:port` when that is not the usual one. */
  size_t host_length;
  /** Any but Host, Content-Length and Transfer-Encoding, which are written here. */
  const mote_http_header *headers;
  size_t header_count;
  const uint8_t *body; /**< Borrowed until MOTE_HTTP_COMPLETE or mote_http_reset. Null: asked for by mote_http_wanted. */
  size_t body_length;
} mote_http_request_options;

#define MOTE_HTTP_RESPONSE 1 /**< A response has begun, with `status`, 200 to 999. Those before it (1xx) are not told. */
#define MOTE_HTTP_HEADER 2   /**< `name` and `value`. */
#define MOTE_HTTP_SKIPPED 3  /**< The header `name` is longer than the receive buffer, and was passed over. */
#define MOTE_HTTP_BODY 4     /**< A piece of the body. */
#define MOTE_HTTP_COMPLETE 5 /**< The response is complete. `keeps_connection`: another request may follow. */

/** What mote_http_next tells. Pointers are into the receive buffer, valid until the next call, and null where the length is 0. */
typedef struct mote_http_event {
  int32_t kind; /**< MOTE_HTTP_* */
  int32_t status;
  int32_t keeps_connection;
  const char *name; /**< As the server wrote it: see mote_http_is. */
  size_t name_length;
  const char *value;
  size_t value_length;
  const uint8_t *body;
  size_t body_length;
  size_t offset; /**< Where this piece starts in the body. */
  size_t total;  /**< Length of the body; SIZE_MAX when the server did not say it beforehand. */
} mote_http_event;

/** Initialises a connection. `size` is sizeof(mote_http). MOTE_OK, MOTE_ERROR_SIZE, or MOTE_ERROR_ARGUMENT. */
mote_status mote_http_init(mote_http *http, size_t size, const mote_http_options *options);

/** Begins anew with a transport that has just been opened, whatever was under way. */
mote_status mote_http_reset(mote_http *http);

/**
 * Begins a request. MOTE_ERROR_STATE while another is under way, or when the connection takes no more;
 * MOTE_ERROR_HTTP_FIELD for a method, target, host or header that cannot stand where it would, such as one with a line end in
 * it; MOTE_ERROR_TOO_LARGE when the head does not fit the send buffer; MOTE_ERROR_HTTP_UNEXPECTED when something has come that
 * nobody asked for.
 */
mote_status mote_http_request(mote_http *http, const mote_http_request_options *request);

/**
 * Whether a piece of the body is wanted: the result is how many bytes there is room for at `*bytes`, and `*offset` where in
 * the body they start; 0 when none is wanted. Valid until the next call.
 */
int32_t mote_http_wanted(mote_http *http, uint8_t **bytes, size_t *offset);

/** Says that `length` bytes were written where mote_http_wanted said. MOTE_ERROR_STATE when that cannot be. */
mote_status mote_http_supplied(mote_http *http, size_t length);

/** The bytes to send next, at `*bytes`, valid until the next call; the result is how many, 0 when there are none. */
int32_t mote_http_transmission(mote_http *http, const uint8_t **bytes);

/** Says that the first `length` bytes of the transmission were taken by the transport. */
mote_status mote_http_sent(mote_http *http, size_t length);

/** Where to receive to: the result is how many bytes there is room for at `*bytes`. 0: take the events first. */
int32_t mote_http_space(mote_http *http, uint8_t **bytes);

/** Says that `length` bytes were received to where mote_http_space said. */
mote_status mote_http_received(mote_http *http, size_t length);

/** Says that the server has closed: that ends a body whose length it did not say, and cuts any other short. */
mote_status mote_http_closed(mote_http *http);

/**
 * Takes the next event. 1: there is one; 0: none; below zero: the server broke the protocol, and the transport is to be
 * closed. A response of which nothing has come when the server closes is MOTE_ERROR_CLOSED: on a connection that had been
 * kept, the request may never have arrived.
 */
int32_t mote_http_next(mote_http *http, mote_http_event *event);

/** Whether a header has this name, which is given in lower case: 1 or 0. */
int32_t mote_http_is(const mote_http_event *event, const char *name, size_t name_length);

#ifdef __cplusplus
}
#endif

#endif
