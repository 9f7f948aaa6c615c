/*
 * A device over HTTPS with buffers of 1 KiB, against a hub: a batch of 256 KiB, messages from the cloud that are longer than any
 * buffer, rejected and abandoned, and what the hub says when it refuses. Its device, port and authority are in the environment.
 */
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "mote.h"
#include "mote_https.h"
#include "mote_linux.h"
#include "mote_tls.h"

enum { ITEMS = 243, BODY = 1024, NONE = -1 };

static mote_client client;
static mote_https https;
static mote_linux network;
static mote_tls tls;
static uint8_t receive_buffer[1024], outbox[1024], response_buffer[1024], request_buffer[1024];

/* ---- A batch, byte by byte ---------------------------------------------------------------------------------------------- */

static char item[BODY + 64];
static size_t item_length;
static int source_calls;

/** Writes an item of the batch: all are of one length. */
static void write_item(size_t number) {
  size_t length = 0;
  memcpy(item, "{\"body\":\"", length = 9);
  memset(item + length, "ABCD"[number % 4], BODY);
  length += BODY;
  memcpy(item + length, "\",\"properties\":{\"iothub-app-item\":\"000\"}}", 41);
  length += 41;
  for (size_t place = length - 3, rest = number; rest > 0; rest /= 10) item[--place] = (char)('0' + rest % 10);
  item_length = length;
}

/** The batch's bytes, which are never in memory. */
static int32_t read_batch(void *context, size_t offset, uint8_t *bytes, size_t capacity) {
  const size_t total = *(size_t *)context;
  size_t count = 0;
  source_calls++;
  for (; count < capacity && offset < total; count++, offset++) {
    if (offset == 0 || offset == total - 1) {
      bytes[count] = offset == 0 ? '[' : ']';
      continue;
    }
    size_t number = (offset - 1) / (item_length + 1), place = (offset - 1) % (item_length + 1);
    if (place == 0 || count == 0) write_item(number);
    bytes[count] = place == item_length ? ',' : (uint8_t)item[place];
  }
  return (int32_t)count;
}

/* ---- The device ----------------------------------------------------------------------------------------------------------- */

static void begin(const char *string) {
  static mote_port port;
  mote_tls_options trust = {.size = sizeof trust, .roots_file = getenv("MOTE_CA")};
  mote_client_options options = {.size = sizeof options, .connection_string = string, .connection_string_length = strlen(string)};
  mote_https_options memory = {.size = sizeof memory};
  static mote_twin twin;
  mote_linux_init(&network);
  port = mote_port_linux(&network);
  need(mote_tls_init(&tls, sizeof tls, &trust) == MOTE_OK, "TLS");
  options.port = &port, options.tls = &tls;
  options.endpoint = "localhost", options.endpoint_length = 9;
  options.endpoint_port = (uint32_t)atoi(getenv("MOTE_PORT"));
  options.receives_messages = 1;
  need(mote_client_init(&client, sizeof client, &options) == MOTE_OK, "a client");
  check(mote_settle(&client, MOTE_REJECT) == MOTE_ERROR_STATE, "nothing to settle without HTTPS");
  memory.receive_buffer = receive_buffer, memory.receive_capacity = sizeof receive_buffer;
  memory.outbox = outbox, memory.outbox_capacity = sizeof outbox;
  memory.response_buffer = response_buffer, memory.response_capacity = sizeof response_buffer;
  memory.request_buffer = request_buffer, memory.request_capacity = sizeof request_buffer;
  check(mote_use_https(&client, &https, sizeof https - 16, &memory) == MOTE_ERROR_SIZE, "too small an object");
  check(mote_use_https(&client, &https, sizeof https, NULL) == MOTE_ERROR_ARGUMENT, "no options");
  check_number(mote_use_https(&client, &https, sizeof https, &memory), MOTE_OK, "HTTPS");
  check(mote_use_https(&client, &https, sizeof https, &memory) == MOTE_ERROR_STATE, "once");
  check(mote_use_twin(&client, &twin, sizeof twin, NULL) == MOTE_ERROR_OVER_HTTPS, "no twin");
  check(mote_settle(&client, 4) == MOTE_ERROR_ARGUMENT, "no such settlement");
  need(mote_connect(&client, mote_linux_now()) == MOTE_OK, "connecting");
}

