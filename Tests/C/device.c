#include "device.h"

#include "peers.h"

#include <string.h>

/** Whether the port leads to a proxy. */
static int has_proxy(const struct device *device) {
  int32_t kind = device->hub->front.kind;
  return kind == FRONT_HTTP || kind == FRONT_SOCKS5;
}

/* ---- The port --------------------------------------------------------------------------------------------------- */

static int32_t port_resolve(void *context, const char *name, size_t length) {
  struct device *device = context;
  const char *expected = has_proxy(device) ? PROXY_NAME : HUB_NAME;
  need(length == strlen(expected) && memcmp(name, expected, length) == 0, "the hub's name");
  if (device->asked != 'r') device->resolve_count++;
  device->asked = device->resolves == 0 ? 'r' : 0;
  return device->resolves;
}

static int32_t port_connect(void *context, int32_t index, uint16_t port_number) {
  struct device *device = context;
  int expected = has_proxy(device) ? PROXY_PORT : device->hub->front.kind == FRONT_WEBSOCKET ? 443 : 8883;
  need(index == 0 && port_number == expected && device->connection == NULL, "one connection to the one address");
  if (device->asked != 'c') {
    device->attempts++;
    device->attempt_at = now;
  }
  device->asked = device->connects == 0 ? 'c' : 0;
  if (device->connects <= 0) return device->connects;
  device->connection = hub_accept(device->hub);
  return device->connection != NULL ? 1 : MOTE_ERROR_REFUSED;
}

static int32_t port_send(void *context, const uint8_t *bytes, size_t length) {
  struct device *device = context;
  return device->connection != NULL ? line_send(&device->connection->line, DEVICE_END, bytes, length) : MOTE_ERROR_CLOSED;
}

static int32_t port_receive(void *context, uint8_t *bytes, size_t capacity) {
  struct device *device = context;
  return device->connection != NULL ? line_receive(&device->connection->line, DEVICE_END, bytes, capacity) : MOTE_ERROR_CLOSED;
}

static void port_close(void *context) {
  struct device *device = context;
  device->closes++;
  device->asked = 0;
  if (device->connection == NULL) return;
  line_close(&device->connection->line, DEVICE_END, MOTE_ERROR_CLOSED);
  device->connection = NULL;
}

static int32_t port_entropy(void *context, uint8_t *bytes, size_t length) {
  struct device *device = context;
  if (device->entropy_status != MOTE_OK) return device->entropy_status;
  for (size_t index = 0; index < length; index++) bytes[index] = (uint8_t)(next_random(&device->random) >> 56);
  return MOTE_OK;
}

static int64_t port_wall_seconds(void *context) {
  struct device *device = context;
  return device->is_clock_lost ? 0 : true_seconds() + device->clock_shift;
}

/* ---- The client ------------------------------------------------------------------------------------------------- */

void device_start(struct device *device, struct hub *hub, const char *identity, const mote_client_options *options,
                  const mote_mqtt_options *mqtt, uint64_t seed) {
  mote_tls_options trust = {.size = sizeof trust, .roots_file = "ca.pem"};
  mote_client_options given = options != NULL ? *options : (mote_client_options){.receives_messages = 1};
  mote_mqtt_options memory = mqtt != NULL ? *mqtt : (mote_mqtt_options){0};
  memset(device, 0, sizeof *device);
  device->hub = hub;
  device->resolves = device->connects = 1;
  device->random = seed;
  device->deadline = UINT64_MAX;
  device->port = (mote_port){device,     port_resolve, port_connect, port_send,
                             port_receive, port_close, port_entropy, port_wall_seconds};
  need(mote_tls_init(&device->tls, sizeof device->tls, &trust) == MOTE_OK, "TLS");
  given.size = sizeof given;
  given.connection_string = identity;
  given.connection_string_length = strlen(identity);
  given.port = &device->port;
  if (has_proxy(device)) {
    int32_t kind = hub->front.kind == FRONT_HTTP ? MOTE_PROXY_HTTP : MOTE_PROXY_SOCKS5;
    mote_proxy_options way = {.size = sizeof way, .port = &device->port, .host = PROXY_NAME, .host_length = strlen(PROXY_NAME),
                              .port_number = PROXY_PORT, .kind = kind, .user = "who", .user_length = 3, .password = "why", .password_length = 3};
    need(mote_proxy_init(&device->proxy, sizeof device->proxy, &way) == MOTE_OK, "a way by a proxy");
    given.port = mote_proxy_port(&device->proxy);
  }
  given.tls = &device->tls;
  memory.size = sizeof memory;
  memory.receive_buffer = device->receive_buffer;
  memory.receive_capacity = sizeof device->receive_buffer;
  memory.outbox = device->outbox;
  memory.outbox_capacity = sizeof device->outbox;
  need(mote_client_init(&device->client, sizeof device->client, &given) == MOTE_OK, "a client");
  mote_status status = hub->front.kind != FRONT_WEBSOCKET
                           ? mote_use_mqtt(&device->client, &memory)
                           : mote_use_mqtt_websocket(&device->client, &memory, &device->websocket, sizeof device->websocket);
  need(status == MOTE_OK, "its session");
}

