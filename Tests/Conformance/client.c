/*
 * A device of IoT Hub (mote_client_*) over Mote's own TLS and the Linux port, against mosquitto in the place of the hub.
 * Run by client.sh in a folder of certificates; by websocket.sh with MOTE_WEBSOCKET in the environment: then over a WebSocket,
 * without what is about TLS alone.
 */
#define _GNU_SOURCE
#include "mote.h"
#include "mote_linux.h"
#include "mote_tls.h"
#include "peers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BIG (256 * 1024)
#define KEY "SharedAccessKey=dGhlIHNlY3JldCBvZiBhIHRocm93LWF3YXkgZGV2aWNl"
#define IDENTITY "HostName=hub.example;DeviceId=dev1;" KEY
#define EVENTS "devices/dev1/messages/events/"

static uint8_t big[BIG];
/** Where the hub speaks MQTT over a WebSocket, in place of its other port; 0 for not at all. */
static uint16_t websocket_port;

/* ---- A device, and what it was told -------------------------------------------------------------------------- */

struct message {
  char properties[256];
  char text[32];
  size_t total;
  int32_t flags;
  int32_t token;
};

struct device {
  mote_client client;
  mote_websocket websocket;
  mote_linux network;
  mote_tls tls;
  mote_port below, port;
  int has_no_time, has_no_entropy, has_no_name; /**< What the port lacks. */
  int is_slow;
  int32_t receive_status; /**< What receiving fails with. */
  uint64_t sent_last;
  uint8_t receive_buffer[4096], outbox[8192];

  int is_connected, session_present, is_holding;
  int32_t hold_status;
  int disconnected_count, sent_count, failed_count, message_count, aborted_count, skipped_count;
  mote_event last; /**< Of the last disconnection. */
  int32_t sent[64], failed_token, failed_status;
  struct message messages[16];
  uint8_t incoming[BIG];
  size_t incoming_length, largest_piece;

  size_t source_limit; /**< The source gives no more than this for now. */
  int source_fails, source_rewound;
};

/* Nothing connects again by itself here, so that each loss is looked at alone; mote_connect does it at once. */
#define RETRY (24 * 3600 * 1000)

/** What differs between devices; zero is the usual. */
struct options {
  const char *connection_string, *roots, *endpoint, *certificate;
  uint16_t port_number;
  size_t receive_capacity, outbox_capacity;
  uint32_t handshake_milliseconds, connect_milliseconds, response_milliseconds, source_milliseconds, keep_alive_seconds;
  int receives_messages;
};

static struct device *of(void *context) { return context; }
static int32_t port_resolve(void *context, const char *name, size_t length) {
  if (of(context)->has_no_name) return MOTE_ERROR_NAME_NOT_FOUND;
  return of(context)->below.resolve(of(context)->below.context, name, length);
}
static int32_t port_connect(void *context, int32_t index, uint16_t number) {
  return of(context)->below.connect(of(context)->below.context, index, number);
}
static int32_t port_send(void *context, const uint8_t *bytes, size_t length) {
  if (of(context)->is_slow) {
    /* A line of some 400 KiB a second. */
    if (mote_linux_now() == of(context)->sent_last) return 0;
    of(context)->sent_last = mote_linux_now();
    if (length > 400) length = 400;
  }
  return of(context)->below.send(of(context)->below.context, bytes, length);
}
static int32_t port_receive(void *context, uint8_t *bytes, size_t capacity) {
  if (of(context)->receive_status < 0) return of(context)->receive_status;
  return of(context)->below.receive(of(context)->below.context, bytes, capacity);
}
static void port_close(void *context) { of(context)->below.close(of(context)->below.context); }
static int32_t port_entropy(void *context, uint8_t *bytes, size_t length) {
  if (of(context)->has_no_entropy) return MOTE_ERROR_NO_ENTROPY;
  return of(context)->below.entropy(of(context)->below.context, bytes, length);
}
static int64_t port_wall_seconds(void *context) {
  return of(context)->has_no_time ? 0 : of(context)->below.wall_seconds(of(context)->below.context);
}

