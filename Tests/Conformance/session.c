/*
 * An MQTT session (mote_mqtt_*) over a TLS transport of the application's own, against mosquitto. Run by session.sh in a
 * folder of certificates.
 */
#define _GNU_SOURCE
#include "mote.h"
#include "mote_linux.h"
#include "peers.h"
#include "transport.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIG (256 * 1024)

static uint8_t big[BIG];

/* ---- A device: a session, its transport, and what it was told -------------------------------------------- */

struct message {
  char topic[64];
  char text[32];
  size_t total;
  int32_t flags;
  int32_t token;
};

struct device {
  mote_mqtt session;
  struct transport transport;
  uint8_t receive_buffer[2048], outbox[8192];
  const char *identifier;
  int is_deaf;  /**< 1: nothing is read. */
  int is_holding; /**< 1: messages are held. */
  size_t limit; /**< How much of a payload in pieces is given for now. */

  int is_idle, is_connected, session_present, is_lost;
  int32_t status; /**< What the session ended with; 0 when it was the transport that did. */
  int acknowledged_count, subscribed_count, unsubscribed_count, message_count, aborted_count, skipped_count;
  int32_t acknowledged[64];
  uint8_t codes[8];
  size_t code_count;
  struct message messages[64];
  uint8_t incoming[BIG];
  size_t incoming_length, asked;
  int rewound; /**< How often a payload was asked for from its start. */
};

static void device_init(struct device *device, const char *identifier, const mote_mqtt_options *options) {
  mote_mqtt_options mqtt = {.size = sizeof mqtt};
  if (options != NULL) mqtt = *options;
  memset(device, 0, sizeof *device);
  device->identifier = identifier;
  device->limit = BIG;
  mqtt.receive_buffer = device->receive_buffer;
  mqtt.outbox = device->outbox;
  if (mqtt.receive_capacity == 0) mqtt.receive_capacity = sizeof device->receive_buffer;
  if (mqtt.outbox_capacity == 0) mqtt.outbox_capacity = sizeof device->outbox;
  need(mote_mqtt_init(&device->session, sizeof device->session, &mqtt) == MOTE_OK, "a session");
}

static void forget(struct device *device) {
  device->acknowledged_count = device->subscribed_count = device->unsubscribed_count = device->message_count = 0;
  device->aborted_count = device->skipped_count = 0;
  device->incoming_length = 0;
}

static void cut(struct device *device) {
  transport_cut(&device->transport);
  mote_mqtt_lost(&device->session);
  device->is_connected = 0;
  device->is_lost = 1;
}

static void take(struct device *device, const mote_mqtt_event *event) {
  switch (event->kind) {
  case MOTE_MQTT_CONNECTED:
    device->is_connected = 1;
    device->session_present = event->session_present;
    break;
  case MOTE_MQTT_ACKNOWLEDGED: device->acknowledged[device->acknowledged_count++ % 64] = event->token; break;
  case MOTE_MQTT_SUBSCRIBED:
    device->subscribed_count++;
    device->code_count = event->payload_length;
    memcpy(device->codes, event->payload, event->payload_length < 8 ? event->payload_length : 8);
    break;
  case MOTE_MQTT_UNSUBSCRIBED: device->unsubscribed_count++; break;
  case MOTE_MQTT_ABORTED: device->aborted_count++; break;
  case MOTE_MQTT_SKIPPED: device->skipped_count++; break;
  case MOTE_MQTT_MESSAGE: {
    struct message *message = &device->messages[device->message_count % 64];
    if (event->offset == 0) {
      snprintf(message->topic, sizeof message->topic, "%.*s", (int)event->topic_length, (const char *)event->topic);
      snprintf(message->text, sizeof message->text, "%.*s", (int)event->payload_length, (const char *)event->payload);
      device->incoming_length = 0;
    }
    if (event->offset == device->incoming_length && event->total <= BIG) {
      memcpy(device->incoming + event->offset, event->payload, event->payload_length);
      device->incoming_length += event->payload_length;
    }
    message->flags = event->flags;
    message->total = event->total;
    message->token = event->token;
    if (event->offset + event->payload_length == event->total) {
      device->message_count++;
      if (device->is_holding && event->token != 0) mote_mqtt_hold(&device->session);
    }
    break;
  }
  default: need(0, "an event that is known");
  }
}