/** The next event, but for the one that is no event: within 20 seconds. */
static mote_event next(void) {
  mote_event event;
  uint64_t limit = mote_linux_now() + 20000;
  int idle = 0;
  while (mote_poll(&client, mote_linux_now(), &event) == 0) {
    need(mote_linux_now() < limit, "something happens in time");
    need(++idle < 20000, "it sleeps while it waits");
    mote_linux_wait(&network, event.wait, event.deadline < limit ? event.deadline : limit, NONE);
  }
  return event;
}

static int32_t send(mote_telemetry telemetry) {
  telemetry.size = sizeof telemetry;
  return mote_send(&client, &telemetry);
}

/** Takes a message from the cloud that is `length` times `character`. How many pieces it had. */
static int take(char character, size_t length) {
  int pieces = 0, wrong = 0;
  for (;;) {
    mote_event event = next();
    if (event.kind != MOTE_EVENT_MESSAGE) continue;
    pieces++;
    for (size_t place = 0; place < event.payload_length; place++) wrong += event.payload[place] != character;
    check_number((int64_t)event.total, (int64_t)length, "its length");
    if (event.offset + event.payload_length == event.total) break;
  }
  check_number(wrong, 0, "its bytes");
  return pieces;
}

int main(void) {
  begin(getenv("MOTE_DEVICE"));
  need(next().kind == MOTE_EVENT_CONNECTED, "connected");

  /* Three messages wait: the first is completed, the second rejected, the third abandoned and then completed. */
  check(take('1', 60000) > 50, "60,000 bytes come in pieces");
  take('2', 2000);
  check(mote_settle(&client, MOTE_REJECT) == MOTE_OK, "rejected");
  take('3', 10);
  check(mote_settle(&client, MOTE_ABANDON) == MOTE_OK, "abandoned");
  take('3', 10);

  write_item(0);
  size_t total = 2 + ITEMS * item_length + ITEMS - 1;
  const mote_property properties[] = {{MOTE_TEXT(MOTE_BATCH), NULL, 0}};
  mote_telemetry batch = {.source = read_batch, .source_context = &total, .payload_length = total, .properties = properties,
                          .property_count = 1};
  check(total > 250 * 1024 && total <= 262144 - 10, "a batch as large as may be");
  int32_t token = send(batch);
  need(token > 0, "it is taken");
  mote_event event = next();
  check(event.kind == MOTE_EVENT_SENT && event.token == token, "and sent");
  check(source_calls > 250, "in pieces");

  /* What the hub does not take is told, and the next message goes. */
  mote_telemetry wrong = {.payload = (const uint8_t *)"[{}]", .payload_length = 4, .properties = properties, .property_count = 1};
  mote_telemetry good = {.payload = (const uint8_t *)"after all", .payload_length = 9};
  int32_t refused = send(wrong), taken = send(good);
  mote_error error;
  char text[MOTE_TRACKING_LENGTH];
  event = next();
  check(event.kind == MOTE_EVENT_FAILED && event.token == refused, "one is refused");
  check_number(event.status, MOTE_ERROR_HUB_REFUSED, "as a hub refuses");
  check(mote_client_last_error(&client, &error) == MOTE_OK && error.library_code == 400004, "with the hub's code");
  check_number(mote_hub_tracking(&client, text), 32, "and its tracking identifier");
  do event = next();
  while (event.kind == MOTE_EVENT_DISCONNECTED || event.kind == MOTE_EVENT_CONNECTED);
  check(event.kind == MOTE_EVENT_SENT && event.token == taken, "and the next is sent");

  /* One that goes at most once too. */
  good.at_most_once = 1;
  good.payload = (const uint8_t *)"perhaps", good.payload_length = 7;
  check_number(send(good), MOTE_OK, "at most once");
  good.at_most_once = 0;
  good.payload = (const uint8_t *)"surely", good.payload_length = 6;
  taken = send(good);
  event = next();
  check(event.kind == MOTE_EVENT_SENT && event.token == taken, "in their order");
  check(mote_disconnect(&client, mote_linux_now()) == MOTE_OK, "leaving");
  event = next();
  check(event.kind == MOTE_EVENT_DISCONNECTED && event.status == MOTE_OK, "left");
  mote_tls_deinit(&tls);
  return checks_end();
}