void device_end(struct device *device) {
  mote_tls_deinit(&device->tls);
  port_close(device);
}

void device_connect(struct device *device) {
  need(mote_connect(&device->client, now) == MOTE_OK, "mote_connect");
  if (!device->is_connected && device->last_end.deadline == UINT64_MAX) device->gap_start = now;
  if (device->told_count == 0) device->gap_start = now;
  device->is_touched = 1;
}

mote_status device_disconnect(struct device *device) {
  device->is_touched = 1;
  return mote_disconnect(&device->client, now);
}

/** A message of ours is in the outbox. */
static int32_t note_token(struct device *device, int32_t token) {
  device->next_number++;
  device->token_faults += device->is_outstanding[token];
  device->is_outstanding[token] = 1;
  device->outstanding++;
  return token;
}

/** A source that now and then has nothing yet, and gives little at a time. */
static int32_t give_piece(void *context, size_t offset, uint8_t *bytes, size_t capacity) {
  struct device *device = context;
  size_t count = random_below(&device->random, 3) == 0 ? 0 : 1 + random_below(&device->random, capacity);
  fill_payload(device->source_number, offset, bytes, count);
  return (int32_t)count;
}

int32_t device_send(struct device *device, size_t length, int32_t at_most_once) {
  uint8_t payload[2048] = {0};
  mote_telemetry telemetry = {.size = sizeof telemetry, .payload = payload, .payload_length = length, .at_most_once = at_most_once};
  fill_payload(device->next_number, 0, payload, length);
  device->is_touched = 1;
  int32_t token = mote_send(&device->client, &telemetry);
  return token > 0 ? note_token(device, token) : token;
}

int32_t device_send_source(struct device *device, size_t length) {
  mote_telemetry telemetry = {.size = sizeof telemetry, .payload_length = length, .source = give_piece, .source_context = device};
  uint32_t number = device->next_number;
  int32_t token = mote_send(&device->client, &telemetry);
  device->is_touched = 1;
  if (token <= 0) return token;
  device->source_number = number;
  return note_token(device, token);
}

const struct told *device_told(const struct device *device, size_t back) {
  static const struct told nothing;
  return device->told_count > back ? &device->told[(device->told_count - 1 - back) % TOLD] : &nothing;
}

int device_counts_right(struct device *device) {
  mote_statistics found = {.size = sizeof found};
  need(mote_client_statistics(&device->client, &found) == MOTE_OK, "statistics");
  return found.connects == device->counted.connects && found.sent == device->counted.sent &&
         found.received == device->counted.received && found.dropped == 0 &&
         memcmp(found.failures, device->counted.failures, sizeof found.failures) == 0 &&
         found.longest_gap_milliseconds == device->counted.longest_gap_milliseconds;
}

/* ---- What it tells ---------------------------------------------------------------------------------------------- */

static void note_message(struct device *device, const mote_event *event) {
  if (event->offset + event->payload_length != event->total) return;
  device->counted.received++;
  if (device->incoming == NULL || event->payload_length < 4) return;
  const uint8_t *bytes = event->payload;
  uint32_t number = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
  if (device->incoming[number % NUMBERS]++ > 0) {
    device->incoming_repeated++;
    return;
  }
  device->incoming_first++;
  if (number != device->incoming_next) device->incoming_disordered++;
  device->incoming_next = number + 1;
}