/** Gives the piece of the payload that is wanted. False when there is none, or no more for now. */
static int supply(struct device *device) {
  uint8_t *room;
  size_t offset;
  int32_t wanted = mote_mqtt_wanted(&device->session, &room, &offset);
  if (wanted <= 0) return 0;
  size_t count = (size_t)wanted < device->limit - offset ? (size_t)wanted : device->limit - offset;
  if (count == 0) return 0;
  if (offset == 0) device->rewound++;
  memcpy(room, big + offset, count);
  device->asked = offset + count;
  return mote_mqtt_supplied(&device->session, count) == MOTE_OK;
}

/** Sends what there is to send. False when the transport is gone. */
static int send_all(struct device *device) {
  for (;;) {
    supply(device);
    const uint8_t *bytes;
    int32_t length = mote_mqtt_transmission(&device->session, mote_linux_now(), &bytes);
    if (length <= 0) return 1;
    int sent = transport_send(&device->transport, bytes, (size_t)length);
    if (sent < 0) return 0;
    if (sent == 0) return 1;
    mote_mqtt_sent(&device->session, (size_t)sent, mote_linux_now());
  }
}

/** Receives at most once, and takes what the session has to tell of it. */
static int receive_once(struct device *device) {
  uint8_t *bytes;
  int32_t space = mote_mqtt_space(&device->session, &bytes);
  int received = space > 0 ? transport_receive(&device->transport, bytes, (size_t)space) : 0;
  if (received < 0) return 0;
  if (received > 0) mote_mqtt_received(&device->session, (size_t)received);
  mote_mqtt_event event;
  int told = 0;
  while ((device->status = mote_mqtt_next(&device->session, mote_linux_now(), &event)) == 1) {
    take(device, &event);
    told += 1;
  }
  device->is_idle = received == 0 && told == 0;
  return device->status == 0;
}

static int receive_all(struct device *device) {
  do {
    if (!receive_once(device)) return 0;
  } while (!device->is_idle);
  return 1;
}

/** Does what can be done now, and waits a little. */
static void step(struct device *device) {
  if (!device->transport.is_open) {
    rest();
  } else if (!send_all(device) || (!device->is_deaf && (!receive_all(device) || !send_all(device)))) {
    cut(device);
  } else if (!transport_wait(&device->transport, device->is_deaf ? 0 : 5) || device->is_deaf) {
    rest();
  }
}

/** Opens the transport and starts MQTT. Whether CONNACK came and accepted. */
static int connect_as(struct device *device, const struct broker *broker, const mote_mqtt_connection *connection) {
  transport_open(&device->transport, broker->port_number);
  device->is_lost = 0;
  mote_status status = mote_mqtt_connect(&device->session, connection, mote_linux_now());
  if (status != MOTE_OK) printf("  mote_mqtt_connect: %s\n", mote_status_text(status));
  UNTIL(device->is_connected || device->is_lost, step(device));
  return device->is_connected;
}

static int connect_to(struct device *device, const struct broker *broker, int32_t clean_session) {
  mote_mqtt_connection connection = {.size = sizeof connection, .client_identifier = device->identifier,
                                     .client_identifier_length = strlen(device->identifier), .clean_session = clean_session};
  return connect_as(device, broker, &connection);
}

static void disconnect(struct device *device, const struct broker *broker) {
  char text[128];
  snprintf(text, sizeof text, "Received DISCONNECT from %s", device->identifier);
  int before = broker_logged(broker, text);
  mote_mqtt_disconnect(&device->session);
  UNTIL(broker_logged(broker, text) > before || device->is_lost, step(device));
  cut(device);
}

static int32_t send_text(struct device *device, const char *topic, const char *text, int32_t flags) {
  return mote_mqtt_publish(&device->session, topic, strlen(topic), (const uint8_t *)text, strlen(text), flags);
}

static int32_t subscribe(struct device *device, const char *filter) {
  mote_mqtt_filter filters[] = {{filter, strlen(filter), MOTE_QOS_1}};
  int before = device->subscribed_count;
  int32_t token = mote_mqtt_subscribe(&device->session, filters, 1);
  UNTIL(device->subscribed_count > before || device->is_lost, step(device));
  return token;
}

/** A copy of what a peer wrote to a file, in turn in one of a few places. */
static const char *text_of(const char *name) {
  static char *kept[4];
  static int turn;
  turn = (turn + 1) % 4;
  free(kept[turn]);
  return kept[turn] = read_file(name, NULL);
}

/* ---- Both ways ---------------------------------------------------------------------------------------------- */