static void device_init(struct device *device, struct options given) {
  memset(device, 0, sizeof *device);
  device->source_limit = BIG;
  mote_linux_init(&device->network);
  device->below = mote_port_linux(&device->network);
  device->port = (mote_port){device, port_resolve, port_connect, port_send, port_receive, port_close, port_entropy, port_wall_seconds};

  mote_tls_options trust = {.size = sizeof trust, .roots_file = given.roots != NULL ? given.roots : "ca.pem"};
  char *certificate = NULL, *key = NULL, name[64];
  if (given.certificate != NULL) {
    snprintf(name, sizeof name, "%s.pem", given.certificate);
    trust.certificate = (uint8_t *)(certificate = read_file(name, &trust.certificate_length));
    snprintf(name, sizeof name, "%s.key", given.certificate);
    trust.key = (uint8_t *)(key = read_file(name, &trust.key_length));
    trust.certificate_length += 1;
    trust.key_length += 1;
  }
  need(mote_tls_init(&device->tls, sizeof device->tls, &trust) == MOTE_OK, "TLS");
  free(certificate);
  free(key);

  const char *string = given.connection_string != NULL ? given.connection_string : IDENTITY;
  const char *endpoint = given.endpoint != NULL ? given.endpoint : "localhost";
  mote_client_options options = {
    .size = sizeof options, .connection_string = string, .connection_string_length = strlen(string), .port = &device->port,
    .tls = &device->tls, .endpoint = endpoint, .endpoint_length = strlen(endpoint),
    .endpoint_port = websocket_port != 0 ? websocket_port : given.port_number,
    .handshake_milliseconds = given.handshake_milliseconds, .connect_milliseconds = given.connect_milliseconds,
    .source_milliseconds = given.source_milliseconds, .receives_messages = given.receives_messages,
    .retry_milliseconds = RETRY, .retry_limit_milliseconds = RETRY,
  };
  need(mote_client_init(&device->client, sizeof device->client, &options) == MOTE_OK, "a client");
  mote_mqtt_options mqtt = {
    .size = sizeof mqtt, .receive_buffer = device->receive_buffer, .outbox = device->outbox,
    .receive_capacity = given.receive_capacity != 0 ? given.receive_capacity : sizeof device->receive_buffer,
    .outbox_capacity = given.outbox_capacity != 0 ? given.outbox_capacity : sizeof device->outbox,
    .response_milliseconds = given.response_milliseconds, .keep_alive_seconds = given.keep_alive_seconds,
  };
  if (websocket_port != 0) {
    need(mote_use_mqtt_websocket(&device->client, &mqtt, &device->websocket, sizeof device->websocket) == MOTE_OK, "a WebSocket");
  } else {
    need(mote_use_mqtt(&device->client, &mqtt) == MOTE_OK, "MQTT");
  }
}

static void device_end(struct device *device) {
  mote_tls_deinit(&device->tls);
  device->port.close(device->port.context);
}

static void take_message(struct device *device, const mote_event *event) {
  struct message *message = &device->messages[device->message_count % 16];
  if (event->offset == 0) {
    snprintf(message->properties, sizeof message->properties, "%.*s", (int)event->properties_length, (const char *)event->properties);
    snprintf(message->text, sizeof message->text, "%.*s", (int)event->payload_length, (const char *)event->payload);
    device->incoming_length = 0;
  }
  if (event->offset == device->incoming_length && event->total <= BIG) {
    memcpy(device->incoming + event->offset, event->payload, event->payload_length);
    device->incoming_length += event->payload_length;
  }
  if (event->payload_length > device->largest_piece) device->largest_piece = event->payload_length;
  message->flags = event->flags;
  message->total = event->total;
  message->token = event->token;
  if (event->offset + event->payload_length < event->total) return;
  device->message_count++;
  if (device->is_holding) device->hold_status = mote_hold(&device->client);
}

static void take(struct device *device, const mote_event *event) {
  switch (event->kind) {
  case MOTE_EVENT_CONNECTED:
    device->is_connected = 1;
    device->session_present = event->session_present;
    break;
  case MOTE_EVENT_DISCONNECTED:
    device->is_connected = 0;
    device->disconnected_count++;
    device->last = *event;
    break;
  case MOTE_EVENT_SENT: device->sent[device->sent_count++ % 64] = event->token; break;
  case MOTE_EVENT_FAILED:
    device->failed_count++;
    device->failed_token = event->token;
    device->failed_status = event->status;
    break;
  case MOTE_EVENT_MESSAGE: take_message(device, event); break;
  case MOTE_EVENT_ABORTED: device->aborted_count++; break;
  case MOTE_EVENT_SKIPPED: device->skipped_count++; break;
  default: need(0, "an event that is known");
  }
}

/** One poll; waits a little when there is nothing to do. */
static void step(struct device *device) {
  mote_event event;
  uint64_t now = mote_linux_now();
  int32_t result = mote_poll(&device->client, now, &event);
  need(result >= 0, "mote_poll");
  if (result == 1) take(device, &event);
  else mote_linux_wait(&device->network, event.wait, event.deadline < now + 5 ? event.deadline : now + 5, -1);
}

static int connect_device(struct device *device) {
  int before = device->disconnected_count;
  need(mote_connect(&device->client, mote_linux_now()) == MOTE_OK, "mote_connect");
  UNTIL(device->is_connected || device->disconnected_count > before, step(device));
  return device->is_connected;
}

/** Leaves, and checks that it ended as asked. */
static void disconnect(struct device *device) {
  int before = device->disconnected_count;
  mote_disconnect(&device->client, mote_linux_now());
  UNTIL(device->disconnected_count > before, step(device));
  need(device->last.status == MOTE_OK && device->last.step == MOTE_STEP_CLOSING, "a disconnection as asked");
}

/** Loses TCP as a network does, without the client's knowledge. */
static void lose(struct device *device) {
  int before = device->disconnected_count;
  shutdown(device->network.socket, SHUT_RDWR);
  UNTIL(device->disconnected_count > before, step(device));
}

static int32_t send_text(struct device *device, const char *text) {
  mote_telemetry telemetry = {.size = sizeof telemetry, .payload = (const uint8_t *)text, .payload_length = strlen(text)};
  return mote_send(&device->client, &telemetry);
}

static int32_t source(void *context, size_t offset, uint8_t *bytes, size_t capacity) {
  struct device *device = context;
  if (device->source_fails && offset >= device->source_limit) return -1;
  size_t count = capacity < device->source_limit - offset ? capacity : device->source_limit - offset;
  if (offset == 0) device->source_rewound++;
  memcpy(bytes, big + offset, count);
  return (int32_t)count;
}

