/*
 * What mote.h promises of the session that no peer is needed for: pointers that are null where there is nothing,
 * secrets wiped, messages dropped, ports that lack a function.
 */
#include <stdio.h>
#include <string.h>

#include "mote.h"
#include "mote_tls.h"

static int passed, failed;

static void check(int condition, const char *name) {
  printf("%s %s\n", condition ? "ok" : "FAILED", name);
  if (condition) passed++;
  else failed++;
}

static mote_mqtt session;
static uint8_t receive_buffer[128], outbox[512];

static void begin(void) {
  mote_mqtt_options options = {sizeof options, receive_buffer, sizeof receive_buffer, outbox, sizeof outbox, 0, 0, 0};
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

static void check_port(void) {
  static const char string[] = "HostName=h;DeviceId=d;SharedAccessKey=MDEyMzQ1Njc4OWFiY2RlZg==";
  static const mote_port whole = {NULL, resolve, open_connection, send_bytes, receive, close_connection, entropy, wall_seconds};
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
  check_wiped();
  check_port();
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