static struct device device;

static void check_both_ways(struct broker *broker) {
  device_init(&device, "ways", NULL);
  pid_t watcher = watch(broker, "ways.out", "-t 'out/#' -F '%t %q %r [%p]'");
  check(connect_to(&device, broker, 1) && device.session_present == 0, "connects");
  check_number(mote_mqtt_connect(&device.session, &(mote_mqtt_connection){.size = sizeof(mote_mqtt_connection), .clean_session = 1}, 0),
               MOTE_ERROR_STATE, "does not connect while it is connected");

  mote_mqtt_filter filters[] = {{MOTE_TEXT("in/zero/#"), MOTE_QOS_0}, {MOTE_TEXT("in/one/+"), MOTE_QOS_1}};
  check(mote_mqtt_subscribe(&device.session, filters, 2) > 0, "subscribes");
  UNTIL(device.subscribed_count > 0, step(&device));
  check(device.code_count == 2 && device.codes[0] == 0 && device.codes[1] == 1, "is told a code for each filter");

  check_number(send_text(&device, "out/a", "at most once", MOTE_QOS_0), MOTE_OK, "publishes at quality of service 0");
  int32_t token = send_text(&device, "out/b", "at least once", MOTE_QOS_1);
  check(token > 0, "publishes at quality of service 1");
  int32_t empty = send_text(&device, "out/c", "", MOTE_QOS_1);
  UNTIL(device.acknowledged_count == 2 && lines_of("ways.out") == 3, step(&device));
  check(device.acknowledged[0] == token && device.acknowledged[1] == empty, "is told of each acknowledgement");
  check_text(text_of("ways.out"), "out/a 0 0 [at most once]\nout/b 1 0 [at least once]\nout/c 1 0 []\n",
             "publishes topic, quality of service and payload as they are");

  publish(broker, "-q 0 -t in/zero/x -m zero");
  publish(broker, "-t in/one/x -m one");
  publish(broker, "-t in/one/y -n");
  UNTIL(device.message_count == 3, step(&device));
  check(strcmp(device.messages[0].topic, "in/zero/x") == 0 && strcmp(device.messages[0].text, "zero") == 0 &&
          device.messages[0].flags == MOTE_QOS_0 && device.messages[0].token == 0,
        "receives at quality of service 0");
  check(strcmp(device.messages[1].topic, "in/one/x") == 0 && strcmp(device.messages[1].text, "one") == 0 &&
          device.messages[1].flags == MOTE_QOS_1 && device.messages[1].token != 0,
        "receives at quality of service 1");
  check(strcmp(device.messages[2].topic, "in/one/y") == 0 && device.messages[2].total == 0, "receives a message without a payload");
  UNTIL(broker_logged(broker, "Received PUBACK from ways") == 2, step(&device));
  check_number(broker_logged(broker, "Received PUBACK from ways"), 2, "acknowledges what it received");

  device.is_holding = 1;
  publish(broker, "-t in/one/held -m held");
  publish(broker, "-t in/one/held -m 'held too'");
  UNTIL(device.message_count == 5, step(&device));
  broker_mark(broker);
  mote_mqtt_accept(&device.session, device.messages[4].token);
  send_text(&device, "out/d", "after", MOTE_QOS_1);
  UNTIL(device.acknowledged_count == 3, step(&device));
  check_number(broker_logged(broker, "Received PUBACK from ways"), 0, "does not acknowledge before what is held");
  check_number(mote_mqtt_accept(&device.session, device.messages[3].token), MOTE_OK, "accepts what it held");
  check_number(mote_mqtt_accept(&device.session, device.messages[3].token), MOTE_ERROR_STATE, "accepts it once");
  UNTIL(broker_logged(broker, "Received PUBACK from ways") == 2, step(&device));
  check_number(broker_logged(broker, "Received PUBACK from ways"), 2, "then acknowledges both");
  device.is_holding = 0;

  forget(&device);
  mote_mqtt_unsubscribe(&device.session, filters, 1);
  UNTIL(device.unsubscribed_count == 1, step(&device));
  publish(broker, "-t in/zero/x -m gone");
  publish(broker, "-t in/one/x -m here");
  UNTIL(device.message_count == 1, step(&device));
  check(device.unsubscribed_count == 1 && strcmp(device.messages[0].text, "here") == 0, "unsubscribes");

  disconnect(&device, broker);
  check(broker_logs(broker, "Received DISCONNECT from ways", 1), "takes its leave");
  stop(watcher, SIGTERM);
}