static int32_t send_source(struct device *device, size_t length, const mote_property *properties, size_t count) {
  mote_telemetry telemetry = {.size = sizeof telemetry, .payload_length = length, .source = source, .source_context = device,
                              .properties = properties, .property_count = count};
  return mote_send(&device->client, &telemetry);
}

static int32_t send_big(struct device *device) { return send_source(device, BIG, NULL, 0); }

static void check_file(const char *file, const char *expected, const char *name) {
  char *text = read_file(file, NULL);
  check_text(text, expected, name);
  free(text);
}

static int big_is_in(const char *name, size_t count) {
  size_t length;
  char *bytes = read_file(name, &length);
  int is_same = length == count && memcmp(bytes, big, count) == 0;
  free(bytes);
  return is_same;
}

static struct device device;

/* ---- Telemetry --------------------------------------------------------------------------------------------------- */

static void check_telemetry(struct broker *hub) {
  device_init(&device, (struct options){.port_number = hub->port_number});
  pid_t watcher = watch(hub, "telemetry", "-t 'devices/#' -F '%t %q [%p]'");
  static const mote_property properties[] = {
    {MOTE_TEXT(MOTE_MESSAGE_ID), MOTE_TEXT("42")},
    {MOTE_TEXT(MOTE_CONTENT_TYPE), MOTE_TEXT("application/json")},
    {MOTE_TEXT(MOTE_CONTENT_ENCODING), MOTE_TEXT("utf-8")},
    {MOTE_TEXT("alert level"), MOTE_TEXT("a&b=c+d#/%")},
    {MOTE_TEXT("gr\xc3\xbc\xc3\x9f"), MOTE_TEXT("\xe2\x82\xac")},
    {MOTE_TEXT("flag"), NULL, 0},
    {MOTE_TEXT("empty"), "", 0},
    {MOTE_TEXT("plain-._~"), MOTE_TEXT("AZaz09")},
  };
  mote_telemetry telemetry = {.size = sizeof telemetry, .payload = (const uint8_t *)"{\"t\":21.5}", .payload_length = 10,
                              .properties = properties, .property_count = sizeof properties / sizeof *properties};
  int32_t before = send_text(&device, "stored before");
  check(before > 0, "stores a message before it is connected");
  check(connect_device(&device), "connects");
  int32_t token = mote_send(&device.client, &telemetry);
  telemetry = (mote_telemetry){.size = sizeof telemetry, .payload = (const uint8_t *)"once", .payload_length = 4, .at_most_once = 1};
  check_number(mote_send(&device.client, &telemetry), MOTE_OK, "has no token for a message at most once");
  int32_t empty = send_text(&device, "");
  UNTIL(device.sent_count == 3 && lines_of("telemetry") == 4, step(&device));
  check(device.sent_count == 3 && device.sent[0] == before && device.sent[1] == token && device.sent[2] == empty,
        "is told of each message that the hub has");
  check_file("telemetry",
             EVENTS " 1 [stored before]\n"
             EVENTS "%24.mid=42&%24.ct=application%2Fjson&%24.ce=utf-8&alert%20level=a%26b%3Dc%2Bd%23%2F%25"
             "&gr%C3%BC%C3%9F=%E2%82%AC&flag&empty=&plain-._~=AZaz09 1 [{\"t\":21.5}]\n"
             EVENTS " 0 [once]\n"
             EVENTS " 1 []\n",
             "sends topic, properties and payload exactly so");
  check_number(broker_logged(hub, "as dev1 (p2, c0, k240, u'hub.example/dev1/?api-version=2021-04-12')"), 1,
               "introduces itself as the hub wants it");

  /* Away without a word: what was stored stays, and goes over the next connection. */
  lose(&device);
  check(device.last.status < 0 && device.last.step == MOTE_STEP_WORK, "notices that the connection is gone");
  int32_t lost = send_text(&device, "stored at the loss");
  telemetry.payload = (const uint8_t *)"also";
  mote_send(&device.client, &telemetry);
  check(connect_device(&device) && device.session_present == 1, "connects again, to the session that the hub kept");
  UNTIL(device.sent_count == 4 && lines_of("telemetry") == 6, step(&device));
  check_number(device.sent[3], lost, "sends after the loss what was stored");
  check_number(lines_of("telemetry"), 6, "sends it once");
  disconnect(&device);
  check_number(mote_disconnect(&device.client, 0), MOTE_ERROR_STATE, "cannot leave twice");
  stop(watcher, SIGTERM);
  device_end(&device);
}

