/*
 * MQTT 3.1.1 as a server speaks it to a device.
 */
#include "hub.h"

#include "peers.h"

#include <stdlib.h>
#include <string.h>

#define TYPE_CONNECT 1
#define TYPE_PUBLISH 3
#define TYPE_PUBACK 4
#define TYPE_SUBSCRIBE 8
#define TYPE_PINGREQ 12
#define TYPE_DISCONNECT 14

/** What is left of a packet. */
struct reader {
  const uint8_t *bytes;
  size_t length;
  int is_short; /**< More was read than there was. */
};

static size_t read_number(struct reader *reader, size_t count) {
  size_t number = 0;
  if (reader->length < count) {
    reader->is_short = 1;
    return 0;
  }
  for (size_t index = 0; index < count; index++) number = number << 8 | reader->bytes[index];
  reader->bytes += count;
  reader->length -= count;
  return number;
}

/** A field of two bytes for its length (1.5.3), cut to `capacity` with its NUL. */
static void read_text(struct reader *reader, char *text, size_t capacity) {
  size_t length = read_number(reader, 2);
  if (length > reader->length || length >= capacity) reader->is_short = 1;
  text[0] = '\0';
  if (reader->is_short) return;
  memcpy(text, reader->bytes, length);
  text[length] = '\0';
  reader->bytes += length;
  reader->length -= length;
}

struct hub_session *hub_session(struct hub *hub, const char *client_identifier) {
  for (size_t index = 0; index < HUB_SESSIONS; index++) {
    struct hub_session *session = &hub->sessions[index];
    if (session->client_identifier[0] == '\0') strcpy(session->client_identifier, client_identifier);
    if (strcmp(session->client_identifier, client_identifier) == 0) return session;
  }
  need(0, "room for a session");
  return NULL;
}

/** 3.1. Whether it is as the specification says. */
static int take_connect(struct hub_connection *connection, struct reader reader) {
  struct hub *hub = connection->hub;
  struct greeting greeting = {.at = now};
  char name[8], password[512] = "";
  read_text(&reader, name, sizeof name);
  size_t level = read_number(&reader, 1), flags = read_number(&reader, 1), keep_alive = read_number(&reader, 2);
  read_text(&reader, greeting.client_identifier, sizeof greeting.client_identifier);
  if (flags & 0x80) read_text(&reader, greeting.user_name, sizeof greeting.user_name);
  if (flags & 0x40) read_text(&reader, password, sizeof password);
  if (reader.is_short || reader.length > 0 || strcmp(name, "MQTT") != 0 || level != 4 || connection->is_greeted) return 0;
  /* No will, nothing reserved, the session kept, and no password without a user name. */
  if ((flags & 0x3F) != 0 || (flags & 0xC0) == 0x40 || greeting.client_identifier[0] == '\0') return 0;
  const char *expiry = strstr(password, "se=");
  if (flags & 0x40) greeting.expiry = expiry != NULL ? strtoll(expiry + 3, NULL, 10) : -1;
  need(hub->greeting_count < GREETINGS, "room for a greeting");
  hub->greetings[hub->greeting_count++] = greeting;
  connection->is_greeted = 1;
  if (hub->withholds_connack) return 1;

  int code = hub->connack;
  if (code == 0 && (flags & 0x40) && greeting.expiry <= true_seconds()) code = 5;
  if (code != 0) {
    hub_write(connection, (uint8_t[]){0x20, 2, 0, (uint8_t)code}, 4);
    connection->ending = MOTE_ERROR_CLOSED;
    return 1;
  }
  /* The one that came earlier has to go (3.1.4). */
  struct hub_connection *older = hub_find(hub, greeting.client_identifier);
  if (older != NULL) {
    hub->displaced++;
    hub_close(hub, older, MOTE_ERROR_CLOSED);
  }
  struct hub_session *session = hub_session(hub, greeting.client_identifier);
  if (hub->forgets_sessions) session->is_kept = session->subscriptions = 0;
  hub_write(connection, (uint8_t[]){0x20, 2, (uint8_t)session->is_kept, 0}, 4);
  session->is_kept = 1;
  connection->session = session;
  /* One and a half times the keep-alive (3.1.2.10). */
  connection->patience = keep_alive * SECOND * 3 / 2;
  connection->silent_at = keep_alive > 0 ? now + connection->patience : UINT64_MAX;
  if (greeting.expiry != 0) connection->expiry = greeting.expiry;
  hub->accepted++;
  return 1;
}