static void check_retained(struct broker *broker) {
  device_init(&device, "retained", NULL);
  connect_to(&device, broker, 1);
  send_text(&device, "kept/by/us", "for later", MOTE_QOS_1 | MOTE_RETAIN);
  UNTIL(device.acknowledged_count == 1, step(&device));
  pid_t watcher = watch(broker, "retained.out", "-t 'kept/by/us' -F '%t %r [%p]'");
  UNTIL(lines_of("retained.out") == 1, rest());
  check_text(text_of("retained.out"), "kept/by/us 1 [for later]\n", "has a message retained");
  stop(watcher, SIGTERM);
  publish(broker, "-t kept/by/them -r -m before");
  subscribe(&device, "kept/by/them");
  UNTIL(device.message_count == 1, step(&device));
  check(strcmp(device.messages[0].text, "before") == 0 && device.messages[0].flags == (MOTE_QOS_1 | MOTE_RETAIN),
        "receives a message that was retained");
  disconnect(&device, broker);
}

/* ---- The window ---------------------------------------------------------------------------------------------- */

/** Sends messages until a thousand have been sent, or the outbox is full. */
static void fill_outbox(int *sent, int *refused) {
  for (int32_t result = 1; *sent < 1000 && result > 0; *sent += result > 0) {
    result = send_text(&device, "window/y", "a message of thirty-two bytes...", MOTE_QOS_1);
    *refused += result == MOTE_ERROR_OUTBOX_FULL;
  }
}

static void check_window(struct broker *broker) {
  device_init(&device, "window", &(mote_mqtt_options){.size = sizeof(mote_mqtt_options), .window = 16});
  pid_t watcher = watch(broker, "window.out", "-t 'window/#' -F '%p'");
  connect_to(&device, broker, 1);
  broker_mark(broker);
  device.is_deaf = 1;
  int32_t tokens[20];
  char expected[256] = "";
  for (int index = 0; index < 20; index++) {
    char text[8];
    snprintf(text, sizeof text, "%d", index);
    tokens[index] = send_text(&device, "window/x", text, MOTE_QOS_1);
    strcat(strcat(expected, text), "\n");
  }
  UNTIL(broker_logged(broker, "Received PUBLISH from window") >= 16, step(&device));
  for (int times = 0; times < 20; times++) step(&device);
  check(broker_logged(broker, "Received PUBLISH from window") == 16 && device.acknowledged_count == 0,
        "has 16 messages in flight before it reads one acknowledgement, and no more");
  device.is_deaf = 0;
  UNTIL(device.acknowledged_count == 20, step(&device));
  int in_order = device.acknowledged_count == 20;
  for (int index = 0; index < 20; index++) in_order &= device.acknowledged[index] == tokens[index];
  check(in_order, "goes on as acknowledgements come, in order");
  UNTIL(lines_of("window.out") == 20, rest());
  check_text(text_of("window.out"), expected, "delivers all of the window in order");

  /* Far more than the outbox holds: what was acknowledged makes room. */
  broker_mark(broker);
  device.acknowledged_count = 0;
  int sent = 0, refused = 0;
  UNTIL(device.acknowledged_count == 1000, (fill_outbox(&sent, &refused), step(&device)));
  UNTIL(lines_of("window.out") == 1020, rest());
  check(refused > 0 && device.acknowledged_count == 1000 && lines_of("window.out") == 1020,
        "sends a thousand messages through an outbox that is full at times");
  disconnect(&device, broker);
  stop(watcher, SIGTERM);
}

/* ---- The will ------------------------------------------------------------------------------------------------- */

static int connect_with_will(struct broker *broker, const char *text) {
  mote_mqtt_will will = {MOTE_TEXT("will/x"), (const uint8_t *)text, strlen(text), MOTE_QOS_1, 1};
  mote_mqtt_connection connection = {.size = sizeof connection, .client_identifier = "will", .client_identifier_length = 4,
                                     .will = &will, .clean_session = 1};
  return connect_as(&device, broker, &connection);
}

