/*
 * What the TLS client notes of the records that come through its port, beside a second reading of the same bytes: how
 * many there are, the first bytes of the latest, and how much of it has come, however the bytes were split.
 *
 * An input is how many bytes each read takes at most, and the server's bytes.
 */
#include "mote_tls_connection.h"
#include "mote_tls_private.h"

#include <stdlib.h>
#include <string.h>

#define HEADER 5

struct server {
  const uint8_t *bytes;
  size_t length;
};

static int32_t receive(void *context, uint8_t *bytes, size_t capacity) {
  struct server *server = context;
  if (server->length == 0) return MOTE_ERROR_CLOSED;
  size_t count = capacity < server->length ? capacity : server->length;
  memcpy(bytes, server->bytes, count);
  server->bytes += count;
  server->length -= count;
  return (int32_t)count;
}

static void demand(int condition) {
  if (!condition) abort();
}

/* Where the latest of the records in `bytes` starts, and how many there are. */
static size_t latest(const uint8_t *bytes, size_t length, uint32_t *records) {
  size_t start = 0;
  *records = length > 0;
  while (length - start >= HEADER) {
    size_t end = start + HEADER + ((size_t)bytes[start + 3] * 256 + bytes[start + 4]);
    if (end >= length) break;
    start = end;
    *records += 1;
  }
  return start;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  if (length == 0) return 0;
  size_t most = (size_t)bytes[0] + 1;
  bytes += 1;
  length -= 1;
  static mote_tls tls;
  memset(&tls, 0, sizeof tls);
  struct server server = {bytes, length};
  const mote_port port = {.context = &server, .receive = receive};
  tls.port = &port;

  size_t done = 0;
  while (done < length) {
    size_t rest = length - done;
    size_t capacity = most < rest ? most : rest;
    uint8_t *room = malloc(capacity);
    int count = mote_tls_port_receive(&tls, room, capacity);
    demand(count > 0 && (size_t)count <= capacity && memcmp(room, bytes + done, (size_t)count) == 0);
    free(room);
    done += (size_t)count;

    uint32_t records;
    size_t start = latest(bytes, done, &records);
    size_t noted = done - start < sizeof tls.record_heading ? done - start : sizeof tls.record_heading;
    demand(tls.records == records && tls.record_position == done - start);
    demand(memcmp(tls.record_heading, bytes + start, noted) == 0);
    int refused = records == 1 && noted == 7 && bytes[0] == 21 && (bytes[6] == 40 || bytes[6] == 70 || bytes[6] == 71);
    demand(mote_tls_hello_is_refused(&tls) == refused);
    int too_large = noted >= HEADER && bytes[start + 1] == 3 && bytes[start + 3] * 256 + bytes[start + 4] > 16384;
    demand(mote_tls_record_is_too_large(&tls) == too_large);
  }
  uint8_t byte;
  demand(mote_tls_port_receive(&tls, &byte, 1) == 0);
  return 0;
}
