/*
 * A device over HTTPS with buffers of 1 KiB, against a hub: batches of 256 KiB, messages from the cloud that are longer than any
 * buffer, rejected and abandoned, and what the hub says when it refuses. Its device, port and authority are in the environment.
 */
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "mote.h"
#include "mote_https.h"
#include "mote_linux.h"
#include "mote_tls.h"

enum { ITEMS = 182, BODY = 1024, NONE = -1 };

static mote_client client;
static mote_https https;
static mote_linux network;
static mote_tls tls;
static uint8_t receive_buffer[1024], outbox[1024], response_buffer[1024], request_buffer[1024];

/* ---- A batch of 256 KiB, of which nothing but the payloads is in memory --------------------------------------------------- */

static uint8_t bodies[4][BODY];
static char numbers[ITEMS][3];
static mote_property numbered[ITEMS];
static mote_batch_message items[ITEMS];
static mote_batch batch = {.size = sizeof batch, .messages = items, .message_count = ITEMS};

static void fill_batch(void) {
  for (size_t letter = 0; letter < 4; letter++) memset(bodies[letter], "ABCD"[letter], BODY);
  for (size_t item = 0; item < ITEMS; item++) {
    numbers[item][0] = (char)('0' + item / 100), numbers[item][1] = (char)('0' + item / 10 % 10);
    numbers[item][2] = (char)('0' + item % 10);
    numbered[item] = (mote_property){MOTE_TEXT("item"), numbers[item], 3};
    items[item] = (mote_batch_message){bodies[item % 4], BODY, &numbered[item], 1};
  }
}

/* ---- A cable that is cut -------------------------------------------------------------------------------------------------- */

static mote_port port, whole;
static size_t sendable = SIZE_MAX;

/** Sends, up to the cut. */
static int32_t send_bytes(void *context, const uint8_t *bytes, size_t length) {
  if (length > sendable) {
    sendable = SIZE_MAX;
    return MOTE_ERROR_CLOSED;
  }
  int32_t count = whole.send(context, bytes, length);
  if (count > 0 && sendable < SIZE_MAX) sendable -= (size_t)count;
  return count;
}

/* ---- The device ----------------------------------------------------------------------------------------------------------- */

static void begin(const char *string) {
  mote_tls_options trust = {.size = sizeof trust, .roots_file = getenv("MOTE_CA")};
  mote_client_options options = {.size = sizeof options, .connection_string = string, .connection_string_length = strlen(string)};
  mote_https_options memory = {.size = sizeof memory};
  static mote_twin twin;
  mote_linux_init(&network);
  port = whole = mote_port_linux(&network);
  port.send = send_bytes;
  need(mote_tls_init(&tls, sizeof tls, &trust) == MOTE_OK, "TLS");
  options.port = &port, options.tls = &tls;
  options.endpoint = "localhost", options.endpoint_length = 9;
  options.endpoint_port = (uint32_t)atoi(getenv("MOTE_PORT"));
  options.receives_messages = 1;
  need(mote_client_init(&client, sizeof client, &options) == MOTE_OK, "a client");
  check(mote_settle(&client, MOTE_REJECT) == MOTE_ERROR_STATE, "nothing to settle without HTTPS");
  check(mote_send_batch(&client, &batch) == MOTE_ERROR_STATE, "no batch without HTTPS");
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

  fill_batch();
  check_number(mote_send_batch(&client, NULL), MOTE_ERROR_ARGUMENT, "no batch");
  batch.message_count = 0;
  check_number(mote_send_batch(&client, &batch), MOTE_ERROR_ARGUMENT, "a batch of nothing");
  batch.message_count = ITEMS;
  numbered[7].value_length = 0, numbered[7].name = "a:b";
  check_number(mote_send_batch(&client, &batch), MOTE_ERROR_HTTP_FIELD, "a name that HTTP has not");
  numbered[7].value_length = 3, numbered[7].name = "item";
  items[7].payload_length = 8 * 1024;
  check_number(mote_send_batch(&client, &batch), MOTE_ERROR_TOO_LARGE, "more than 256 KiB of JSON");
  items[7].payload_length = BODY;
  int32_t token = mote_send_batch(&client, &batch);
  need(token > 0, "a batch is taken");
  check_number(mote_send_batch(&client, &batch), MOTE_ERROR_SOURCE_BUSY, "one at a time");
  mote_event event = next();
  check(event.kind == MOTE_EVENT_SENT && event.token == token, "and sent");

  /* Cut in its middle, it goes again from its start. */
  for (size_t item = 0; item < ITEMS; item++) numbered[item].name = "anew";
  sendable = 100000;
  token = mote_send_batch(&client, &batch);
  check(next().kind == MOTE_EVENT_DISCONNECTED, "a connection that is cut");
  check(sendable == SIZE_MAX, "in the middle of the batch");
  check(next().kind == MOTE_EVENT_CONNECTED, "comes back");
  event = next();
  check(event.kind == MOTE_EVENT_SENT && event.token == token, "and the batch goes again");

  /* The hub takes nothing of a batch of which it does not take one. */
  mote_property twice[] = {{MOTE_TEXT("never"), MOTE_TEXT("1")}, {MOTE_TEXT("never"), MOTE_TEXT("2")}};
  mote_batch_message halves[] = {{bodies[0], 3, twice, 1}, {bodies[0], 3, twice, 2}};
  mote_batch half = {.size = sizeof half, .messages = halves, .message_count = 2};
  token = mote_send_batch(&client, &half);
  event = next();
  check(event.kind == MOTE_EVENT_FAILED && event.token == token, "a batch is refused whole");
  check_number(event.status, MOTE_ERROR_HUB_REFUSED, "as a hub refuses");
  do event = next();
  while (event.kind == MOTE_EVENT_DISCONNECTED);
  check(event.kind == MOTE_EVENT_CONNECTED, "and it comes back");

  /* One whose JSON the application writes. */
  static const char json[] = "[{\"body\":\"b25l\",\"properties\":{\"iothub-app-by\":\"hand\"}},{\"body\":\"two\",\"base64Encoded\":false}]";
  const mote_property properties[] = {{MOTE_TEXT(MOTE_BATCH), NULL, 0}};
  mote_telemetry written = {.payload = (const uint8_t *)json, .payload_length = sizeof json - 1, .properties = properties,
                            .property_count = 1};
  token = send(written);
  event = next();
  check(token > 0 && event.kind == MOTE_EVENT_SENT && event.token == token, "a batch by hand is sent too");

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