static void check_will(struct broker *broker) {
  device_init(&device, "will", NULL);
  pid_t watcher = watch(broker, "will.out", "-t 'will/#' -F '%t %q [%p]'");
  check(connect_with_will(broker, "cut"), "connects with a will");
  cut(&device);
  UNTIL(lines_of("will.out") == 1, rest());
  check_text(text_of("will.out"), "will/x 1 [cut]\n", "has its will published when the connection is cut");
  stop(watcher, SIGTERM);
  watcher = watch(broker, "will.later", "-t 'will/#' -F '%t %r [%p]'");
  UNTIL(lines_of("will.later") == 1, rest());
  check_text(text_of("will.later"), "will/x 1 [cut]\n", "has its will retained");
  connect_with_will(broker, "left");
  disconnect(&device, broker);
  publish(broker, "-t will/marker -m marker");
  UNTIL(lines_of("will.later") >= 2, rest());
  check_text(text_of("will.later"), "will/x 1 [cut]\nwill/marker 0 [marker]\n", "has no will after it has taken its leave");
  stop(watcher, SIGTERM);
}

/* ---- Resumption ------------------------------------------------------------------------------------------------ */

static void check_resumption(struct broker *broker) {
  device_init(&device, "resumes", NULL);
  pid_t watcher = watch(broker, "resumes.out", "-t 'resumed/#' -F '%p'");
  check(connect_to(&device, broker, 0) && device.session_present == 0, "begins a session that the server keeps");
  subscribe(&device, "away/#");
  device.is_holding = 1;
  publish(broker, "-t away/x -m held");
  UNTIL(device.message_count == 1, step(&device));
  int32_t held = device.messages[0].token;

  broker_mark(broker);
  device.is_deaf = 1;
  int32_t tokens[3];
  for (int index = 0; index < 3; index++) tokens[index] = send_text(&device, "resumed/x", (const char *[]){"1", "2", "3"}[index], MOTE_QOS_1);
  UNTIL(broker_logged(broker, "Sending PUBACK to resumes") == 3, step(&device));
  transport_wait(&device.transport, PATIENCE);
  cut(&device);
  check(device.acknowledged_count == 0, "loses the connection before it has read an acknowledgement");
  check_number(mote_mqtt_accept(&device.session, held), MOTE_ERROR_STATE, "cannot accept a message of an earlier connection");
  int32_t stored = send_text(&device, "resumed/x", "4", MOTE_QOS_1);
  check(stored > 0, "stores a message while there is no connection");
  UNTIL(broker_logged(broker, "Client resumes closed") + broker_logged(broker, "Socket error on client resumes") > 0, rest());
  publish(broker, "-t away/y -m 'sent while away'");

  broker_mark(broker);
  forget(&device);
  device.is_deaf = device.is_holding = 0;
  check(connect_to(&device, broker, 0) && device.session_present == 1, "resumes the session");
  UNTIL(device.acknowledged_count == 4 && device.message_count == 2, step(&device));
  char again[4][96];
  int in_order = 1;
  const char *log = text_of("hub.log") + broker->mark, *place = log;
  for (int index = 0; index < 4; index++) {
    int32_t token = index < 3 ? tokens[index] : stored;
    snprintf(again[index], sizeof again[index], "Received PUBLISH from resumes (d%d, q1, r0, m%d,", index < 3, (int)token);
    const char *found = strstr(place, again[index]);
    in_order &= found != NULL;
    if (found != NULL) place = found;
  }
  check(in_order, "sends again with DUP, with the same identifiers and in order, and what is new without");
  check(device.acknowledged_count == 4 && device.acknowledged[0] == tokens[0] && device.acknowledged[3] == stored,
        "has all of them acknowledged");
  check_number(broker_logged(broker, "Received PUBLISH from resumes"), 4, "sends each of them once more");
  UNTIL(lines_of("resumes.out") == 7, rest());
  check_text(text_of("resumes.out"), "1\n2\n3\n1\n2\n3\n4\n", "delivers at least once");
  check(device.message_count == 2 && strcmp(device.messages[0].text, "held") == 0 &&
          device.messages[0].flags == (MOTE_QOS_1 | MOTE_DUPLICATE),
        "receives again what it had not acknowledged, marked as a duplicate");
  check(strcmp(device.messages[1].text, "sent while away") == 0 && device.messages[1].flags == MOTE_QOS_1,
        "receives what was sent while it was away");

  /* A clean session: nothing is known to be with the server any more. */
  device.is_deaf = 1;
  broker_mark(broker);
  send_text(&device, "resumed/x", "5", MOTE_QOS_1);
  UNTIL(broker_logged(broker, "Sending PUBACK to resumes") == 1, step(&device));
  cut(&device);
  device.is_deaf = 0;
  broker_mark(broker);
  check(connect_to(&device, broker, 1) && device.session_present == 0, "begins anew with a clean session");
  UNTIL(device.acknowledged_count == 5, step(&device));
  check(device.acknowledged_count == 5 && broker_logged(broker, "Received PUBLISH from resumes (d0, q1,") == 1 &&
          broker_logged(broker, "Received PUBLISH from resumes (d1") == 0,
        "sends again as new what a lost session had not acknowledged");
  disconnect(&device, broker);
  stop(watcher, SIGTERM);
}