static void check_outbox(struct broker *hub) {
  device_init(&device, (struct options){.port_number = hub->port_number, .outbox_capacity = 1024});
  static uint8_t payload[4096];
  mote_telemetry telemetry = {.size = sizeof telemetry, .payload = payload, .payload_length = 200};
  int stored = 0;
  int32_t result;
  while ((result = mote_send(&device.client, &telemetry)) > 0) stored++;
  check(result == MOTE_ERROR_OUTBOX_FULL && stored == 4, "says that the outbox is full");
  size_t needed = mote_client_size_needed(&device.client);
  check(needed > 200 && needed <= 1024, "knows what an empty outbox would need");
  connect_device(&device);
  UNTIL(device.sent_count == stored, step(&device));
  check(mote_send(&device.client, &telemetry) > 0, "has room again once the hub has the messages");
  telemetry.payload_length = 2000;
  check_number(mote_send(&device.client, &telemetry), MOTE_ERROR_TOO_LARGE, "says that a message never fits");
  needed = mote_client_size_needed(&device.client);
  UNTIL(device.sent_count == stored + 1, step(&device));
  disconnect(&device);
  device_end(&device);

  device_init(&device, (struct options){.port_number = hub->port_number, .outbox_capacity = needed - 1});
  check_number(mote_send(&device.client, &telemetry), MOTE_ERROR_TOO_LARGE, "does not fit one byte less than it needs");
  device_end(&device);
  device_init(&device, (struct options){.port_number = hub->port_number, .outbox_capacity = needed});
  check(mote_send(&device.client, &telemetry) > 0, "fits exactly what it needs");
  check(connect_device(&device), "connects with the least outbox");
  UNTIL(device.sent_count == 1, step(&device));
  check_number(device.sent_count, 1, "sends from the least outbox");
  disconnect(&device);
  device_end(&device);
}

/* ---- Sources ------------------------------------------------------------------------------------------------------ */

static void check_sources(struct broker *hub) {
  device_init(&device, (struct options){.port_number = hub->port_number, .outbox_capacity = 512, .receive_capacity = 1024,
                                        .source_milliseconds = 300});
  static const mote_property properties[] = {{MOTE_TEXT("part"), MOTE_TEXT("1/2")}};
  pid_t watcher = watch(hub, "big.out", "-t '" EVENTS "part=1%2F2' -N -C 1");
  connect_device(&device);
  /* The hub counts properties too (protocol.md 5.4). */
  const size_t most = BIG - (sizeof "part=1%2F2" - 1);
  check_number(send_source(&device, most + 1, properties, 1), MOTE_ERROR_TOO_LARGE, "refuses what the hub would not take");
  int32_t token = send_source(&device, most, properties, 1);
  check_number(send_big(&device), MOTE_ERROR_SOURCE_BUSY, "has one source at a time");
  UNTIL(device.sent_count == 1, step(&device));
  check(token > 0 && device.sent[0] == token && device.source_rewound == 1, "sends 256 KiB with its properties from a source through 512 bytes");
  UNTIL(big_is_in("big.out", most), rest());
  check(big_is_in("big.out", most), "sends them byte for byte");
  stop(watcher, SIGTERM);

  /* A source that rests less than it may. */
  device.source_limit = BIG / 2;
  token = send_big(&device);
  uint64_t start = mote_linux_now();
  UNTIL(mote_linux_now() >= start + 150, step(&device));
  check(device.is_connected && device.sent_count == 1, "waits for a source that has nothing for a while");
  device.source_limit = BIG;
  UNTIL(device.sent_count == 2, step(&device));
  check(device.is_connected && device.sent[1] == token, "goes on when it has more");

  /* One that stalls: the connection ends, and the message waits for the next. */
  device.source_limit = BIG / 2;
  token = send_big(&device);
  start = mote_linux_now();
  UNTIL(device.disconnected_count == 1, step(&device));
  check_number(device.last.status, MOTE_ERROR_SOURCE_STALLED, "ends the connection when a source stalls");
  check(device.last.step == MOTE_STEP_WORK && mote_linux_now() - start >= 300 && device.failed_count == 0,
        "does so at work, when its patience is over, and keeps the message");
  device.source_limit = BIG;
  broker_mark(hub);
  connect_device(&device);
  UNTIL(device.sent_count == 3, step(&device));
  check_number(device.sent[2], token, "sends the message whole over the next connection");
  check_number(broker_logged(hub, "Received PUBLISH from dev1 (d1, q1, r0,"), 1, "says that it may be a duplicate");

  /* One whose bytes are gone: the message fails, and others do not. */
  device.source_limit = BIG / 2;
  device.source_fails = 1;
  token = send_big(&device);
  UNTIL(device.disconnected_count == 2 && device.failed_count == 1, step(&device));
  check(device.failed_count == 1 && device.failed_token == token, "fails a message whose source fails");
  check_number(device.failed_status, MOTE_ERROR_SOURCE_FAILED, "says that the source failed");
  check_number(device.last.status, MOTE_ERROR_SOURCE_FAILED, "ends the connection for that reason");
  check_number(device.last.step, MOTE_STEP_WORK, "ends it at work");
  connect_device(&device);
  int32_t next = send_text(&device, "after a failure");
  UNTIL(device.sent_count == 4, step(&device));
  check(device.sent_count == 4 && device.sent[3] == next && device.failed_count == 1, "forgets the failed message");
  device.source_fails = 0;
  device.source_limit = BIG;
  token = send_big(&device);
  UNTIL(device.sent_count == 5, step(&device));
  check_number(device.sent[4], token, "takes another source");
  disconnect(&device);
  device_end(&device);
}

/* ---- Cloud to device ------------------------------------------------------------------------------------------------ */

