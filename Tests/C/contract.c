/*
 * What mote.h promises of the session that no peer is needed for: pointers that are null where there is nothing,
 * secrets wiped, messages dropped, ports that lack a function.
 */
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "mote.h"
#include "mote_tls.h"

static mote_mqtt session;
static uint8_t receive_buffer[128], outbox[512];

static void begin(void) {
  mote_mqtt_options options = {sizeof options, receive_buffer, sizeof receive_buffer, outbox, sizeof outbox, 0, 0, 0, 0};
  check(mote_mqtt_init(&session, sizeof session, &options) == MOTE_OK, "a session begins");
}

static void send_all(void) {
  const uint8_t *bytes;
  int32_t length;
  while ((length = mote_mqtt_transmission(&session, 0, &bytes)) > 0) mote_mqtt_sent(&session, (size_t)length, 0);
}

static int32_t take(const uint8_t *bytes, size_t length, mote_mqtt_event *event) {
  int32_t result = 0;
  while (length > 0 && result == 0) {
    uint8_t *room;
    size_t count = (size_t)mote_mqtt_space(&session, &room);
    if (count > length) count = length;
    memcpy(room, bytes, count);
    mote_mqtt_received(&session, count);
    bytes += count;
    length -= count;
    result = mote_mqtt_next(&session, 0, event);
  }
  return result;
}

static void connect_session(void) {
  static const uint8_t connack[] = {0x20, 0x02, 0x00, 0x00};
  mote_mqtt_connection connection = {0};
  mote_mqtt_event event;
  connection.size = sizeof connection;
  connection.client_identifier = "d";
  connection.client_identifier_length = 1;
  check(mote_mqtt_connect(&session, &connection, 0) == MOTE_OK, "CONNECT is composed");
  send_all();
  check(take(connack, sizeof connack, &event) == 1 && event.kind == MOTE_MQTT_CONNECTED, "CONNACK connects");
  check(event.topic == NULL && event.payload == NULL, "an event without bytes has null pointers");
}

static void check_skipped(void) {
  /* Remaining Length 304: a topic of 300 bytes, a payload of 2. */
  static uint8_t publish[307] = {0x30, 0xb0, 0x02, 0x01, 0x2c};
  mote_mqtt_event event;
  memset(publish + 5, 't', 300);
  check(take(publish, sizeof publish, &event) == 1 && event.kind == MOTE_MQTT_SKIPPED, "a long topic is skipped");
  check(event.topic == NULL && event.topic_length == 0, "a skipped topic is no pointer");
  check(event.skipped_length == 300 && event.total == 2, "a skipped message tells both its lengths");
}

static void check_drop(void) {
  int32_t token = mote_mqtt_publish(&session, "a/#", 3, NULL, 0, MOTE_QOS_1);
  check(token > 0, "a wildcard is stored");
  check(mote_mqtt_drop(&session, token) == MOTE_ERROR_STATE, "nothing is dropped within a connection");
  check(mote_mqtt_lost(&session) == MOTE_OK, "the connection is lost");
  check(mote_mqtt_drop(&session, token + 1) == MOTE_ERROR_STATE, "what is not stored is not dropped");
  check(mote_mqtt_drop(&session, token) == MOTE_OK, "a stored message is dropped");
  check(mote_mqtt_drop(&session, token) == MOTE_ERROR_STATE, "once");
  token = mote_mqtt_publish_pieces(&session, "t", 1, 1000, 0);
  check(token > 0 && mote_mqtt_publish_pieces(&session, "t", 1, 1000, 0) == MOTE_ERROR_SOURCE_BUSY, "one in pieces");
  check(mote_mqtt_drop(&session, token) == MOTE_OK, "a message in pieces is dropped");
  check(mote_mqtt_publish_pieces(&session, "t", 1, 1000, 0) > 0, "and makes place for the next");
}

