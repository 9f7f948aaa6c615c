/*
 * The port as mbedTLS sees it: bytes both ways, and random bytes. mbedTLS is told only that the port failed; how is kept
 * in `port_status`. On the way in, the heading of each record is noted, since mbedTLS's code for a record that it cannot
 * hold, and for an alert, says less than the record itself.
 */
#include "mote_tls_connection.h"

#ifndef MOTE_NO_MBEDTLS

#include "mote_tls_private.h"

#include <mbedtls/net_sockets.h>

#define RECORD_HEADER 5

/* In a record's header: a content type, and the first byte of the version (RFC 5246, 6.2.1). */
#define RECORD_ALERT 21
#define RECORD_MAJOR_VERSION 3

/* Descriptions in alerts (RFC 5246, 7.2.2). */
#define ALERT_HANDSHAKE_FAILURE 40
#define ALERT_PROTOCOL_VERSION 70
#define ALERT_INSUFFICIENT_SECURITY 71

static size_t record_length(const mote_tls *tls) {
  return RECORD_HEADER + ((size_t)tls->record_heading[3] << 8 | tls->record_heading[4]);
}

static void note_records(mote_tls *tls, const unsigned char *bytes, size_t count) {
  while (count > 0) {
    if (tls->record_position >= RECORD_HEADER && tls->record_position >= record_length(tls)) tls->record_position = 0;
    if (tls->record_position == 0) tls->records += 1;
    size_t step = 1;
    if (tls->record_position < sizeof tls->record_heading) {
      tls->record_heading[tls->record_position] = *bytes;
    } else {
      size_t rest = record_length(tls) - tls->record_position;
      step = rest < count ? rest : count;
    }
    tls->record_position += step;
    bytes += step;
    count -= step;
  }
}

int mote_tls_record_is_too_large(const mote_tls *tls) {
  return tls->record_position >= RECORD_HEADER && tls->record_heading[1] == RECORD_MAJOR_VERSION &&
         record_length(tls) - RECORD_HEADER > MBEDTLS_SSL_IN_CONTENT_LEN;
}

int mote_tls_hello_is_refused(const mote_tls *tls) {
  /* Later, the same descriptions have other reasons: a missing client certificate is a handshake failure too. */
  if (tls->records != 1 || tls->record_position < sizeof tls->record_heading) return 0;
  const uint8_t *heading = tls->record_heading;
  int description = heading[6];
  return heading[0] == RECORD_ALERT &&
         (description == ALERT_HANDSHAKE_FAILURE || description == ALERT_PROTOCOL_VERSION ||
          description == ALERT_INSUFFICIENT_SECURITY);
}

/** What the port says, which may have numbers of its own. */
static mote_status network_status(int32_t result) {
  return result <= MOTE_ERROR_NAME_NOT_FOUND && result >= MOTE_ERROR_NETWORK ? result : MOTE_ERROR_NETWORK;
}

int mote_tls_port_send(void *context, const unsigned char *bytes, size_t length) {
  mote_tls *tls = context;
  int32_t result = tls->port->send(tls->port->context, bytes, length);
  if (result > 0 && (size_t)result <= length) return result;
  if (result == 0) return MBEDTLS_ERR_SSL_WANT_WRITE;
  tls->port_status = network_status(result);
  return MBEDTLS_ERR_NET_SEND_FAILED;
}

int mote_tls_port_receive(void *context, unsigned char *bytes, size_t capacity) {
  mote_tls *tls = context;
  int32_t result = tls->port->receive(tls->port->context, bytes, capacity);
  if (result > 0 && (size_t)result > capacity) {
    tls->port_status = MOTE_ERROR_NETWORK;
    return MBEDTLS_ERR_NET_RECV_FAILED;
  }
  if (result > 0) {
    note_records(tls, bytes, (size_t)result);
    return result;
  }
  if (result == 0) return MBEDTLS_ERR_SSL_WANT_READ;
  if (result == MOTE_ERROR_CLOSED) return 0;
  tls->port_status = network_status(result);
  return MBEDTLS_ERR_NET_RECV_FAILED;
}

int mote_tls_port_entropy(void *context, unsigned char *bytes, size_t length) {
  mote_tls *tls = context;
  if (tls->port->entropy(tls->port->context, bytes, length) == MOTE_OK) return 0;
  tls->port_status = MOTE_ERROR_NO_ENTROPY;
  return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
}

#endif
