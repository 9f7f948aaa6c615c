/*
 * mote.h used in wrong ways: every function called from inside every callback, objects that are none, null pointers, absurd
 * lengths, sizes of other versions. Nothing of it crashes, and nothing of it harms the client. Run by reentrancy.sh.
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
#include <sys/mman.h>
#include <unistd.h>

#define STRING "HostName=hub.example;DeviceId=dev1;SharedAccessKey=dGhlIHNlY3JldCBvZiBhIHRocm93LWF3YXkgZGV2aWNl"

/** Lengths that nothing can have. Those of both signs, since Swift counts with signed numbers. */
static const size_t absurd[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 + 1, SIZE_MAX / 2, SIZE_MAX / 2 - 8};
#define ABSURD (sizeof absurd / sizeof *absurd)

/** Memory that ends where the page after it cannot be touched. */
static void *memory_at_edge(size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (size + page - 1) / page * page;
  char *start = mmap(NULL, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  need(start != MAP_FAILED && mprotect(start + whole, page, PROT_NONE) == 0, "memory");
  return start + whole - size;
}

/** Whether two objects are the same, byte for byte. Valgrind does not let the unused bytes between members be looked at. */
static int is_same(const void *one, const void *other, size_t size) {
  return getenv("MOTE_UNDER") != NULL || memcmp(one, other, size) == 0;
}

/* ---- Every function that takes an object, with good arguments otherwise ---------------------------------------- */

static uint8_t receive_buffer[2048], outbox[2048];
static const mote_mqtt_options mqtt_options = {.size = sizeof mqtt_options, .receive_buffer = receive_buffer,
  .receive_capacity = sizeof receive_buffer, .outbox = outbox, .outbox_capacity = sizeof outbox};

#define CLIENT_CALLS 14
static const char *const client_calls[] = {"mote_use_mqtt", "mote_connect", "mote_disconnect", "mote_poll", "mote_send", "mote_hold",
                                           "mote_accept", "mote_client_last_error", "mote_use_twin", "mote_get_twin", "mote_report",
                                           "mote_use_methods", "mote_respond", "mote_client_size_needed"};

static int32_t call_client(int call, mote_client *client) {
  static mote_event event;
  static mote_error error;
  static const mote_telemetry telemetry = {.size = sizeof telemetry, .payload = (const uint8_t *)"x", .payload_length = 1};
  static mote_twin twin;
  static mote_methods methods;
  static mote_call calls[1];
  switch (call) {
  case 0: return mote_use_mqtt(client, &mqtt_options);
  case 1: return mote_connect(client, mote_linux_now());
  case 2: return mote_disconnect(client, mote_linux_now());
  case 3: return mote_poll(client, mote_linux_now(), &event);
  case 4: return mote_send(client, &telemetry);
  case 5: return mote_hold(client);
  case 6: return mote_accept(client, 1);
  case 7: return mote_client_last_error(client, &error);
  case 8: return mote_use_twin(client, &twin, sizeof twin, NULL);
  case 9: return mote_get_twin(client);
  case 10: return mote_report(client, (const uint8_t *)"{}", 2);
  case 11: return mote_use_methods(client, &methods, sizeof methods, calls, 1);
  case 12: return mote_respond(client, 1, 200, NULL, 0);
  default: return (int32_t)mote_client_size_needed(client);
  }
}

#define SESSION_CALLS 17
static const char *const session_calls[] = {
  "mote_mqtt_connect", "mote_mqtt_lost", "mote_mqtt_publish", "mote_mqtt_publish_pieces", "mote_mqtt_wanted", "mote_mqtt_supplied",
  "mote_mqtt_subscribe", "mote_mqtt_unsubscribe", "mote_mqtt_disconnect", "mote_mqtt_transmission", "mote_mqtt_sent", "mote_mqtt_space",
  "mote_mqtt_received", "mote_mqtt_next", "mote_mqtt_hold", "mote_mqtt_accept", "mote_mqtt_deadline"};

static int32_t call_session(int call, mote_mqtt *session) {
  static const mote_mqtt_connection connection = {.size = sizeof connection, .client_identifier = "x", .client_identifier_length = 1};
  static const mote_mqtt_filter filter = {"x", 1, 1};
  static mote_mqtt_event event;
  static uint8_t *bytes;
  static const uint8_t *constant_bytes;
  static size_t offset;
  switch (call) {
  case 0: return mote_mqtt_connect(session, &connection, 0);
  case 1: return mote_mqtt_lost(session);
  case 2: return mote_mqtt_publish(session, "t", 1, (const uint8_t *)"x", 1, MOTE_QOS_1);
  case 3: return mote_mqtt_publish_pieces(session, "t", 1, 1, MOTE_QOS_1);
  case 4: return mote_mqtt_wanted(session, &bytes, &offset);
  case 5: return mote_mqtt_supplied(session, 0);
  case 6: return mote_mqtt_subscribe(session, &filter, 1);
  case 7: return mote_mqtt_unsubscribe(session, &filter, 1);
  case 8: return mote_mqtt_disconnect(session);
  case 9: return mote_mqtt_transmission(session, 0, &constant_bytes);
  case 10: return mote_mqtt_sent(session, 0, 0);
  case 11: return mote_mqtt_space(session, &bytes);
  case 12: return mote_mqtt_received(session, 0);
  case 13: return mote_mqtt_next(session, 0, &event);
  case 14: return mote_mqtt_hold(session);
  case 15: return mote_mqtt_accept(session, 1);
  default: return mote_mqtt_deadline(session) == UINT64_MAX ? MOTE_ERROR_NOT_INITIALISED : 0;
  }
}

/* ---- A client whose callbacks call it -------------------------------------------------------------------------------- */

enum callback { RESOLVE, CONNECT, SEND, RECEIVE, CLOSE, ENTROPY, WALL_SECONDS, SIGN, SOURCE, CALLBACKS };
static const char *const callbacks[] = {"resolve", "connect", "send", "receive", "close", "entropy", "wall_seconds", "sign", "source"};

static mote_client *client;
static mote_linux network;
static mote_tls tls;
static mote_port below;
static int called[CALLBACKS];
static int32_t wrong_result[CALLBACKS][CLIENT_CALLS]; /**< The first that was not MOTE_ERROR_REENTERED. */
static int changed[CALLBACKS];                        /**< Whether a call changed the client. */
static int others_fail;                               /**< Whether what does not touch the client failed. */

/** Calls every function of mote.h. */
static void call_everything(enum callback from) {
  static uint8_t before[sizeof(mote_client)];
  called[from]++;
  for (int call = 0; call < CLIENT_CALLS; call++) {
    memcpy(before, client, sizeof before);
    int32_t result = call_client(call, client);
    if (!is_same(before, client, sizeof before)) changed[from] = 1;
    int32_t expected = call == CLIENT_CALLS - 1 ? 0 : MOTE_ERROR_REENTERED;
    if (result != expected && wrong_result[from][call] == 0) wrong_result[from][call] = result != 0 ? result : 1;
  }
  /* What takes no object, or another, works here as anywhere. */
  static mote_mqtt session;
  static uint8_t memory[2][256];
  mote_mqtt_options options = {.size = sizeof options, .receive_buffer = memory[0], .receive_capacity = 256, .outbox = memory[1],
                               .outbox_capacity = 256};
  uint8_t buffer[16];
  size_t position = 0;
  mote_property property;
  others_fail |= mote_version() != MOTE_VERSION || mote_status_text(MOTE_ERROR_REENTERED)[0] == '\0';
  others_fail |= mote_next_property((const uint8_t *)"a=b", 3, &position, buffer, sizeof buffer, &property) != 1;
  others_fail |= mote_mqtt_init(&session, sizeof session, &options) != MOTE_OK;
  for (int call = 0; call < SESSION_CALLS; call++) others_fail |= call_session(call, &session) == MOTE_ERROR_REENTERED;
}

static int32_t port_resolve(void *context, const char *name, size_t length) {
  (void)context;
  call_everything(RESOLVE);
  return below.resolve(below.context, name, length);
}
static int32_t port_connect(void *context, int32_t index, uint16_t number) {
  (void)context;
  call_everything(CONNECT);
  return below.connect(below.context, index, number);
}
static int32_t port_send(void *context, const uint8_t *bytes, size_t length) {
  (void)context;
  call_everything(SEND);
  return below.send(below.context, bytes, length);
}
static int32_t port_receive(void *context, uint8_t *bytes, size_t capacity) {
  (void)context;
  call_everything(RECEIVE);
  return below.receive(below.context, bytes, capacity);
}
static void port_close(void *context) {
  (void)context;
  call_everything(CLOSE);
  below.close(below.context);
}
static int32_t port_entropy(void *context, uint8_t *bytes, size_t length) {
  (void)context;
  call_everything(ENTROPY);
  return below.entropy(below.context, bytes, length);
}
static int64_t port_wall_seconds(void *context) {
  (void)context;
  call_everything(WALL_SECONDS);
  return below.wall_seconds(below.context);
}
static int32_t sign(void *context, const uint8_t *bytes, size_t length, uint8_t *signature) {
  (void)context, (void)bytes, (void)length;
  call_everything(SIGN);
  memset(signature, 0xAB, 32);
  return MOTE_OK;
}
static int32_t source(void *context, size_t offset, uint8_t *bytes, size_t capacity) {
  (void)context;
  call_everything(SOURCE);
  size_t count = capacity < 1000 - offset ? capacity : 1000 - offset;
  memset(bytes, 's', count);
  return (int32_t)count;
}

static const mote_port port = {NULL, port_resolve, port_connect, port_send, port_receive, port_close, port_entropy, port_wall_seconds};

static mote_client_options client_options(uint16_t port_number) {
  return (mote_client_options){.size = sizeof(mote_client_options), .connection_string = STRING,
                               .connection_string_length = sizeof STRING - 1, .port = &port, .tls = &tls, .endpoint = "localhost",
                               .endpoint_length = 9, .endpoint_port = port_number, .sign = sign, .receives_messages = 1};
}

/** Polls for an event; others come and go. Whether it came. */
static int await_event(int32_t kind, mote_event *event) {
  uint64_t end = mote_linux_now() + PATIENCE;
  while (mote_linux_now() < end) {
    if (mote_poll(client, mote_linux_now(), event) == 1) {
      if (event->kind == kind) return 1;
      if (event->kind == MOTE_EVENT_DISCONNECTED) return 0;
    } else {
      mote_linux_wait(&network, event->wait, event->deadline < end ? event->deadline : end, -1);
    }
  }
  return 0;
}

/** The whole life of a connection, on storage of exactly its size. */
static void check_reentrancy(struct broker *broker) {
  mote_event event;
  mote_client_options options = client_options(broker->port_number);
  mote_mqtt_options mqtt = mqtt_options;
  mqtt.receive_capacity = 512;
  mqtt.receive_buffer = memory_at_edge(512);
  mqtt.outbox_capacity = 512;
  mqtt.outbox = memory_at_edge(512);
  client = memory_at_edge(sizeof *client);
  pid_t watcher = watch(broker, "arrived", "-t 'devices/dev1/messages/events/#' -F '%l'");
  check_number(mote_client_init(client, sizeof *client, &options), MOTE_OK, "is initialised at the edge of memory");
  check_number(mote_use_mqtt(client, &mqtt), MOTE_OK, "gets its buffers at the edge of memory");
  check_number(mote_use_mqtt(client, &mqtt), MOTE_ERROR_STATE, "gets them once");
  mote_telemetry telemetry = {.size = sizeof telemetry, .payload_length = 1000, .source = source};
  check_number(mote_connect(client, mote_linux_now()), MOTE_OK, "starts to connect");
  check(await_event(MOTE_EVENT_CONNECTED, &event), "connects while its callbacks call it");
  int32_t token = mote_send(client, &telemetry);
  check(token > 0 && await_event(MOTE_EVENT_SENT, &event) && event.token == token, "sends while its callbacks call it");
  UNTIL(lines_of("arrived") == 1, rest());
  char *text = read_file("arrived", NULL);
  check_text(text, "1000\n", "has its message arrive");
  free(text);
  publish(broker, "-t devices/dev1/messages/devicebound/a=b -m hello");
  check(await_event(MOTE_EVENT_MESSAGE, &event) && event.payload_length == 5 && memcmp(event.payload, "hello", 5) == 0,
        "receives while its callbacks call it");
  check_number(mote_disconnect(client, mote_linux_now()), MOTE_OK, "leaves");
  while (mote_poll(client, mote_linux_now(), &event) == 0) mote_linux_wait(&network, event.wait, event.deadline, -1);
  check(event.kind == MOTE_EVENT_DISCONNECTED && event.status == MOTE_OK, "has left");
  check(broker_logs(broker, "Received DISCONNECT from dev1", 1), "has taken its leave");

  /* An end from within mote_disconnect itself, which closes the port. */
  int closed = called[CLOSE];
  mote_connect(client, mote_linux_now());
  mote_poll(client, mote_linux_now(), &event);
  mote_disconnect(client, mote_linux_now());
  check(called[CLOSE] > closed, "closes the port when it gives up");

  for (int from = 0; from < CALLBACKS; from++) {
    char name[80];
    snprintf(name, sizeof name, "refuses every call from %s, and is not changed", callbacks[from]);
    int is_right = called[from] > 0 && !changed[from];
    for (int call = 0; call < CLIENT_CALLS; call++) is_right &= wrong_result[from][call] == 0;
    check(is_right, name);
    for (int call = 0; call < CLIENT_CALLS; call++) {
      if (wrong_result[from][call] != 0) printf("  %s: %d\n", client_calls[call], (int)wrong_result[from][call]);
    }
  }
  check(!others_fail, "lets callbacks use what is not the client");
  stop(watcher, SIGTERM);
}

/* ---- Objects that are none ---------------------------------------------------------------------------------------------- */

/** Checks that every function says so of an object that is none. */
static void refuse_object(void *object, int is_session, int32_t expected, const char *what) {
  static uint8_t before[sizeof(mote_client)];
  const size_t size = is_session ? sizeof(mote_mqtt) : sizeof(mote_client);
  int count = is_session ? SESSION_CALLS : CLIENT_CALLS, is_right = 1;
  if (object != NULL) memcpy(before, object, size);
  for (int call = 0; call < count; call++) {
    int32_t result = is_session ? call_session(call, object) : call_client(call, object);
    int32_t wanted = call < count - 1 ? expected : is_session ? MOTE_ERROR_NOT_INITIALISED : 0;
    if (result == wanted) continue;
    is_right = 0;
    printf("  %s: %d\n", (is_session ? session_calls : client_calls)[call], (int)result);
  }
  if (object != NULL) is_right &= is_same(before, object, size);
  char name[96];
  snprintf(name, sizeof name, "refuses %s %s", is_session ? "a session that is" : "a client that is", what);
  check(is_right, name);
}

static void check_objects(void) {
  static mote_client original, copy;
  static mote_mqtt session, session_copy;
  mote_client_options options = client_options(0);
  need(mote_client_init(&original, sizeof original, &options) == MOTE_OK && mote_use_mqtt(&original, &mqtt_options) == MOTE_OK, "a client");
  need(mote_mqtt_init(&session, sizeof session, &mqtt_options) == MOTE_OK, "a session");
  for (int is_session = 0; is_session < 2; is_session++) {
    void *place = is_session ? (void *)&session_copy : (void *)&copy;
    const size_t size = is_session ? sizeof session_copy : sizeof copy;
    refuse_object(NULL, is_session, MOTE_ERROR_ARGUMENT, "null");
    memset(place, 0, size);
    refuse_object(place, is_session, MOTE_ERROR_NOT_INITIALISED, "zero");
    for (int byte = 1; byte < 256; byte += 127) {
      memset(place, byte, size);
      refuse_object(place, is_session, MOTE_ERROR_NOT_INITIALISED, byte == 255 ? "all ones" : "memory of any kind");
    }
    memcpy(place, is_session ? (void *)&session : (void *)&original, size);
    refuse_object(place, is_session, MOTE_ERROR_NOT_INITIALISED, "a copy");
  }
  check(mote_send(&original, &(mote_telemetry){.size = sizeof(mote_telemetry), .payload = outbox, .payload_length = 1}) > 0 &&
          mote_mqtt_publish(&session, "t", 1, outbox, 1, MOTE_QOS_1) > 0,
        "goes on using what was copied");
}

/* ---- Null pointers and lengths ---------------------------------------------------------------------------------------------- */

static int is_refused(int32_t status) { return status == MOTE_ERROR_ARGUMENT || status == MOTE_ERROR_TOO_LARGE || status == MOTE_ERROR_TOPIC; }

static mote_mqtt session;

static void fresh_session(void) { need(mote_mqtt_init(&session, sizeof session, &mqtt_options) == MOTE_OK, "a session"); }

/** Makes `session` one that is connected. */
static void connected_session(void) {
  const uint8_t *leaving;
  uint8_t *room;
  mote_mqtt_event event;
  fresh_session();
  need(call_session(0, &session) == MOTE_OK, "CONNECT");
  int32_t count = mote_mqtt_transmission(&session, 0, &leaving);
  need(mote_mqtt_sent(&session, (size_t)count, 0) == MOTE_OK && mote_mqtt_space(&session, &room) >= 4, "CONNECT");
  memcpy(room, "\x20\x02\0\0", 4);
  need(mote_mqtt_received(&session, 4) == MOTE_OK && mote_mqtt_next(&session, 0, &event) == 1, "CONNACK");
}

static void check_session_arguments(void) {
  mote_mqtt_event event;
  uint8_t *bytes;
  const uint8_t *leaving;
  size_t offset;
  connected_session();
  const mote_mqtt_filter no_filter = {NULL, 1, 1}, empty_filter = {"x", 0, 1}, other_service = {"x", 1, 2}, negative_service = {"x", 1, -1};
  struct {
    int32_t found, expected;
    const char *name;
  } calls[] = {
    {mote_mqtt_connect(&session, NULL, 0), MOTE_ERROR_ARGUMENT, "connect: no connection"},
    {mote_mqtt_publish(&session, NULL, 1, bytes = outbox, 1, 0), MOTE_ERROR_ARGUMENT, "publish: no topic"},
    {mote_mqtt_publish(&session, NULL, 0, outbox, 1, 0), MOTE_ERROR_TOPIC, "publish: an empty topic"},
    {mote_mqtt_publish(&session, "t", 1, NULL, 1, 0), MOTE_ERROR_ARGUMENT, "publish: no payload"},
    {mote_mqtt_publish(&session, "t", 1, NULL, 0, 0), MOTE_OK, "publish: an empty payload"},
    {mote_mqtt_publish(&session, "t", 1, NULL, 0, 4), MOTE_ERROR_ARGUMENT, "publish: an unknown flag"},
    {mote_mqtt_publish(&session, "t", 1, NULL, 0, -1), MOTE_ERROR_ARGUMENT, "publish: all flags"},
    {mote_mqtt_publish(&session, "\xff", 1, NULL, 0, 0), MOTE_ERROR_TOPIC, "publish: a topic that is not UTF-8"},
    {mote_mqtt_publish(&session, "a\0b", 3, NULL, 0, 0), MOTE_ERROR_TOPIC, "publish: a topic with U+0000"},
    {mote_mqtt_publish_pieces(&session, NULL, 1, 1, 1), MOTE_ERROR_ARGUMENT, "publish_pieces: no topic"},
    {mote_mqtt_publish_pieces(&session, "t", 0, 1, 1), MOTE_ERROR_TOPIC, "publish_pieces: an empty topic"},
    {mote_mqtt_publish_pieces(&session, "t", 1, 1, 64), MOTE_ERROR_ARGUMENT, "publish_pieces: an unknown flag"},
    {mote_mqtt_wanted(&session, NULL, &offset), MOTE_ERROR_ARGUMENT, "wanted: no bytes"},
    {mote_mqtt_wanted(&session, &bytes, NULL), MOTE_ERROR_ARGUMENT, "wanted: no offset"},
    {mote_mqtt_supplied(&session, 1), MOTE_ERROR_STATE, "supplied: nothing was wanted"},
    {mote_mqtt_subscribe(&session, NULL, 1), MOTE_ERROR_ARGUMENT, "subscribe: no filters"},
    {mote_mqtt_subscribe(&session, &no_filter, 1), MOTE_ERROR_TOPIC, "subscribe: a null filter"},
    {mote_mqtt_subscribe(&session, &empty_filter, 1), MOTE_ERROR_TOPIC, "subscribe: an empty filter"},
    {mote_mqtt_subscribe(&session, &other_service, 1), MOTE_ERROR_ARGUMENT, "subscribe: quality of service 2"},
    {mote_mqtt_subscribe(&session, &negative_service, 1), MOTE_ERROR_ARGUMENT, "subscribe: quality of service -1"},
    {mote_mqtt_subscribe(&session, &empty_filter, 0), MOTE_ERROR_ARGUMENT, "subscribe: to nothing"},
    {mote_mqtt_unsubscribe(&session, NULL, 1), MOTE_ERROR_ARGUMENT, "unsubscribe: no filters"},
    {mote_mqtt_unsubscribe(&session, &no_filter, 1), MOTE_ERROR_TOPIC, "unsubscribe: a null filter"},
    {mote_mqtt_transmission(&session, 0, NULL), MOTE_ERROR_ARGUMENT, "transmission: no bytes"},
    {mote_mqtt_sent(&session, 1, 0), MOTE_ERROR_ARGUMENT, "sent: more than was offered"},
    {mote_mqtt_space(&session, NULL), MOTE_ERROR_ARGUMENT, "space: no bytes"},
    {mote_mqtt_received(&session, sizeof receive_buffer + 1), MOTE_ERROR_ARGUMENT, "received: more than there was room for"},
    {mote_mqtt_next(&session, 0, NULL), MOTE_ERROR_ARGUMENT, "next: no event"},
    {mote_mqtt_hold(&session), MOTE_ERROR_STATE, "hold: no message"},
    {mote_mqtt_accept(&session, 0), MOTE_ERROR_STATE, "accept: token 0"},
    {mote_mqtt_accept(&session, INT32_MIN), MOTE_ERROR_STATE, "accept: a token below zero"},
    {mote_mqtt_accept(&session, INT32_MAX), MOTE_ERROR_STATE, "accept: a token of nothing"},
  };
  for (size_t call = 0; call < sizeof calls / sizeof *calls; call++) check_number(calls[call].found, calls[call].expected, calls[call].name);

  int is_right = 1;
  for (size_t index = 0; index < ABSURD; index++) {
    const size_t length = absurd[index];
    mote_mqtt_filter filter = {"x", length, 1};
    is_right &= is_refused(mote_mqtt_publish(&session, "t", length, NULL, 0, 1));
    is_right &= is_refused(mote_mqtt_publish(&session, "t", 1, outbox, length, 1));
    is_right &= is_refused(mote_mqtt_publish(&session, "t", length, outbox, length, 1));
    is_right &= is_refused(mote_mqtt_publish_pieces(&session, "t", length, 1, 1));
    is_right &= is_refused(mote_mqtt_publish_pieces(&session, "t", 1, length, 1));
    is_right &= is_refused(mote_mqtt_subscribe(&session, &filter, 1));
    is_right &= is_refused(mote_mqtt_subscribe(&session, &filter, length));
    is_right &= is_refused(mote_mqtt_unsubscribe(&session, &filter, 1));
    is_right &= mote_mqtt_sent(&session, length, 0) == MOTE_ERROR_ARGUMENT;
    is_right &= mote_mqtt_received(&session, length) == MOTE_ERROR_ARGUMENT;
    is_right &= mote_mqtt_supplied(&session, length) == MOTE_ERROR_STATE;
    if (!is_right) printf("  length %zu\n", length);
  }
  check(is_right, "a connected session refuses absurd lengths");
  check(mote_mqtt_publish(&session, "t", 1, outbox, 1, MOTE_QOS_1) > 0 && mote_mqtt_transmission(&session, 0, &leaving) > 0 &&
          mote_mqtt_next(&session, 0, &event) == 0,
        "it works on after all of that");
}

static void check_connection_arguments(void) {
  static const mote_mqtt_connection good = {.size = sizeof good, .client_identifier = "x", .client_identifier_length = 1, .user_name = "u",
                                            .user_name_length = 1, .password = (const uint8_t *)"p", .password_length = 1};
  static const mote_mqtt_will good_will = {"w", 1, (const uint8_t *)"p", 1, 1, 1};
  mote_mqtt_connection given[24];
  mote_mqtt_will will[24];
  for (int index = 0; index < 24; index++) {
    given[index] = good;
    will[index] = good_will;
    given[index].will = &will[index];
  }
  given[0].size = 0;
  given[1].size = 7;
  given[2].size = SIZE_MAX;
  given[3].client_identifier = NULL;
  given[4].client_identifier_length = 0;
  given[5].user_name = NULL;
  given[6].clean_session = 2;
  given[7].clean_session = -1;
  given[8].client_identifier = "\xc0\x80";
  given[8].client_identifier_length = 2;
  will[9].topic = NULL;
  will[10].topic_length = 0;
  will[11].payload = NULL;
  will[12].quality_of_service = 2;
  will[13].retain = 2;
  will[14].quality_of_service = -1;
  will[15].retain = INT32_MIN;
  for (int index = 0; index < 16; index++) {
    char name[64];
    snprintf(name, sizeof name, "connect: impossible connection %d", index);
    fresh_session();
    check_number(mote_mqtt_connect(&session, &given[index], 0), MOTE_ERROR_ARGUMENT, name);
  }
  int is_right = 1;
  for (size_t index = 0; index < ABSURD; index++) {
    for (int field = 0; field < 5; field++) {
      mote_mqtt_connection connection = good;
      mote_mqtt_will testament = good_will;
      connection.will = &testament;
      size_t *lengths[] = {&connection.client_identifier_length, &connection.user_name_length, &connection.password_length,
                           &testament.topic_length, &testament.payload_length};
      *lengths[field] = absurd[index];
      fresh_session();
      int32_t result = mote_mqtt_connect(&session, &connection, 0);
      if (!is_refused(result)) printf("  field %d, length %zu: %d\n", field, absurd[index], (int)result);
      is_right &= is_refused(result);
    }
  }
  check(is_right, "connect: absurd lengths");
  fresh_session();
  check_number(mote_mqtt_connect(&session, &given[23], 0), MOTE_OK, "connect: a possible connection");
}

/** A session's options with other sizes, as of other versions. */
static void check_session_options(void) {
  struct {
    mote_mqtt_options options;
    uint8_t later[256];
  } newer = {.options = mqtt_options};
  memset(newer.later, 0xFF, sizeof newer.later);
  newer.options.size = sizeof newer;
  check_number(mote_mqtt_init(&session, sizeof session, &newer.options), MOTE_OK, "init: options of a later version");
  mote_mqtt_options *older = memory_at_edge(offsetof(mote_mqtt_options, window));
  memcpy(older, &mqtt_options, offsetof(mote_mqtt_options, window));
  older->size = offsetof(mote_mqtt_options, window);
  check_number(mote_mqtt_init(&session, sizeof session, older), MOTE_OK, "init: options of an earlier version");
  size_t *least = memory_at_edge(sizeof *least);
  for (size_t size = 0; size <= sizeof *least; size++) {
    *least = size;
    if (mote_mqtt_init(&session, sizeof session, (const mote_mqtt_options *)(const void *)least) != MOTE_ERROR_ARGUMENT) *least = 99;
  }
  check(*least == sizeof *least, "init: options without what is needed");
  static const size_t impossible[] = {SIZE_MAX, SIZE_MAX / 2, 1 << 20};
  int is_right = 1;
  for (size_t index = 0; index < 3; index++) {
    mote_mqtt_options options = mqtt_options;
    options.size = impossible[index];
    is_right &= mote_mqtt_init(&session, sizeof session, &options) == MOTE_ERROR_ARGUMENT;
  }
  check(is_right, "init: options of an impossible size");
  check_number(mote_mqtt_init(NULL, sizeof session, &mqtt_options), MOTE_ERROR_ARGUMENT, "init: no session");
  check_number(mote_mqtt_init(&session, sizeof session, NULL), MOTE_ERROR_ARGUMENT, "init: no options");
  check_number(mote_mqtt_init(&session, 0, &mqtt_options), MOTE_ERROR_SIZE, "init: no storage");
  check_number(mote_mqtt_init(&session, sizeof session / 2, &mqtt_options), MOTE_ERROR_SIZE, "init: too little storage");
  check_number(mote_mqtt_init(memory_at_edge(sizeof session), sizeof session, &mqtt_options), MOTE_OK, "init: storage of exactly its size");
  mote_mqtt_options bad[8];
  for (int index = 0; index < 8; index++) bad[index] = mqtt_options;
  bad[0].receive_buffer = NULL;
  bad[1].outbox = NULL;
  bad[2].receive_capacity = 127;
  bad[3].outbox_capacity = 127;
  bad[4].receive_capacity = SIZE_MAX;
  bad[5].outbox_capacity = SIZE_MAX;
  bad[6].keep_alive_seconds = 65536;
  bad[7].keep_alive_seconds = UINT32_MAX;
  for (int index = 0; index < 8; index++) {
    char name[64];
    snprintf(name, sizeof name, "init: impossible options %d", index);
    check_number(mote_mqtt_init(&session, sizeof session, &bad[index]), MOTE_ERROR_ARGUMENT, name);
  }
  mote_mqtt_options largest = mqtt_options;
  largest.window = largest.response_milliseconds = UINT32_MAX;
  largest.keep_alive_seconds = 65535;
  check_number(mote_mqtt_init(&session, sizeof session, &largest), MOTE_OK, "init: the largest limits");
  check(mote_mqtt_connect(&session, &(mote_mqtt_connection){.size = sizeof(mote_mqtt_connection), .clean_session = 1}, UINT64_MAX) == MOTE_OK &&
          mote_mqtt_deadline(&session) != 0,
        "connect: at the end of time");
}

static void check_client_options(void) {
  static mote_client object;
  mote_client_options good = client_options(0), given[16];
  for (int index = 0; index < 16; index++) given[index] = good;
  given[0].size = 0;
  given[1].size = 8;
  given[2].size = SIZE_MAX;
  given[3].connection_string = NULL;
  given[4].connection_string_length = SIZE_MAX;
  given[5].port = NULL;
  given[6].endpoint = NULL;
  given[7].endpoint_length = SIZE_MAX;
  given[8].endpoint_port = 65536;
  given[9].receives_messages = 2;
  given[10].receives_messages = -1;
  for (int index = 0; index < 11; index++) {
    char name[64];
    snprintf(name, sizeof name, "client: impossible options %d", index);
    check_number(mote_client_init(&object, sizeof object, &given[index]), MOTE_ERROR_ARGUMENT, name);
  }
  given[11].tls = NULL;
  check_number(mote_client_init(&object, sizeof object, &given[11]), MOTE_ERROR_NO_TLS, "client: no TLS");
  check(mote_client_init(&object, sizeof object, &(mote_client_options){.size = sizeof(mote_client_options), .port = &port, .tls = &tls}) < 0,
        "client: no connection string");
  check_number(mote_client_init(NULL, sizeof object, &good), MOTE_ERROR_ARGUMENT, "client: null");
  check_number(mote_client_init(&object, sizeof object, NULL), MOTE_ERROR_ARGUMENT, "client: no options");
  check_number(mote_client_init(&object, 0, &good), MOTE_ERROR_SIZE, "client: no storage");
  check_number(mote_client_init(&object, sizeof object / 2, &good), MOTE_ERROR_SIZE, "client: too little storage");
  struct {
    mote_client_options options;
    uint8_t later[64];
  } newer = {.options = good};
  memset(newer.later, 0xFF, sizeof newer.later);
  newer.options.size = sizeof newer;
  check_number(mote_client_init(&object, sizeof object, &newer.options), MOTE_OK, "client: options of a later version");

  memset(&object, 0, sizeof object);
  check_number(mote_client_init(&object, sizeof object, &good), MOTE_OK, "client: good options");
  mote_event event;
  mote_telemetry telemetry = {.size = sizeof telemetry, .payload = outbox, .payload_length = 1};
  check_number(mote_connect(&object, 0), MOTE_ERROR_MQTT_NOT_USED, "connect: before mote_use_mqtt");
  check_number(mote_send(&object, &telemetry), MOTE_ERROR_MQTT_NOT_USED, "send: before mote_use_mqtt");
  check(mote_disconnect(&object, 0) < 0, "disconnect: before mote_use_mqtt");
  check_number(mote_poll(&object, 0, &event), 0, "poll: before mote_use_mqtt");
  check_number(mote_hold(&object), MOTE_ERROR_STATE, "hold: before mote_use_mqtt");
  check_number(mote_accept(&object, 1), MOTE_ERROR_STATE, "accept: before mote_use_mqtt");
  check_number(mote_use_mqtt(&object, NULL), MOTE_ERROR_ARGUMENT, "use_mqtt: no options");
  check_number(mote_get_twin(&object), MOTE_ERROR_STATE, "get_twin: without a twin");
  check_number(mote_report(&object, outbox, 2), MOTE_ERROR_STATE, "report: without a twin");
  check_number(mote_respond(&object, 1, 200, outbox, 2), MOTE_ERROR_STATE, "respond: without methods");
  static mote_twin twin;
  static mote_methods methods;
  static mote_call calls[1];
  check_number(mote_use_twin(&object, &twin, sizeof twin, NULL), MOTE_OK, "use_twin: before mote_use_mqtt");
  check_number(mote_use_methods(&object, &methods, sizeof methods, calls, 1), MOTE_OK, "use_methods: before mote_use_mqtt");
  check_number(mote_report(&object, outbox, 2), MOTE_ERROR_TOO_LARGE, "report: before mote_use_mqtt");
  for (size_t index = 0; index < ABSURD; index++) {
    mote_twin_options absurd_options = {.size = absurd[index]};
    check(mote_report(&object, outbox, absurd[index]) < 0, "report: an absurd length");
    check(mote_respond(&object, 1, 200, outbox, absurd[index]) < 0, "respond: an absurd length");
    check(mote_use_methods(&object, &methods, sizeof methods, calls, absurd[index]) < 0, "use_methods: an absurd number");
    check_number(mote_use_twin(&object, &twin, sizeof twin, &absurd_options), MOTE_ERROR_ARGUMENT, "use_twin: absurd options");
  }
  check_number(mote_use_mqtt(&object, &mqtt_options), MOTE_OK, "use_mqtt: good options");

  mote_property nameless = {NULL, 1, NULL, 0}, empty = {"x", 0, NULL, 0};
  check_number(mote_poll(&object, 0, NULL), MOTE_ERROR_ARGUMENT, "poll: no event");
  check_number(mote_send(&object, NULL), MOTE_ERROR_ARGUMENT, "send: nothing");
  check_number(mote_client_last_error(&object, NULL), MOTE_ERROR_ARGUMENT, "last_error: nowhere to tell");
  mote_telemetry bad[16];
  for (int index = 0; index < 16; index++) bad[index] = telemetry;
  bad[0].size = 0;
  bad[1].size = SIZE_MAX;
  bad[2].payload = NULL;
  bad[3].at_most_once = 2;
  bad[4].at_most_once = 1;
  bad[4].source = source;
  bad[5].property_count = 1;
  bad[6].property_count = SIZE_MAX;
  bad[6].properties = &empty;
  bad[7].properties = &nameless;
  bad[7].property_count = 1;
  for (int index = 0; index < 8; index++) {
    char name[64];
    snprintf(name, sizeof name, "send: impossible telemetry %d", index);
    check_number(mote_send(&object, &bad[index]), MOTE_ERROR_ARGUMENT, name);
  }
  bad[8].properties = &empty;
  bad[8].property_count = 1;
  check_number(mote_send(&object, &bad[8]), MOTE_ERROR_PROPERTY, "send: a property without a name");
  int is_right = 1;
  for (size_t index = 0; index < ABSURD; index++) {
    mote_property long_name = {"x", absurd[index], NULL, 0}, long_value = {"x", 1, "y", absurd[index]};
    mote_telemetry many[4] = {telemetry, telemetry, telemetry, telemetry};
    many[0].payload_length = absurd[index];
    many[1].payload_length = absurd[index];
    many[1].source = source;
    many[2].properties = &long_name;
    many[2].property_count = 1;
    many[3].properties = &long_value;
    many[3].property_count = 1;
    for (int call = 0; call < 4; call++) {
      int32_t result = mote_send(&object, &many[call]);
      if (!is_refused(result)) printf("  telemetry %d, length %zu: %d\n", call, absurd[index], (int)result);
      is_right &= is_refused(result);
    }
  }
  check(is_right, "send: absurd lengths");
  check(mote_send(&object, &telemetry) > 0, "send: works after all of that");
}

static void check_property_arguments(void) {
  uint8_t buffer[8];
  mote_property property;
  size_t position = 0;
  const uint8_t *bag = (const uint8_t *)"name=value";
  check_number(mote_next_property(NULL, 1, &position, buffer, sizeof buffer, &property), MOTE_ERROR_ARGUMENT, "next_property: no bag");
  check_number(mote_next_property(NULL, 0, &position, buffer, sizeof buffer, &property), 0, "next_property: an empty bag");
  check_number(mote_next_property(bag, 10, NULL, buffer, sizeof buffer, &property), MOTE_ERROR_ARGUMENT, "next_property: no position");
  check_number(mote_next_property(bag, 10, &position, NULL, 8, &property), MOTE_ERROR_ARGUMENT, "next_property: no buffer");
  check_number(mote_next_property(bag, 10, &position, buffer, sizeof buffer, NULL), MOTE_ERROR_ARGUMENT, "next_property: no property");
  check_number(mote_next_property(bag, SIZE_MAX, &position, buffer, sizeof buffer, &property), MOTE_ERROR_ARGUMENT,
               "next_property: an impossible bag");
  check_number(mote_next_property(bag, 10, &position, buffer, SIZE_MAX, &property), MOTE_ERROR_ARGUMENT, "next_property: an impossible buffer");
  int is_right = 1;
  for (size_t index = 0; index < ABSURD; index++) {
    position = absurd[index];
    is_right &= mote_next_property(bag, 10, &position, buffer, sizeof buffer, &property) <= 0;
  }
  check(is_right, "next_property: a position beyond the bag");
  position = 0;
  check_number(mote_next_property(bag, 10, &position, buffer, sizeof buffer, &property), MOTE_ERROR_BUFFER_TOO_SMALL,
               "next_property: too small a buffer");
  check_number(mote_next_property(bag, 10, &position, buffer, sizeof buffer, &property), 0, "next_property: then the next");
  position = 0;
  check_number(mote_next_property(bag, 10, &position, NULL, 0, &property), MOTE_ERROR_BUFFER_TOO_SMALL, "next_property: an empty buffer");
  is_right = 1;
  for (int64_t status = INT32_MIN; status <= INT32_MAX; status += 65521) is_right &= mote_status_text((mote_status)status)[0] != '\0';
  for (int32_t status = -300; status < 300; status++) is_right &= mote_status_text(status)[0] != '\0';
  check(is_right, "status_text: has one for any number");
}

int main(void) {
  mote_tls_options trust = {.size = sizeof trust, .roots_file = "ca.pem"};
  need(mote_tls_init(&tls, sizeof tls, &trust) == MOTE_OK, "TLS");
  mote_linux_init(&network);
  below = mote_port_linux(&network);

  struct broker broker;
  broker_start(&broker, "hub", OVER_TLS FOR_ALL);
  check_reentrancy(&broker);
  broker_end(&broker, SIGTERM);
  mote_tls_deinit(&tls);
  need(mote_tls_init(&tls, sizeof tls, &trust) == MOTE_OK, "TLS");
  check_objects();
  check_session_arguments();
  check_connection_arguments();
  check_session_options();
  check_client_options();
  check_property_arguments();
  mote_tls_deinit(&tls);
  return checks_end();
}