/* ---- 256 KiB through 512 bytes ---------------------------------------------------------------------------------- */

static const mote_mqtt_options small = {.size = sizeof(mote_mqtt_options), .receive_capacity = 512, .outbox_capacity = 512};

static int big_is_in(const char *name) {
  size_t length;
  char *bytes = read_file(name, &length);
  int is_same = length == BIG && memcmp(bytes, big, BIG) == 0;
  free(bytes);
  return is_same;
}

static void check_big(struct broker *broker) {
  device_init(&device, "big", &small);
  write_file("big.bin", big, BIG);
  connect_to(&device, broker, 1);
  pid_t watcher = watch(broker, "big.out", "-t big/out -N -C 1");
  int32_t token = mote_mqtt_publish_pieces(&device.session, MOTE_TEXT("big/out"), BIG, MOTE_QOS_1);
  check_number(mote_mqtt_publish_pieces(&device.session, MOTE_TEXT("big/out"), 1, MOTE_QOS_1), MOTE_ERROR_SOURCE_BUSY,
               "has one payload in pieces at a time");
  UNTIL(device.acknowledged_count == 1, step(&device));
  check(token > 0 && device.acknowledged[0] == token && device.rewound == 1, "sends 256 KiB through 512 bytes");
  UNTIL(big_is_in("big.out"), rest());
  check(big_is_in("big.out"), "sends them byte for byte");
  stop(watcher, SIGTERM);

  check(send_text(&device, "big/small", "small", MOTE_QOS_1) > 0, "then sends a small one");
  UNTIL(device.acknowledged_count == 2, step(&device));
  check_number(device.acknowledged_count, 2, "has it acknowledged");

  subscribe(&device, "big/in");
  publish(broker, "-t big/in -f big.bin");
  UNTIL(device.message_count == 1, step(&device));
  check(device.message_count == 1 && device.messages[0].total == BIG && strcmp(device.messages[0].topic, "big/in") == 0,
        "receives 256 KiB through 512 bytes");
  check(device.incoming_length == BIG && memcmp(device.incoming, big, BIG) == 0, "receives them byte for byte");
  publish(broker, "-q 0 -t big/in -f big.bin");
  publish(broker, "-t big/in -m small");
  UNTIL(device.message_count == 3, step(&device));
  check(device.message_count == 3 && device.messages[1].total == BIG && strcmp(device.messages[2].text, "small") == 0,
        "receives them at quality of service 0, and what comes next");
  disconnect(&device, broker);
}

static void check_big_cut(struct broker *broker) {
  device_init(&device, "bigcut", &small);
  connect_to(&device, broker, 0);
  subscribe(&device, "bigcut/in");
  pid_t watcher = watch(broker, "bigcut.out", "-t bigcut/out -N -C 1");
  broker_mark(broker);
  int32_t token = mote_mqtt_publish_pieces(&device.session, MOTE_TEXT("bigcut/out"), BIG, MOTE_QOS_1);
  device.limit = BIG / 2;
  UNTIL(device.asked == BIG / 2, step(&device));
  cut(&device);
  device.limit = BIG;
  connect_to(&device, broker, 0);
  UNTIL(device.acknowledged_count == 1, step(&device));
  check(device.acknowledged[0] == token && device.rewound == 2, "sends 256 KiB from the start after the connection was cut");
  char again[96];
  snprintf(again, sizeof again, "Received PUBLISH from bigcut (d1, q1, r0, m%d,", (int)token);
  check_number(broker_logged(broker, again), 1, "sends them again with DUP and the same identifier");
  UNTIL(big_is_in("bigcut.out"), rest());
  check(big_is_in("bigcut.out"), "sends them whole, once");
  stop(watcher, SIGTERM);

  forget(&device);
  publish(broker, "-t bigcut/in -f big.bin");
  UNTIL(device.incoming_length > 0, receive_once(&device));
  check(device.incoming_length < BIG && device.message_count == 0, "is told of a piece");
  cut(&device);
  connect_to(&device, broker, 0);
  check_number(device.aborted_count, 1, "is told that the message will not be completed");
  UNTIL(device.message_count == 1, step(&device));
  check(device.message_count == 1 && device.messages[0].flags == (MOTE_QOS_1 | MOTE_DUPLICATE) &&
          device.incoming_length == BIG && memcmp(device.incoming, big, BIG) == 0,
        "receives it again from its start");

  char topic[601];
  memset(topic, 't', 600);
  topic[600] = '\0';
  subscribe(&device, "skipped/#");
  broker_mark(broker);
  publish(broker, "-t skipped/%s -m lost", topic);
  publish(broker, "-t skipped/short -m found");
  UNTIL(device.message_count == 2, step(&device));
  check(device.skipped_count == 1 && strcmp(device.messages[1].text, "found") == 0, "skips a message whose topic does not fit");
  UNTIL(broker_logged(broker, "Received PUBACK from bigcut") == 2, step(&device));
  check_number(broker_logged(broker, "Received PUBACK from bigcut"), 2, "acknowledges it all the same");
  disconnect(&device, broker);
}