static void describe(char *text, size_t capacity, const char *bag) {
  uint8_t buffer[64];
  size_t position = 0, length = 0;
  mote_property property;
  int32_t result;
  text[0] = '\0';
  while ((result = mote_next_property((const uint8_t *)bag, strlen(bag), &position, buffer, sizeof buffer, &property)) != 0) {
    if (result < 0) {
      length += (size_t)snprintf(text + length, capacity - length, "(%d)", (int)result);
      continue;
    }
    length += (size_t)snprintf(text + length, capacity - length, "(%.*s|%.*s)", (int)property.name_length, property.name,
                               property.value != NULL ? (int)property.value_length : 4,
                               property.value != NULL ? property.value : "null");
  }
}

#define BOUND "-t 'devices/dev1/messages/devicebound/"

static void check_messages(struct broker *hub) {
  device_init(&device, (struct options){.port_number = hub->port_number, .receive_capacity = 1024, .receives_messages = 1});
  broker_mark(hub);
  connect_device(&device);
  UNTIL(broker_logged(hub, "Sending SUBACK to dev1") == 1, step(&device));
  check_number(broker_logged(hub, "\tdevices/dev1/messages/devicebound/# (QoS 1)"), 1, "subscribes as the hub wants it");
  publish(hub, BOUND "%s' -m on", "%24.mid=m1&%24.to=%2Fdevices%2Fdev1&iothub-ack=full&deep%20blue=a%3Db=c&null&empty=&plus=%2B&%C3%BC=%C3%9F");
  UNTIL(device.message_count == 1, step(&device));
  char text[512];
  describe(text, sizeof text, device.messages[0].properties);
  check_text(text, "($.mid|m1)($.to|/devices/dev1)(iothub-ack|full)(deep blue|a=b=c)(null|null)(empty|)(plus|+)(\xc3\xbc|\xc3\x9f)",
             "receives a message with its properties decoded");
  check(strcmp(device.messages[0].text, "on") == 0 && device.messages[0].flags == MOTE_QOS_1 && device.messages[0].token != 0,
        "receives its payload");
  describe(text, sizeof text, "?a=1&b=%zz&=x&p+q=r+s");
  char expected[64];
  snprintf(expected, sizeof expected, "(a|1)(%d)(%d)(p+q|r+s)", MOTE_ERROR_PROPERTY, MOTE_ERROR_PROPERTY);
  check_text(text, expected, "reads on after a malformed property, and takes a plus for itself");
  UNTIL(broker_logged(hub, "Received PUBACK from dev1") == 1, step(&device));
  check_number(broker_logged(hub, "Received PUBACK from dev1"), 1, "acknowledges the message");

  device.is_holding = 1;
  publish(hub, BOUND "' -m held");
  UNTIL(device.message_count == 2, step(&device));
  int32_t sent = send_text(&device, "meanwhile");
  UNTIL(device.sent_count == 1, step(&device));
  check_number(device.hold_status, MOTE_OK, "holds a message");
  check_number(mote_hold(&device.client), MOTE_ERROR_STATE, "holds it once");
  check(device.sent[0] == sent && broker_logged(hub, "Received PUBACK from dev1") == 1, "does not acknowledge a message that is held");
  check_number(mote_accept(&device.client, device.messages[1].token), MOTE_OK, "accepts it");
  UNTIL(broker_logged(hub, "Received PUBACK from dev1") == 2, step(&device));
  check_number(broker_logged(hub, "Received PUBACK from dev1"), 2, "acknowledges it then");
  check_number(mote_accept(&device.client, device.messages[1].token), MOTE_ERROR_STATE, "accepts it once");

  publish(hub, BOUND "' -m again");
  UNTIL(device.message_count == 3, step(&device));
  int32_t held = device.messages[2].token;
  lose(&device);
  check_number(mote_accept(&device.client, held), MOTE_ERROR_STATE, "cannot accept what an earlier connection brought");
  device.is_holding = 0;
  publish(hub, BOUND "' -m away");
  connect_device(&device);
  UNTIL(device.message_count == 5, step(&device));
  check(strcmp(device.messages[3].text, "again") == 0 && device.messages[3].flags == (MOTE_QOS_1 | MOTE_DUPLICATE),
        "receives again what it did not acknowledge");
  check(strcmp(device.messages[4].text, "away") == 0 && device.messages[4].flags == MOTE_QOS_1, "receives what came while it was away");

  device.largest_piece = 0;
  write_file("large.bin", big, 64 * 1024);
  publish(hub, BOUND "size=64' -f large.bin");
  UNTIL(device.message_count == 6, step(&device));
  check(device.message_count == 6 && device.messages[5].total == 64 * 1024 && strcmp(device.messages[5].properties, "size=64") == 0 &&
          device.largest_piece <= 1024,
        "receives 64 KiB in pieces through 1024 bytes");
  check(device.incoming_length == 64 * 1024 && memcmp(device.incoming, big, 64 * 1024) == 0, "receives them byte for byte");

  /* The same, cut off after its first piece. */
  publish(hub, BOUND "size=64' -f large.bin");
  device.incoming_length = 0;
  UNTIL(device.incoming_length > 0, step(&device));
  device.receive_status = MOTE_ERROR_RESET;
  int ended = device.disconnected_count;
  UNTIL(device.disconnected_count > ended && device.aborted_count == 1, step(&device));
  check(device.last.status == MOTE_ERROR_RESET && device.message_count == 6 && device.aborted_count == 1,
        "tells that the message will not be completed");
  device.receive_status = 0;
  connect_device(&device);
  UNTIL(device.message_count == 7, step(&device));
  check(device.messages[6].flags == (MOTE_QOS_1 | MOTE_DUPLICATE) && device.incoming_length == 64 * 1024 &&
          memcmp(device.incoming, big, 64 * 1024) == 0 && device.aborted_count == 1,
        "receives it again from its start");

  /* Properties that do not fit: nothing comes after them otherwise. */
  char long_value[1501];
  memset(long_value, 'v', 1500);
  long_value[1500] = '\0';
  char topic[1600];
  snprintf(topic, sizeof topic, "devices/dev1/messages/devicebound/long=%s", long_value);
  write_file("long.topic", topic, strlen(topic));
  run("mosquitto_pub -h localhost -p %d --cafile ca.pem -q 1 -t \"$(cat long.topic)\" -m lost", hub->port_number);
  publish(hub, BOUND "' -m next");
  UNTIL(device.message_count == 8, step(&device));
  check(device.skipped_count == 1 && strcmp(device.messages[7].text, "next") == 0, "skips a message whose properties do not fit");
  disconnect(&device);
  device_end(&device);
}

