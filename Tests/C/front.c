/*
 * What stands in front of the hub: a proxy before TLS, or a WebSocket behind it. Written from RFC 9110 (9.3.6), 1928, 1929 and 6455.
 */
#include "hub.h"

#include "peers.h"

#include <mbedtls/base64.h>
#include <mbedtls/sha1.h>
#include <mbedtls/version.h>

#include <stdio.h>
#include <string.h>

int front_frames(const struct hub_connection *connection) { return connection->hub->front.kind == FRONT_WEBSOCKET; }

/** Says the first things, as far as they are not cut. Whether there is more to be said and heard. */
static int say(struct hub_connection *connection, const void *bytes, size_t length) {
  struct front *front = &connection->hub->front;
  size_t before = connection->front.said, kept = length;
  connection->front.said += length;
  front->said = connection->front.said;
  int is_cut = front->is_cut && front->cut < connection->front.said;
  if (is_cut) kept = front->cut > before ? front->cut - before : 0;
  if (front_frames(connection)) {
    memcpy(connection->output + connection->output_length, bytes, kept);
    connection->output_length += kept;
    if (is_cut) connection->ending = front->ending;
  } else {
    if (kept > 0) need(line_send(&connection->line, HUB_END, bytes, kept) == (int32_t)kept, "room for what a proxy says");
    if (is_cut && front->ending != 0) hub_end_connection(connection, front->ending);
  }
  return !is_cut;
}

/** Takes `count` bytes of what has come. */
static void drop(struct front_connection *front, size_t count) {
  front->length -= count;
  memmove(front->bytes, front->bytes + count, front->length);
}

/** Where the head of a request ends, 0 when it has not come. */
static size_t head_length(const struct front_connection *front) {
  for (size_t end = 4; end <= front->length; end++) {
    if (memcmp(front->bytes + end - 4, "\r\n\r\n", 4) == 0) return end;
  }
  return 0;
}

/** Whether a request's head has a line. */
static int has_line(const struct front_connection *front, size_t head, const char *line) {
  size_t length = strlen(line);
  for (size_t start = 0; start + length <= head; start++) {
    if (memcmp(front->bytes + start, line, length) == 0) return 1;
  }
  return 0;
}

static void refuse(struct hub_connection *connection) {
  char answer[96];
  int length = snprintf(answer, sizeof answer, "HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n", (int)connection->hub->front.status);
  if (!say(connection, answer, (size_t)length)) return;
  if (front_frames(connection)) connection->ending = MOTE_ERROR_CLOSED;
  else hub_end_connection(connection, MOTE_ERROR_CLOSED);
}

static void run_http(struct hub_connection *connection) {
  static const char answer[] = "HTTP/1.1 200 Connection established\r\nVia: 1.1 x\r\n\r\n";
  struct front_connection *front = &connection->front;
  size_t head = head_length(front);
  if (head == 0) return;
  if (!has_line(front, head, "CONNECT " HUB_NAME ":8883 HTTP/1.1\r\nHost: " HUB_NAME ":8883\r\n") ||
      !has_line(front, head, "\r\nProxy-Authorization: Basic d2hvOndoeQ==\r\n") || head != front->length) {
    connection->hub->violations++;
  }
  drop(front, head);
  if (connection->hub->front.status != 0) refuse(connection);
  else front->is_open = say(connection, answer, sizeof answer - 1);
}

static void run_socks(struct hub_connection *connection) {
  static const uint8_t offer[] = {5, 2, 0, 2}, who[] = {1, 3, 'w', 'h', 'o', 3, 'w', 'h', 'y'};
  static const char name[] = HUB_NAME;
  uint8_t request[5 + sizeof name - 1 + 2] = {5, 1, 0, 3, sizeof name - 1};
  memcpy(request + 5, name, sizeof name - 1);
  request[sizeof request - 2] = 8883 >> 8;
  request[sizeof request - 1] = 8883 & 0xFF;
  const struct {
    const uint8_t *expected;
    size_t length, answer_length;
    uint8_t answer[10];
  } stages[] = {{offer, sizeof offer, 2, {5, 2}}, {who, sizeof who, 2, {1, 0}}, {request, sizeof request, 10, {5, 0, 0, 1, 10, 0, 0, 1, 0x22, 0xB3}}};
  struct front_connection *front = &connection->front;
  int stage = front->stage;
  if (front->length < stages[stage].length) return;
  if (memcmp(front->bytes, stages[stage].expected, stages[stage].length) != 0) connection->hub->violations++;
  drop(front, stages[stage].length);
  uint8_t answer[10];
  int32_t status = connection->hub->front.status;
  memcpy(answer, stages[stage].answer, sizeof answer);
  int is_refused = status != 0 && stage == (status == 255 ? 0 : 2);
  if (is_refused) answer[1] = (uint8_t)status;
  front->stage++;
  if (!say(connection, answer, stages[stage].answer_length)) return;
  if (is_refused) hub_end_connection(connection, MOTE_ERROR_CLOSED);
  else front->is_open = stage == 2;
}