/** An outbox that drops messages, and what it tells of them. */
static void check_full(void) {
  static const uint8_t payload[300];
  char topic[200];
  mote_mqtt_options options = {sizeof options, receive_buffer, sizeof receive_buffer, outbox, sizeof outbox, 0, 0, 0, 0};
  mote_mqtt_event event;
  int32_t first, second;
  options.when_full = 3;
  check(mote_mqtt_init(&session, sizeof session, &options) == MOTE_ERROR_ARGUMENT, "a policy that is none is refused");
  options.when_full = -1;
  check(mote_mqtt_init(&session, sizeof session, &options) == MOTE_ERROR_ARGUMENT, "nor is one below zero");
  options.when_full = MOTE_FULL_DROPS_OLDEST;
  check(mote_mqtt_init(&session, sizeof session, &options) == MOTE_OK, "an outbox that drops the oldest");
  first = mote_mqtt_publish(&session, "t", 1, payload, sizeof payload, MOTE_QOS_1);
  check(mote_mqtt_publish(&session, "t", 1, payload, 600, MOTE_QOS_1) == MOTE_ERROR_TOO_LARGE, "too large is for ever");
  check(mote_mqtt_next(&session, 0, &event) == 0, "and drops nothing");
  second = mote_mqtt_publish(&session, "t", 1, payload, sizeof payload, MOTE_QOS_1);
  check(first > 0 && second > first, "a message makes way for another");
  check(mote_mqtt_next(&session, 0, &event) == 1 && event.kind == MOTE_MQTT_DROPPED && event.token == first, "and is told");
  memset(topic, 't', sizeof topic);
  check(mote_mqtt_publish_pieces(&session, topic, sizeof topic, 250, 0) > second, "one in pieces has room made for it too");
  check(mote_mqtt_next(&session, 0, &event) == 1 && event.kind == MOTE_MQTT_DROPPED && event.token == second, "told too");
  check(mote_mqtt_next(&session, 0, &event) == 0, "once");
}

/** A password that was written into CONNECT before something else was found wrong. */
static void check_wiped(void) {
  static const char password[] = "the-password-of-nobody";
  mote_mqtt_connection connection = {0};
  size_t offset;
  int found = 0;
  begin();
  connection.size = sizeof connection;
  connection.client_identifier = "d";
  connection.client_identifier_length = 1;
  connection.user_name = "u\xff";
  connection.user_name_length = 2;
  connection.password = (const uint8_t *)password;
  connection.password_length = sizeof password - 1;
  check(mote_mqtt_connect(&session, &connection, 0) == MOTE_ERROR_ARGUMENT, "a user name that is not UTF-8 is refused");
  for (offset = 0; offset + 4 <= sizeof receive_buffer; offset++) found |= memcmp(receive_buffer + offset, "pass", 4) == 0;
  check(!found, "and the password is wiped");
}

static int32_t resolve(void *context, const char *name, size_t length) { return (void)context, (void)name, (void)length, 0; }
static int32_t open_connection(void *context, int32_t index, uint16_t port) { return (void)context, (void)index, (void)port, 0; }
static int32_t send_bytes(void *context, const uint8_t *bytes, size_t length) { return (void)context, (void)bytes, (void)length, 0; }
static int32_t receive(void *context, uint8_t *bytes, size_t length) { return (void)context, (void)bytes, (void)length, 0; }
static void close_connection(void *context) { (void)context; }
static int32_t entropy(void *context, uint8_t *bytes, size_t length) { return (void)context, (void)bytes, (void)length, 0; }
static int64_t wall_seconds(void *context) { return (void)context, 0; }

static const mote_port whole = {NULL, resolve, open_connection, send_bytes, receive, close_connection, entropy, wall_seconds};