/* ---- Refusals ----------------------------------------------------------------------------------------------------- */

static void check_refused_subscription(void) {
  struct broker broker;
  broker_start_strict(&broker, "strict", "");
  device_init(&device, "refused", NULL);
  connect_to(&device, &broker, 1);
  mote_mqtt_filter filters[] = {{MOTE_TEXT("open/x"), MOTE_QOS_1}, {MOTE_TEXT("shut/x"), MOTE_QOS_1}};
  mote_mqtt_subscribe(&device.session, filters, 2);
  UNTIL(device.subscribed_count == 1, step(&device));
  check(device.code_count == 2 && device.codes[0] == 1 && device.codes[1] == 0x80, "is told which subscription was refused");
  publish(&broker, "-t open/x -m open");
  UNTIL(device.message_count == 1, step(&device));
  check_text(device.messages[0].text, "open", "receives what was not refused");
  disconnect(&device, &broker);
  broker_end(&broker, SIGTERM);
}

static int32_t connect_with(const struct broker *broker, const char *user, const char *password) {
  mote_mqtt_connection connection = {.size = sizeof connection, .client_identifier = "who", .client_identifier_length = 3,
                                     .user_name = user, .user_name_length = strlen(user), .password = (const uint8_t *)password,
                                     .password_length = strlen(password), .clean_session = 1};
  device_init(&device, "who", NULL);
  connect_as(&device, broker, &connection);
  int32_t status = device.is_connected ? 1 : device.status;
  if (device.is_connected) disconnect(&device, broker);
  return status;
}

static void check_refused_connection(struct broker *hub) {
  struct broker broker;
  run("mosquitto_passwd -b -c passwords user secret; chmod 644 passwords");
  broker_start(&broker, "closed", OVER_TLS "password_file passwords\nallow_anonymous false\n");
  check_number(connect_with(&broker, "user", "secret"), 1, "is let in with user name and password");
  check_number(connect_with(&broker, "user", "wrong"), MOTE_ERROR_REFUSED_AUTHORISATION, "is told that its password is wrong");
  check_number(connect_with(&broker, "nobody", "secret"), MOTE_ERROR_REFUSED_AUTHORISATION, "is told that its user name is wrong");
  broker_end(&broker, SIGTERM);

  device_init(&device, "", NULL);
  mote_mqtt_connection connection = {.size = sizeof connection};
  check_number(mote_mqtt_connect(&device.session, &connection, 0), MOTE_ERROR_ARGUMENT,
               "needs an identifier for a session that the server keeps");
  connection.clean_session = 1;
  check(connect_as(&device, hub, &connection), "needs none for a clean session");
  cut(&device);
}

/* ---- Keep-alive --------------------------------------------------------------------------------------------------- */