static void note(struct device *device, const mote_event *event) {
  if (device->hear != NULL) device->hear(device, event);
  if (event->kind == MOTE_EVENT_CONNECTED) {
    uint64_t gap = now - device->gap_start;
    if (gap > device->counted.longest_gap_milliseconds) device->counted.longest_gap_milliseconds = gap;
    device->counted.connects++;
    device->is_connected = 1;
  } else if (event->kind == MOTE_EVENT_DISCONNECTED) {
    if (device->is_connected) device->gap_start = now;
    if (event->status < 0 && event->status != MOTE_ERROR_TOKEN_EXPIRES) device->counted.failures[event->step]++;
    device->is_connected = 0;
  } else if (event->kind == MOTE_EVENT_SENT || event->kind == MOTE_EVENT_FAILED) {
    if (event->kind == MOTE_EVENT_SENT) device->counted.sent++;
    else device->failed_messages++;
    if (!device->is_outstanding[event->token]) device->token_faults++;
    else device->outstanding--;
    device->is_outstanding[event->token] = 0;
    return;
  } else if (event->kind == MOTE_EVENT_MESSAGE) {
    note_message(device, event);
    return;
  }
  struct told *told = &device->told[device->told_count++ % TOLD];
  *told = (struct told){now, event->deadline, event->kind, event->status, event->step, event->session_present};
  if (event->kind == MOTE_EVENT_DISCONNECTED) device->last_end = *told;
}

static int is_due(const struct device *device) {
  if (device->is_touched || now >= device->deadline) return 1;
  if (device->asked == 'r') return device->resolves != 0;
  if (device->asked == 'c') return device->connects != 0;
  if (device->connection == NULL) return 0;
  const struct line *line = &device->connection->line;
  return ((device->wait & MOTE_WAIT_READ) && line_is_readable(line, DEVICE_END)) ||
         ((device->wait & MOTE_WAIT_WRITE) && line_is_writable(line, DEVICE_END));
}

int device_run(struct device *device) {
  mote_event event;
  int polls = 0;
  while (is_due(device)) {
    need(polls++ < 10000, "a client that does not spin");
    int32_t result = mote_poll(&device->client, now, &event);
    need(result >= 0, "mote_poll");
    device->is_touched = result > 0;
    if (result > 0) {
      note(device, &event);
    } else {
      device->wait = event.wait;
      device->deadline = event.deadline;
    }
  }
  return polls > 0;
}

uint64_t device_next(const struct device *device) {
  uint64_t next = device->deadline;
  uint64_t arrival = device->connection != NULL ? line_next(&device->connection->line, DEVICE_END) : UINT64_MAX;
  return arrival < next ? arrival : next;
}

/* ---- Time ------------------------------------------------------------------------------------------------------- */

/** One round of everybody. Whether anything was done. */
static int run_once(struct world *world) {
  int was_done = world->hub != NULL && hub_run(world->hub);
  for (size_t index = 0; index < world->count; index++) was_done |= device_run(world->devices[index]);
  return was_done;
}

void settle(struct world *world) {
  for (int rounds = 0; run_once(world); rounds++) need(rounds < 10000, "a world that comes to rest");
}

/** The next time that anything happens, at most `end`. */
static uint64_t next_time(const struct world *world, uint64_t end) {
  uint64_t next = world->hub != NULL ? hub_next(world->hub) : UINT64_MAX;
  for (size_t index = 0; index < world->count; index++) {
    uint64_t time = device_next(world->devices[index]);
    if (time < next) next = time;
  }
  if (next <= now) next = now + 1;
  return next < end ? next : end;
}

void run_until(struct world *world, uint64_t end) {
  settle(world);
  while (now < end) {
    now = next_time(world, end);
    settle(world);
  }
}

const struct told *run_until_told(struct world *world, struct device *device, uint64_t end) {
  size_t count = device->told_count;
  for (;;) {
    for (int rounds = 0; run_once(world) && device->told_count == count; rounds++) need(rounds < 10000, "a world that comes to rest");
    if (device->told_count != count) return device_told(device, 0);
    if (now >= end) return NULL;
    now = next_time(world, end);
  }
}

int run_until_connected(struct world *world, struct device *device, uint64_t end) {
  while (!device->is_connected && run_until_told(world, device, end) != NULL) continue;
  settle(world);
  return device->is_connected;
}

const struct told *run_until_ended(struct world *world, struct device *device, uint64_t end) {
  const struct told *told;
  while ((told = run_until_told(world, device, end)) != NULL && told->kind != MOTE_EVENT_DISCONNECTED) continue;
  return told;
}