void fill_payload(uint32_t number, size_t offset, uint8_t *bytes, size_t length) {
  for (size_t index = 0; index < length; index++) {
    size_t place = offset + index;
    bytes[index] = place < 4 ? (uint8_t)(number >> (24 - 8 * place)) : (uint8_t)(number * 7 + place);
  }
}

static void note_payload(struct hub *hub, struct reader payload) {
  uint8_t expected[HUB_BUFFER];
  const uint8_t *bytes = payload.bytes;
  uint32_t number = (uint32_t)read_number(&payload, 4);
  fill_payload(number, 0, expected, payload.length + 4);
  if (payload.is_short || number >= NUMBERS || memcmp(bytes, expected, payload.length + 4) != 0) {
    hub->violations++;
    return;
  }
  if (hub->arrivals[number]++ > 0) {
    hub->repeated++;
  } else {
    hub->first_arrivals++;
    if (number != hub->next_number) hub->disordered++;
    hub->next_number = number + 1;
  }
}

/** 3.3. */
static int take_publish(struct hub_connection *connection, uint8_t first, struct reader reader) {
  struct hub *hub = connection->hub;
  char topic[128], expected[128] = "devices/";
  size_t service = first >> 1 & 3, identifier = 0;
  read_text(&reader, topic, sizeof topic);
  if (service > 0) identifier = read_number(&reader, 2);
  if (topic[0] == '$') {
    return !reader.is_short && first == 0x30 && hub_take_request(connection, topic, reader.bytes, reader.length);
  }
  strcat(strcat(expected, connection->session->client_identifier), "/messages/events/");
  if (reader.is_short || service > 1 || (first & 1) != 0 || (service == 1) != (identifier > 0)) return 0;
  if ((service == 0 && (first & 8) != 0) || strncmp(topic, expected, strlen(expected)) != 0) return 0;
  if (first & 8) hub->duplicate_flags++;
  if (service == 1) note_payload(hub, reader);
  if (service == 1 && !hub->withholds_puback) {
    hub_write(connection, (uint8_t[]){0x40, 2, (uint8_t)(identifier >> 8), (uint8_t)identifier}, 4);
  }
  return 1;
}

/** What a filter is for; 0: nothing that the hub has. */
static int subscription(const char *filter) {
  if (strncmp(filter, "devices/", 8) == 0 && strstr(filter, "/messages/devicebound/#") != NULL) return HUB_MESSAGES;
  if (strcmp(filter, "$iothub/methods/POST/#") == 0) return HUB_METHODS;
  if (strcmp(filter, "$iothub/twin/res/#") == 0) return HUB_ANSWERS;
  return strcmp(filter, "$iothub/twin/PATCH/properties/desired/#") == 0 ? HUB_DESIRED : 0;
}

/** 3.8: what there is to subscribe to, and all of it at once. */
static int take_subscribe(struct hub_connection *connection, struct reader reader) {
  struct hub *hub = connection->hub;
  char filter[128];
  size_t identifier = read_number(&reader, 2), count = 0;
  int asked = 0;
  while (reader.length > 0) {
    read_text(&reader, filter, sizeof filter);
    size_t service = read_number(&reader, 1);
    int bit = subscription(filter);
    if (reader.is_short || bit == 0 || (asked & bit) != 0 || (service == 1) != (bit == HUB_MESSAGES)) return 0;
    asked |= bit;
    count++;
  }
  if (identifier == 0 || count == 0) return 0;
  hub->requests.subscribes++;
  hub->requests.filters = (uint32_t)count;
  if (hub->withholds_suback) return 1;
  /* It refuses the last. */
  uint8_t answer[4 + HUB_FILTERS] = {0x90, (uint8_t)(2 + count), (uint8_t)(identifier >> 8), (uint8_t)identifier};
  if (asked & HUB_MESSAGES) answer[4] = 1;
  if (hub->refuses_subscription) answer[3 + count] = 0x80;
  connection->session->subscriptions = hub->refuses_subscription ? 0 : asked;
  hub_write(connection, answer, 4 + count);
  return 1;
}