static void check_keep_alive(struct broker *broker) {
  device_init(&device, "alive", &(mote_mqtt_options){.size = sizeof(mote_mqtt_options), .keep_alive_seconds = 1, .response_milliseconds = 300});
  connect_to(&device, broker, 1);
  broker_mark(broker);
  uint64_t now = mote_linux_now(), deadline = mote_mqtt_deadline(&device.session);
  check(deadline > now && deadline <= now + 1000, "says when PINGREQ is due");
  UNTIL(broker_logged(broker, "Received PINGREQ from alive") == 2 || device.is_lost, step(&device));
  check(broker_logged(broker, "Sending PINGRESP to alive") == 2 && !device.is_lost && mote_linux_now() - now >= 1900,
        "keeps a silent connection alive");
  kill(broker->process, SIGSTOP);
  UNTIL(device.is_lost, step(&device));
  check_number(device.status, MOTE_ERROR_MQTT_KEEP_ALIVE, "notices that PINGREQ is not answered");
  kill(broker->process, SIGCONT);
}

/* ---- A broker that dies ---------------------------------------------------------------------------------------------- */

#define PERSISTENT OVER_TLS FOR_ALL "persistence true\npersistence_file mortal.db\nautosave_interval 1\nautosave_on_changes true\n"

static void check_death(void) {
  struct broker broker;
  broker_start(&broker, "mortal", PERSISTENT);
  device_init(&device, "mortal", &small);
  connect_to(&device, &broker, 0);
  subscribe(&device, "mortal/in");

  int32_t token = mote_mqtt_publish_pieces(&device.session, MOTE_TEXT("mortal/out"), BIG, MOTE_QOS_1);
  device.limit = BIG / 2;
  UNTIL(device.asked == BIG / 2, step(&device));
  broker_end(&broker, SIGKILL);
  UNTIL(device.is_lost, step(&device));
  check(device.is_lost && device.asked == BIG / 2 && device.acknowledged_count == 0, "survives a broker that dies in the middle of its message");
  broker_again(&broker);
  device.limit = BIG;
  check(connect_to(&device, &broker, 0), "connects to the broker's next life");
  UNTIL(device.acknowledged_count == 1, step(&device));
  check(device.acknowledged[0] == token && device.rewound == 2, "sends the whole message again");

  forget(&device);
  subscribe(&device, "mortal/in");
  publish(&broker, "-t mortal/in -f big.bin");
  UNTIL(device.incoming_length > 0, receive_once(&device));
  broker_end(&broker, SIGKILL);
  UNTIL(device.is_lost, step(&device));
  broker_again(&broker);
  connect_to(&device, &broker, 0);
  check(device.is_connected && device.message_count + device.aborted_count > 0,
        "survives a broker that dies in the middle of a message to it");
  subscribe(&device, "mortal/in");

  /* A restart in good order: the broker's session and its messages are still there, and so are the device's. */
  forget(&device);
  device.is_deaf = 1;
  broker_mark(&broker);
  int32_t resent = send_text(&device, "mortal/out", "again", MOTE_QOS_1);
  UNTIL(broker_logged(&broker, "Sending PUBACK to mortal") == 1, step(&device));
  cut(&device);
  device.is_deaf = 0;
  publish(&broker, "-t mortal/in -m 'kept over the restart'");
  broker_end(&broker, SIGTERM);
  broker_again(&broker);
  check(connect_to(&device, &broker, 0) && device.session_present == 1, "finds its session after a restart of the broker");
  UNTIL(device.acknowledged_count == 1 && device.message_count > 0 &&
          strcmp(device.messages[device.message_count - 1].text, "kept over the restart") == 0, step(&device));
  char again[96];
  snprintf(again, sizeof again, "Received PUBLISH from mortal (d1, q1, r0, m%d,", (int)resent);
  check(broker_logged(&broker, again) == 1 && device.acknowledged[0] == resent, "sends again what was not acknowledged");
  check(device.message_count > 0 && strcmp(device.messages[device.message_count - 1].text, "kept over the restart") == 0,
        "receives what the broker had kept");
  disconnect(&device, &broker);
  broker_end(&broker, SIGTERM);
}

int main(void) {
  uint32_t state = 1;
  for (size_t index = 0; index < BIG; index++) big[index] = (uint8_t)((state = state * 1664525 + 1013904223) >> 24);
  signal(SIGPIPE, SIG_IGN);

  struct broker hub;
  broker_start(&hub, "hub", OVER_TLS FOR_ALL "max_queued_messages 0\n");
  check_both_ways(&hub);
  check_retained(&hub);
  check_window(&hub);
  check_will(&hub);
  check_resumption(&hub);
  check_big(&hub);
  check_big_cut(&hub);
  check_refused_connection(&hub);
  check_keep_alive(&hub);
  broker_end(&hub, SIGTERM);
  check_refused_subscription();
  check_death();
  return checks_end();
}