int front_run(struct hub_connection *connection) {
  struct front_connection *front = &connection->front;
  int32_t count = line_receive(&connection->line, HUB_END, front->bytes + front->length, HUB_BUFFER - front->length);
  if (count < 0) return hub_end_connection(connection, MOTE_ERROR_RESET), 1;
  if (count == 0) return 0;
  front->length += (size_t)count;
  if (connection->hub->front.withholds) return 1;
  if (connection->hub->front.kind == FRONT_HTTP) run_http(connection);
  else run_socks(connection);
  return 1;
}

/** Accepts a WebSocket (4.2). */
static void open_websocket(struct hub_connection *connection) {
  static const char field[] = "\r\nSec-WebSocket-Key: ", name[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  struct front_connection *front = &connection->front;
  size_t head = head_length(front);
  if (head == 0 || connection->hub->front.withholds) return;
  int is_right = has_line(front, head, "GET /$iothub/websocket HTTP/1.1\r\n") && has_line(front, head, "\r\nHost: " HUB_NAME ":443\r\n") &&
                 has_line(front, head, "\r\nSec-WebSocket-Protocol: mqtt\r\n") && has_line(front, head, "\r\nSec-WebSocket-Version: 13\r\n");
  size_t key = 0;
  while (key + sizeof field + 24 < head && memcmp(front->bytes + key, field, sizeof field - 1) != 0) key++;
  uint8_t keyed[24 + sizeof name - 1], digest[20], accept[32], answer[256];
  memcpy(keyed, front->bytes + key + sizeof field - 1, 24);
  memcpy(keyed + 24, name, sizeof name - 1);
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  need(mbedtls_sha1(keyed, sizeof keyed, digest) == 0, "SHA-1");
#else
  need(mbedtls_sha1_ret(keyed, sizeof keyed, digest) == 0, "SHA-1");
#endif
  size_t length;
  need(mbedtls_base64_encode(accept, sizeof accept, &length, digest, sizeof digest) == 0, "base64");
  if (!is_right) connection->hub->violations++;
  drop(front, head);
  if (connection->hub->front.status != 0) {
    refuse(connection);
    return;
  }
  int count = snprintf((char *)answer, sizeof answer,
                       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: mqtt\r\n"
                       "Sec-WebSocket-Accept: %.28s\r\n\r\n", (const char *)accept);
  front->is_open = say(connection, answer, (size_t)count);
}

void front_take(struct hub_connection *connection) {
  struct front_connection *front = &connection->front;
  if (!front->is_open) open_websocket(connection);
  /* A client's frames (5.2), each masked, and none longer than 65,535. */
  while (front->is_open && front->length >= 6) {
    size_t length = front->bytes[1] & 0x7F, head = 6;
    if (length == 126) {
      head = 8;
      length = (size_t)front->bytes[2] << 8 | front->bytes[3];
    }
    if (front->length < head + length) return;
    int opcode = front->bytes[0] & 0x0F;
    if (!(front->bytes[1] & 0x80) || (front->bytes[1] & 0x7F) == 127 || front->bytes[0] != (0x80 | opcode)) connection->hub->violations++;
    const uint8_t *mask = front->bytes + head - 4;
    if (opcode == 2) {
      need(connection->input_length + length <= HUB_BUFFER, "room for what a device says");
      for (size_t index = 0; index < length; index++) {
        connection->input[connection->input_length++] = front->bytes[head + index] ^ mask[index % 4];
      }
    } else if (opcode == 8) {
      connection->ending = MOTE_ERROR_CLOSED;
    } else if (opcode != 10) {
      connection->hub->violations++;
    }
    drop(front, head + length);
  }
}

void front_head(struct hub_connection *connection, size_t length) {
  uint8_t *head = connection->output + connection->output_length;
  need(length < 65536, "a frame of 16 bits");
  head[0] = 0x82;
  head[1] = length < 126 ? (uint8_t)length : 126;
  connection->output_length += 2;
  if (length < 126) return;
  head[2] = (uint8_t)(length >> 8);
  head[3] = (uint8_t)length;
  connection->output_length += 2;
}