/* ---- How connections end --------------------------------------------------------------------------------------------- */

/** Connects in vain, and checks where and why. */
static void check_end(const char *name, struct options options, int32_t expected_step, int32_t expected_status) {
  device_init(&device, options);
  device.has_no_name = strstr(name, "name") != NULL;
  device.has_no_time = strstr(name, "no time") != NULL;
  device.has_no_entropy = strstr(name, "entropy") != NULL;
  mote_connect(&device.client, mote_linux_now());
  uint64_t start = mote_linux_now();
  UNTIL(device.disconnected_count == 1, step(&device));
  uint64_t now = mote_linux_now(), took = now - start;
  int is_right = device.disconnected_count == 1 && device.last.step == expected_step && device.last.status == expected_status;
  check(is_right, name);
  if (!is_right) printf("  step %d, %s (%d)\n", (int)device.last.step, mote_status_text(device.last.status), (int)device.last.status);
  mote_error error;
  need(mote_client_last_error(&device.client, &error) == MOTE_OK, "the last error");
  check(error.step == expected_step && error.status == expected_status, "says so again afterwards");
  if (expected_status == MOTE_ERROR_SUBSCRIPTION_REFUSED) {
    check(device.last.deadline == UINT64_MAX, "does not try again");
  } else {
    uint64_t wait = device.last.deadline - now;
    check(wait > RETRY / 2 - 5000 && wait <= (uint64_t)10 * RETRY, "tells when it tries again");
  }
  if (expected_status == MOTE_ERROR_TIMED_OUT) check(took >= 300 && took < 2000, "says so in time");
  check(device.network.socket < 0 && device.network.resolver < 0, "leaves nothing open");
  device_end(&device);
}

/** The subscription waits behind a message that takes longer than a SUBACK may. */
static void check_slow_line(struct broker *hub) {
  device_init(&device, (struct options){.port_number = hub->port_number, .outbox_capacity = 512, .response_milliseconds = 300,
                                        .receives_messages = 1, .connection_string = "HostName=h;DeviceId=slow;" KEY});
  device.is_slow = 1;
  int32_t token = send_big(&device);
  uint64_t start = mote_linux_now();
  connect_device(&device);
  UNTIL(device.sent_count == 1 || device.disconnected_count > 0, step(&device));
  check(device.sent_count == 1 && device.sent[0] == token && mote_linux_now() - start > 300, "sends 256 KiB over a slow line before it subscribes");
  UNTIL(broker_logged(hub, "Sending SUBACK to slow") == 1 || device.disconnected_count > 0, step(&device));
  publish(hub, "-t devices/slow/messages/devicebound/ -m heard");
  UNTIL(device.message_count == 1 || device.disconnected_count > 0, step(&device));
  check(device.message_count == 1 && device.disconnected_count == 0, "has subscribed when the line was free");
  disconnect(&device);
  device_end(&device);
}