/** A client that has never connected tells of messages that made way or ran out of time. */
static void check_client_full(void) {
  static const char string[] = "HostName=h;DeviceId=d;SharedAccessKey=MDEyMzQ1Njc4OWFiY2RlZg==";
  static const uint8_t payload[100];
  static mote_client client;
  static mote_tls tls;
  mote_mqtt_options mqtt = {sizeof mqtt, receive_buffer, sizeof receive_buffer, outbox, sizeof outbox, 0, 0, 0, 0};
  mote_property property = {"colour", 6, "a shade of blue & green", 23};
  mote_client_options options = {0};
  mote_telemetry telemetry = {0};
  mote_event event;
  int32_t tokens[3], place;
  options.size = sizeof options;
  options.connection_string = string;
  options.connection_string_length = sizeof string - 1;
  options.port = &whole;
  options.tls = &tls;
  mqtt.when_full = MOTE_FULL_DROPS_OLDEST;
  check(mote_client_init(&client, sizeof client, &options) == MOTE_OK && mote_use_mqtt(&client, &mqtt) == MOTE_OK,
        "a client whose outbox drops the oldest");
  telemetry.size = sizeof telemetry;
  telemetry.payload = payload;
  telemetry.payload_length = sizeof payload;
  telemetry.properties = &property;
  telemetry.property_count = 1;
  for (place = 0; place < 3; place++) tokens[place] = mote_send(&client, &telemetry);
  check(tokens[0] > 0 && tokens[1] > tokens[0] && tokens[2] > tokens[1], "takes more than there is room for");
  check(mote_poll(&client, 0, &event) == 1 && event.kind == MOTE_EVENT_FAILED && event.token == tokens[0] &&
            event.status == MOTE_ERROR_DROPPED, "and tells what was dropped");
  check(mote_poll(&client, 0, &event) == 0, "once");
  telemetry.size = offsetof(mote_telemetry, expires);
  telemetry.expires = 1;
  tokens[0] = mote_send(&client, &telemetry);
  check(tokens[0] > 0 && mote_poll(&client, 9000, &event) == 1 && event.status == MOTE_ERROR_DROPPED, "a caller that is older");
  check(mote_poll(&client, 9000, &event) == 0, "has no expiry");
  telemetry.size = sizeof telemetry;
  telemetry.expires = 12000;
  tokens[0] = mote_send(&client, &telemetry);
  while (mote_poll(&client, 10000, &event) == 1) check(event.status == MOTE_ERROR_DROPPED, "the others make way");
  check(mote_poll(&client, 14000, &event) == 1 && event.kind == MOTE_EVENT_FAILED && event.token == tokens[0] &&
            event.status == MOTE_ERROR_EXPIRED, "a message that ran out of time is told");
}

static void check_port(void) {
  static const char string[] = "HostName=h;DeviceId=d;SharedAccessKey=MDEyMzQ1Njc4OWFiY2RlZg==";
  static mote_client client;
  static mote_tls tls;
  mote_port port = whole;
  mote_client_options options = {0};
  options.size = sizeof options;
  options.connection_string = string;
  options.connection_string_length = sizeof string - 1;
  options.port = &port;
  check(mote_client_init(&client, sizeof client, &options) == MOTE_ERROR_NO_TLS, "a client without TLS is refused");
  options.tls = &tls;
  check(mote_client_init(&client, sizeof client, &options) == MOTE_OK, "a whole port is taken");
#define CHECK_WITHOUT(function)                                                                               \
  port = whole;                                                                                               \
  port.function = NULL;                                                                                       \
  check(mote_client_init(&client, sizeof client, &options) == MOTE_ERROR_ARGUMENT, "a port without " #function " is refused")
  CHECK_WITHOUT(resolve);
  CHECK_WITHOUT(connect);
  CHECK_WITHOUT(send);
  CHECK_WITHOUT(receive);
  CHECK_WITHOUT(close);
  CHECK_WITHOUT(entropy);
  CHECK_WITHOUT(wall_seconds);
}

int main(void) {
  begin();
  connect_session();
  check_skipped();
  check_drop();
  check_full();
  check_wiped();
  check_client_full();
  check_port();
  return checks_end();
}