/** 3.4, of a cloud-to-device message. */
static int take_puback(struct hub_connection *connection, struct reader reader) {
  struct hub_session *session = connection->session;
  size_t identifier = read_number(&reader, 2);
  if (reader.is_short || reader.length > 0) return 0;
  for (size_t index = 0; index < session->queue_length; index++) {
    if (session->queue[index].identifier != identifier || !session->queue[index].is_in_flight) continue;
    session->queue_length--;
    memmove(&session->queue[index], &session->queue[index + 1], (session->queue_length - index) * sizeof session->queue[0]);
    connection->hub->confirmed++;
    return 1;
  }
  /* Nothing that has left by this connection. */
  return 0;
}

static int take_packet(struct hub_connection *connection, uint8_t first, struct reader reader) {
  struct hub *hub = connection->hub;
  uint8_t type = first >> 4;
  if (type == TYPE_CONNECT) return (first & 15) == 0 && take_connect(connection, reader);
  /* Before CONNECT nothing, and after it nothing before CONNACK from this client. */
  if (connection->session == NULL) return 0;
  if (connection->silent_at != UINT64_MAX) connection->silent_at = now + connection->patience;
  if (type == TYPE_PUBLISH) return take_publish(connection, first, reader);
  if (type == TYPE_PUBACK) return first == 0x40 && take_puback(connection, reader);
  if (type == TYPE_SUBSCRIBE) return first == 0x82 && take_subscribe(connection, reader);
  if (reader.length > 0 || (first != 0xC0 && first != 0xE0)) return 0;
  if (type == TYPE_PINGREQ) {
    hub->pings++;
    if (!hub->withholds_pingresp) hub_write(connection, (uint8_t[]){0xD0, 0}, 2);
  } else {
    hub->disconnects++;
    hub_leave(connection);
    if (!hub->lingers) connection->ending = MOTE_ERROR_CLOSED;
  }
  return 1;
}

int hub_take(struct hub_connection *connection) {
  size_t length = 0, start = 1;
  for (int shift = 0;; shift += 7) {
    if (start >= connection->input_length || connection->ending != 0) return 0;
    uint8_t byte = connection->input[start++];
    length |= (size_t)(byte & 0x7F) << shift;
    if (byte < 0x80) break;
    need(shift < 21, "a Remaining Length of four bytes");
  }
  need(start + length <= HUB_BUFFER, "room for a packet");
  if (connection->input_length < start + length) return 0;
  struct reader reader = {connection->input + start, length, 0};
  if (!take_packet(connection, connection->input[0], reader)) {
    connection->hub->violations++;
    connection->ending = MOTE_ERROR_RESET;
  }
  connection->input_length -= start + length;
  memmove(connection->input, connection->input + start + length, connection->input_length);
  return 1;
}

int hub_say(struct hub *hub, const char *client_identifier, uint32_t number) {
  struct hub_session *session = hub_session(hub, client_identifier);
  if (session->queue_length == HUB_QUEUE) return 0;
  memset(&session->queue[session->queue_length], 0, sizeof session->queue[0]);
  session->queue[session->queue_length++].number = number;
  return 1;
}

/** Sends what waits for the device. */
void hub_push(struct hub_connection *connection) {
  struct hub_session *session = connection->session;
  if ((session->subscriptions & HUB_MESSAGES) == 0) return;
  for (size_t index = 0; index < session->queue_length && connection->ending == 0; index++) {
    if (session->queue[index].is_in_flight || connection->output_length > HUB_BUFFER / 2) continue;
    uint8_t packet[160] = {session->queue[index].identifier == 0 ? 0x32 : 0x3A};
    if (session->queue[index].identifier == 0) {
      session->last_identifier = session->last_identifier == UINT16_MAX ? 1 : session->last_identifier + 1;
      session->queue[index].identifier = session->last_identifier;
    }
    session->queue[index].is_in_flight = 1;
    char topic[128] = "devices/";
    strcat(strcat(topic, session->client_identifier), "/messages/devicebound/");
    size_t length = strlen(topic), end = 4 + length;
    uint32_t values[2] = {session->queue[index].identifier, session->queue[index].number};
    packet[3] = (uint8_t)length;
    memcpy(packet + 4, topic, length);
    packet[end++] = (uint8_t)(values[0] >> 8);
    packet[end++] = (uint8_t)values[0];
    for (int shift = 24; shift >= 0; shift -= 8) packet[end++] = (uint8_t)(values[1] >> shift);
    packet[1] = (uint8_t)(end - 2);
    need(end < 130, "a short packet");
    hub_write(connection, packet, end);
  }
}