static void check_ends(struct broker *hub) {
  uint16_t closed, silent;
  int bound = bound_socket(&closed);
  int listener = bound_socket(&silent);
  listen(listener, 8);
  const uint16_t number = hub->port_number;
  check_end("has no such name", (struct options){.port_number = number}, MOTE_STEP_RESOLVE, MOTE_ERROR_NAME_NOT_FOUND);
  check_end("is refused by TCP", (struct options){.port_number = closed}, MOTE_STEP_CONNECT, MOTE_ERROR_REFUSED);
  check_end("meets another host's certificate", (struct options){.port_number = number, .endpoint = "127.0.0.1"}, MOTE_STEP_HANDSHAKE,
            MOTE_ERROR_CERTIFICATE_HOST);
  check_end("does not know the root", (struct options){.port_number = number, .roots = "stranger.pem"}, MOTE_STEP_HANDSHAKE,
            MOTE_ERROR_CERTIFICATE_UNTRUSTED);
  check_end("has no time", (struct options){.port_number = number}, MOTE_STEP_WAIT, MOTE_ERROR_NO_TIME);
  check_end("has no entropy", (struct options){.port_number = number}, MOTE_STEP_HANDSHAKE, MOTE_ERROR_NO_ENTROPY);
  check_end("meets a peer that is silent in TLS", (struct options){.port_number = silent, .handshake_milliseconds = 300}, MOTE_STEP_HANDSHAKE,
            MOTE_ERROR_TIMED_OUT);

  struct broker strict;
  run("mosquitto_passwd -b -c passwords user secret; chmod 644 passwords");
  broker_start(&strict, "strict", OVER_TLS "password_file passwords\nallow_anonymous false\n");
  check_end("is refused by the hub", (struct options){.port_number = strict.port_number}, MOTE_STEP_GREETING,
            MOTE_ERROR_REFUSED_AUTHORISATION);
  check_end("is refused by the hub when it would listen", (struct options){.port_number = strict.port_number, .receives_messages = 1},
            MOTE_STEP_GREETING, MOTE_ERROR_REFUSED_AUTHORISATION);
  broker_end(&strict, SIGTERM);
  broker_start_strict(&strict, "subscriptions", "require_certificate true\nuse_identity_as_username true\n");
  check_end("is refused its subscription",
            (struct options){.port_number = strict.port_number, .receives_messages = 1, .certificate = "device",
                             .connection_string = "HostName=hub.example;DeviceId=dev1;x509=true"},
            MOTE_STEP_SUBSCRIBE, MOTE_ERROR_SUBSCRIPTION_REFUSED);
  broker_end(&strict, SIGTERM);
  close(bound);
  close(listener);
}

/** Checks how the connection ended. */
static void check_last(int32_t expected_step, int32_t expected_status, const char *name) {
  int is_right = device.last.step == expected_step && device.last.status == expected_status;
  check(is_right, name);
  if (!is_right) printf("  step %d, %s (%d)\n", (int)device.last.step, mote_status_text(device.last.status), (int)device.last.status);
}

/** Waits until the client has subscribed for the time that is given: what it sends then is acknowledged after that. */
static void await_subscription(const struct broker *broker, int count) {
  UNTIL(broker_logged(broker, "Sending SUBACK to dev1") == count, step(&device));
  int before = device.sent_count;
  send_text(&device, "a mark");
  UNTIL(device.sent_count > before, step(&device));
}

static void check_losses(void) {
  struct broker mortal;
  broker_start(&mortal, "mortal", OVER_TLS FOR_ALL);
  device_init(&device, (struct options){.port_number = mortal.port_number, .keep_alive_seconds = 1, .response_milliseconds = 300,
                                        .outbox_capacity = 2048, .receives_messages = 1});
  connect_device(&device);
  await_subscription(&mortal, 1);
  kill(mortal.process, SIGSTOP);
  UNTIL(device.disconnected_count == 1, step(&device));
  check_last(MOTE_STEP_WORK, MOTE_ERROR_MQTT_KEEP_ALIVE, "notices that the hub says nothing any more");
  kill(mortal.process, SIGCONT);

  connect_device(&device);
  await_subscription(&mortal, 2);
  device.sent_count = 0;
  device.source_limit = BIG / 2;
  int32_t token = send_big(&device);
  uint64_t end = mote_linux_now() + 100;
  UNTIL(mote_linux_now() > end, step(&device));
  broker_end(&mortal, SIGKILL);
  UNTIL(device.disconnected_count == 2, step(&device));
  check_last(MOTE_STEP_WORK, device.last.status == MOTE_ERROR_RESET ? MOTE_ERROR_RESET : MOTE_ERROR_CLOSED, "survives a hub that dies in the middle of its message");
  int32_t stored = send_text(&device, "stored");
  connect_device(&device);
  check(device.last.step == MOTE_STEP_CONNECT && device.last.status == MOTE_ERROR_REFUSED, "is refused while the hub is away");
  broker_again(&mortal);
  device.source_limit = BIG;
  check(connect_device(&device) && device.session_present == 0, "connects to the hub's next life");
  UNTIL(device.sent_count == 2, step(&device));
  check(device.sent_count == 2 && device.sent[0] == token && device.sent[1] == stored, "sends both messages, in their order");

  publish(&mortal, BOUND "' -f big.bin");
  broker_mark(&mortal);
  mote_event event = {0};
  UNTIL(device.incoming_length > 0, step(&device));
  broker_end(&mortal, SIGKILL);
  UNTIL(device.disconnected_count == 4 && device.message_count + device.aborted_count > 0, step(&device));
  check(device.disconnected_count == 4 && device.message_count + device.aborted_count == 1,
        "tells that a message will not be completed, after the connection ended");
  check_number(mote_poll(&device.client, mote_linux_now(), &event), 0, "has nothing more to tell");
  check(event.wait == 0 && event.deadline > mote_linux_now() + RETRY / 4, "waits for nothing but its next attempt");
  device_end(&device);
}

/* ---- Peers that accept and say nothing -------------------------------------------------------------------------------- */

struct silent {
  pid_t process;
  uint16_t port_number;
};

/** An `openssl s_server`, which shows in silent.out what it is sent. */
static struct silent silent_start(const char *arguments) {
  struct silent silent;
  close(bound_socket(&silent.port_number));
  unlink("silent.out");
  run("rm -f silent.in; mkfifo silent.in");
  silent.process = start("silent.out", "exec openssl s_server -accept 127.0.0.1:%d -cert server.pem -key server.key %s <> silent.in",
                         silent.port_number, arguments);
  for (int is_ready = 0; !is_ready; rest()) {
    char *text = read_file("silent.out", NULL);
    is_ready = strstr(text, "ACCEPT\n") != NULL;
    free(text);
  }
  return silent;
}

