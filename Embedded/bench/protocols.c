/*
 * The same telemetry over each protocol that Mote speaks, to a hub: what crosses the wire, counted where TLS meets the socket.
 *
 *   protocols WAY COUNT|again|idle|nothing     WAY: mqtt, websocket, https, batch
 *
 * COUNT: connects, sends so many messages at QoS 1, each when the one before was acknowledged (`batch`: BATCH together), and
 * leaves. `again`: connects, leaves, and connects again. `idle`: connects, and waits for what keeps the connection alive, or asks for
 * messages. `nothing`: makes the client and no more. Prints `NAME BYTES` a line. The hub is in MOTE_DEVICE (a connection string),
 * MOTE_PORT and MOTE_CA.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mote.h"
#include "mote_https.h"
#include "mote_linux.h"
#include "mote_tls.h"

enum { PAYLOAD = 128, BATCH = 100, PATIENCE = 120000 };

static mote_client client;
static mote_websocket websocket;
static mote_https https;
static mote_linux network;
static mote_port port, counted;
static mote_tls tls;
static uint8_t receive_buffer[1024], outbox[2048], response_buffer[1024], request_buffer[1024];

/** Bytes that have crossed the wire. */
typedef struct traffic {
  long sent, received;
} traffic;
static traffic total;

static int32_t send_bytes(void *context, const uint8_t *bytes, size_t length) {
  int32_t count = port.send(context, bytes, length);
  if (count > 0) total.sent += count;
  return count;
}

static int32_t receive_bytes(void *context, uint8_t *bytes, size_t capacity) {
  int32_t count = port.receive(context, bytes, capacity);
  if (count > 0) total.received += count;
  return count;
}

static void print(const char *name, traffic start, traffic end) {
  printf("%s-sent %ld\n%s-received %ld\n", name, end.sent - start.sent, name, end.received - start.received);
}

static void fail(const char *what, int32_t status) {
  fprintf(stderr, "protocols: %s: %s\n", what, status < 0 ? mote_status_text(status) : "");
  exit(1);
}

static void need(int32_t status, const char *what) {
  if (status < 0) fail(what, status);
}

static void make(const char *way, int is_idle) {
  mote_tls_options trust = {.size = sizeof trust, .roots_file = getenv("MOTE_CA")};
  const char *string = getenv("MOTE_DEVICE");
  mote_client_options options = {.size = sizeof options, .connection_string = string, .connection_string_length = strlen(string)};
  mote_mqtt_options mqtt = {.size = sizeof mqtt, .keep_alive_seconds = is_idle ? 1 : 0};
  mote_linux_init(&network);
  port = counted = mote_port_linux(&network);
  counted.send = send_bytes, counted.receive = receive_bytes;
  need(mote_tls_init(&tls, sizeof tls, &trust), "TLS");
  options.port = &counted, options.tls = &tls;
  options.endpoint = "localhost", options.endpoint_length = 9, options.endpoint_port = (uint32_t)atoi(getenv("MOTE_PORT"));
  options.receives_messages = is_idle && strcmp(way, "https") == 0;
  need(mote_client_init(&client, sizeof client, &options), "connection string");
  mqtt.receive_buffer = receive_buffer, mqtt.receive_capacity = sizeof receive_buffer;
  mqtt.outbox = outbox, mqtt.outbox_capacity = sizeof outbox;
  if (strcmp(way, "mqtt") == 0) {
    need(mote_use_mqtt(&client, &mqtt), way);
  } else if (strcmp(way, "websocket") == 0) {
    need(mote_use_mqtt_websocket(&client, &mqtt, &websocket, sizeof websocket), way);
  } else {
    mote_https_options memory = {.size = sizeof memory, .poll_seconds = is_idle ? 1 : 0};
    memory.receive_buffer = receive_buffer, memory.receive_capacity = sizeof receive_buffer;
    memory.outbox = outbox, memory.outbox_capacity = sizeof outbox;
    memory.response_buffer = response_buffer, memory.response_capacity = sizeof response_buffer;
    memory.request_buffer = request_buffer, memory.request_capacity = sizeof request_buffer;
    need(mote_use_https(&client, &https, sizeof https, &memory), way);
  }
}

/** Does what can be done, or sleeps until something can be. What happened. */
static mote_event turn(void) {
  mote_event event;
  if (mote_poll(&client, mote_linux_now(), &event) == 0) mote_linux_wait(&network, event.wait, event.deadline, -1);
  if (event.kind == MOTE_EVENT_FAILED || (event.kind == MOTE_EVENT_DISCONNECTED && event.status < 0)) fail("lost", event.status);
  return event;
}

static void await(int32_t kind) {
  uint64_t limit = mote_linux_now() + PATIENCE;
  while (turn().kind != kind) {
    if (mote_linux_now() > limit) fail("the hub does not answer", 0);
  }
}

static void arrive(void) {
  need(mote_connect(&client, mote_linux_now()), "connect");
  await(MOTE_EVENT_CONNECTED);
}

static void leave(void) {
  need(mote_disconnect(&client, mote_linux_now()), "disconnect");
  await(MOTE_EVENT_DISCONNECTED);
}

static void send_messages(long count, int together) {
  static uint8_t payload[PAYLOAD];
  static const mote_property properties[] = {
      {MOTE_TEXT(MOTE_CONTENT_TYPE), MOTE_TEXT("application/json")},
      {MOTE_TEXT("alert"), MOTE_TEXT("true")},
  };
  static mote_batch_message messages[BATCH];
  static mote_batch batch = {.size = sizeof batch, .messages = messages, .message_count = BATCH};
  const mote_telemetry telemetry = {.size = sizeof telemetry, .payload = payload, .payload_length = sizeof payload,
                                    .properties = properties, .property_count = 2};
  memset(payload, 'x', sizeof payload);
  for (int place = 0; place < BATCH; place++) messages[place] = (mote_batch_message){payload, sizeof payload, properties, 2};
  for (long sent = 0; sent < count; sent += together ? BATCH : 1) {
    need(together ? mote_send_batch(&client, &batch) : mote_send(&client, &telemetry), "send");
    await(MOTE_EVENT_SENT);
  }
}

/** Waits for a question and its answer, up to the next question. */
static void be_idle(void) {
  traffic start = total, end;
  while (total.sent == start.sent || total.received == start.received) turn();
  do {
    end = total;
    turn();
  } while (total.sent == end.sent);
  print("idle", start, end);
}

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  const char *way = argv[1], *job = argv[2];
  int is_idle = strcmp(job, "idle") == 0;
  make(way, is_idle);
  if (strcmp(job, "nothing") == 0) return 0;
  arrive();
  if (is_idle) {
    be_idle();
    return 0;
  }
  traffic connected = total;
  send_messages(atol(job), strcmp(way, "batch") == 0);
  traffic done = total;
  leave();
  if (strcmp(job, "again") == 0) {
    traffic left = total;
    arrive();
    leave();
    print("again", left, total);
  } else {
    /* Coming and going. */
    print("connection", (traffic){done.sent - connected.sent, done.received - connected.received}, total);
    print("messages", connected, done);
  }
  mote_tls_deinit(&tls);
  return 0;
}