/** What was sent after the banner of the server: the CONNECT. */
static const uint8_t *connect_packet(size_t *length) {
  static char *text;
  size_t total;
  free(text);
  text = read_file("silent.out", &total);
  char *found = memmem(text, total, "\0\4MQTT\4", 7);
  need(found != NULL, "a CONNECT");
  while (found > text && (uint8_t)*found != 0x10) found--;
  *length = total - (size_t)(found - text);
  return (uint8_t *)found;
}

static void check_greeting(void) {
  struct silent silent = silent_start("-naccept 2");
  check_end("meets a peer that is silent in MQTT", (struct options){.port_number = silent.port_number, .response_milliseconds = 300},
            MOTE_STEP_GREETING, MOTE_ERROR_TIMED_OUT);
  size_t length;
  const uint8_t *packet = connect_packet(&length);
  static const char user[] = "hub.example/dev1/?api-version=2021-04-12";
  static const char token[] = "SharedAccessSignature sr=hub.example%2Fdevices%2Fdev1&sig=";
  const uint8_t *place = memmem(packet, length, user, sizeof user - 1);
  check(place != NULL && memmem(packet, length, token, sizeof token - 1) == place + sizeof user - 1 + 2 && packet[10] == 0xC0,
        "greets with user name and token, and without a clean session");
  stop(silent.process, SIGKILL);

  silent = silent_start("-naccept 2 -CAfile ca.pem -Verify 1");
  check_end("meets a silent peer with a certificate",
            (struct options){.port_number = silent.port_number, .response_milliseconds = 300, .certificate = "device",
                             .connection_string = "HostName=hub.example;DeviceId=dev1;x509=true"},
            MOTE_STEP_GREETING, MOTE_ERROR_TIMED_OUT);
  packet = connect_packet(&length);
  place = memmem(packet, length, user, sizeof user - 1);
  check(place != NULL && packet[9] == 0x80 && (size_t)packet[1] + 2 == (size_t)(place - packet) + sizeof user - 1,
        "greets with user name and no password when it has a certificate");
  stop(silent.process, SIGKILL);
}

static void check_certificate(void) {
  struct broker broker;
  broker_start(&broker, "certified", OVER_TLS FOR_ALL "require_certificate true\n");
  device_init(&device, (struct options){.port_number = broker.port_number});
  check(!connect_device(&device) && device.last.status < 0, "is refused without a certificate");
  device_end(&device);
  device_init(&device, (struct options){.port_number = broker.port_number, .certificate = "device",
                                        .connection_string = "HostName=hub.example;DeviceId=dev1;x509=true"});
  check(connect_device(&device), "connects with a certificate");
  int32_t token = send_text(&device, "certified");
  UNTIL(device.sent_count == 1, step(&device));
  check_number(device.sent[0], token, "sends with a certificate");
  disconnect(&device);
  device_end(&device);
  broker_end(&broker, SIGTERM);
}

/** A hub that goes away says so, and one that is gone is noticed; what was stored goes by the next connection. */
static void check_closing(struct broker *hub) {
  device_init(&device, (struct options){0});
  check(connect_device(&device), "connects over a WebSocket");
  broker_end(hub, SIGTERM);
  UNTIL(device.disconnected_count == 1, step(&device));
  check_last(MOTE_STEP_WORK, device.last.status == MOTE_ERROR_RESET ? MOTE_ERROR_RESET : MOTE_ERROR_CLOSED, "notices that the hub closes");
  int32_t stored = send_text(&device, "stored");
  broker_again(hub);
  check(connect_device(&device), "connects to its next life");
  UNTIL(device.sent_count == 1, step(&device));
  check_number(device.sent[0], stored, "sends what was stored meanwhile");
  disconnect(&device);
  check_last(MOTE_STEP_CLOSING, MOTE_OK, "leaves as asked");
  device_end(&device);
}

int main(void) {
  uint32_t state = 1;
  for (size_t index = 0; index < BIG; index++) big[index] = (uint8_t)((state = state * 1664525 + 1013904223) >> 24);
  write_file("big.bin", big, BIG);

  struct broker hub;
  char lines[512] = OVER_TLS FOR_ALL "max_queued_messages 0\n";
  if (getenv("MOTE_WEBSOCKET") != NULL) {
    close(bound_socket(&websocket_port));
    snprintf(lines, sizeof lines, OVER_TLS FOR_ALL "max_queued_messages 0\nlistener %d 127.0.0.1\nprotocol websockets\n"
             "socket_domain ipv4\n" OVER_TLS, websocket_port);
  }
  broker_start(&hub, "hub", lines);
  check_telemetry(&hub);
  check_outbox(&hub);
  check_sources(&hub);
  check_messages(&hub);
  check_slow_line(&hub);
  if (websocket_port != 0) {
    check_closing(&hub);
    broker_end(&hub, SIGTERM);
    return checks_end();
  }
  check_ends(&hub);
  broker_end(&hub, SIGTERM);
  check_losses();
  check_greeting();
  check_certificate();
  return checks_end();
}
