/*
 * The way to the hub by a proxy and over a WebSocket, on a virtual clock: cut at every byte, silent, refused. Run by ways.sh in a
 * folder of certificates.
 */
#include "device.h"
#include "peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct hub hub;
static struct device device;
static struct world world = {&hub, {&device}, 1};
/** What stands in front of the hub now. */
static const struct way {
  const char *name;
  int32_t kind, step;
  int32_t cut_status; /**< What it is to close within an answer. */
} *way;
/** Every how many bytes a cut is made. */
static size_t stride = 1;

static void begin(void) {
  static uint64_t seed;
  now += 12345 + random_below(&hub.random, 10 * MINUTE);
  hub_reset(&hub);
  hub.front.kind = way->kind;
  device_start(&device, &hub, IDENTITY, NULL, NULL, ++seed);
}

static void told(int is_right, const char *what) {
  char text[160];
  snprintf(text, sizeof text, "%s: %s", way->name, what);
  check(is_right, text);
}

/** Whether no connection is left on either side. */
static int is_quiet(void) {
  for (size_t index = 0; index < HUB_CONNECTIONS; index++) {
    if (hub.connections[index].is_used) return 0;
  }
  return device.connection == NULL;
}

static void finish(const char *what) {
  char text[160];
  snprintf(text, sizeof text, "%s, counted right, and as the protocols say", what);
  told(device_counts_right(&device) && device.token_faults == 0 && hub.violations == 0, text);
  device_end(&device);
}

/** Whether an end is `status`, with another attempt after half of `limit` to all of it. */
static int is_end(const struct told *end, int32_t step, int32_t status, uint64_t limit) {
  if (end == NULL) return printf("  nothing ended\n"), 0;
  uint64_t wait = end->deadline - end->at;
  settle(&world);
  if (end->step == step && end->status == status && wait >= limit / 2 && wait <= limit && is_quiet()) return 1;
  printf("  ended in step %d with %d; waits for %llu ms\n", (int)end->step, (int)end->status, (unsigned long long)wait);
  return 0;
}

static int ends(int32_t step, int32_t status, uint64_t limit) {
  return is_end(run_until_ended(&world, &device, now + HOUR), step, status, limit);
}

static uint64_t doubled(uint64_t limit) { return 2 * limit < MINUTE ? 2 * limit : MINUTE; }

/** A connection that works both ways, and is left. */
static int works(void) {
  uint32_t first = hub.first_arrivals, confirmed = hub.confirmed;
  if (!run_until_connected(&world, &device, now + HOUR)) return 0;
  need(device_send(&device, 700, 0) > 0 && device_send(&device, 5, 0) > 0 && device_send_source(&device, 3000) > 0, "room for messages");
  need(hub_say(&hub, "d", 1) && hub_say(&hub, "d", 2), "room for messages from the cloud");
  run_until(&world, now + MINUTE);
  return device.is_connected && hub.first_arrivals == first + 3 && device.outstanding == 0 && hub.confirmed == confirmed + 2;
}

static void check_works(void) {
  begin();
  hub.milliseconds = 40;
  device_connect(&device);
  int is_right = works();
  /* Nothing happens for an hour but keep-alive. */
  run_until(&world, now + HOUR / 2);
  is_right &= device.is_connected && device.attempts == 1;
  device_disconnect(&device);
  run_until(&world, now + MINUTE);
  told(is_right && !device.is_connected && hub.disconnects == 1 && is_quiet(), "messages go and come, an idle connection lasts, and it is left");
  finish("a connection");
}

/** All that is said first is cut at every byte, and the connection ends so; then a whole one works. */
static void check_cuts(int32_t ending, const char *name) {
  begin();
  hub.front.is_cut = 1;
  hub.front.ending = ending;
  device_connect(&device);
  int is_right = 1;
  uint32_t cuts = 0;
  uint64_t limit = SECOND;
  int32_t status = ending == MOTE_ERROR_CLOSED ? way->cut_status : ending != 0 ? ending : MOTE_ERROR_TIMED_OUT;
  const struct told *end;
  /* Until the cut is behind all of it. */
  while ((end = run_until_told(&world, &device, now + HOUR)) != NULL && end->kind == MOTE_EVENT_DISCONNECTED) {
    is_right &= is_end(end, way->step, status, limit);
    limit = doubled(limit);
    hub.front.cut += stride;
    cuts++;
  }
  told(is_right && device.is_connected && cuts == (hub.front.said + stride - 1) / stride && device.attempts == cuts + 1, name);
  hub.front.is_cut = 0;
  told(works(), "the connection that is whole works");
  finish(name);
}

/** Nothing is answered: it is waited for so long, and not longer, every time. */
static void check_silence(void) {
  begin();
  hub.front.withholds = 1;
  device_connect(&device);
  int is_right = 1;
  uint64_t limit = SECOND;
  for (int attempt = 0; attempt < 8; attempt++) {
    is_right &= ends(way->step, MOTE_ERROR_TIMED_OUT, limit);
    is_right &= device.last_end.at - device.attempt_at <= MINUTE;
    limit = doubled(limit);
  }
  told(is_right && device.attempts == 8, "who does not answer is given up within a minute, and asked again later and later");
  hub.front.withholds = 0;
  told(works(), "who answers again is found");
  finish("silence");
}

/** What is refused with `reply`, told as `status`, is asked for again within `limit`, which doubles unless it is a long one. */
static void check_refused(int32_t reply, int32_t status, uint64_t limit) {
  char name[96];
  mote_error error;
  begin();
  hub.front.status = reply;
  device_connect(&device);
  int is_right = 1;
  for (int attempt = 0; attempt < 8; attempt++) {
    is_right &= ends(way->step, status, limit);
    if (limit < 10 * MINUTE) limit = doubled(limit);
    need(mote_client_last_error(&device.client, &error) == MOTE_OK, "the last error");
    is_right &= way->kind != FRONT_WEBSOCKET || error.library_code == reply;
  }
  snprintf(name, sizeof name, "a refusal with %d is told, and waited after", (int)reply);
  told(is_right && device.attempts == 8 && hub.greeting_count == 0, name);
  hub.front.status = 0;
  told(works(), "it connects when it is let");
  finish(name);
}

/** A connection that is open is cut within a message: the message comes again, whole. */
static void check_cut_message(void) {
  begin();
  device_connect(&device);
  int is_right = run_until_connected(&world, &device, now + MINUTE);
  static uint16_t incoming[NUMBERS];
  memset(incoming, 0, sizeof incoming);
  device.incoming = incoming;
  /* It has 41 bytes. */
  for (size_t cut = 1; cut < 41; cut += stride) {
    hub.cuts_packet = cut;
    need(hub_say(&hub, "d", (uint32_t)cut), "room for a message from the cloud");
    is_right &= run_until_ended(&world, &device, now + MINUTE) != NULL;
    is_right &= run_until_connected(&world, &device, now + HOUR);
    run_until(&world, now + 2 * MINUTE);
    is_right &= incoming[cut] == 1;
  }
  told(is_right && device.incoming_repeated == 0, "a message that is cut comes again, and is told once");
  finish("a message that is cut");
}

int main(void) {
  static const struct way ways[] = {
      {"a proxy of HTTP", FRONT_HTTP, MOTE_STEP_CONNECT, MOTE_ERROR_PROXY_ANSWER},
      {"a proxy of SOCKS5", FRONT_SOCKS5, MOTE_STEP_CONNECT, MOTE_ERROR_PROXY_ANSWER},
      {"a WebSocket", FRONT_WEBSOCKET, MOTE_STEP_HANDSHAKE, MOTE_ERROR_CLOSED},
  };
  const char *steps = getenv("MOTE_STEPS");
  if (steps != NULL && atoi(steps) > 0) stride = (size_t)atoi(steps);
  hub_start(&hub, 1);
  for (size_t index = 0; index < sizeof ways / sizeof *ways; index++) {
    way = &ways[index];
    check_works();
    check_cuts(MOTE_ERROR_CLOSED, "closed at every byte of what is said first");
    check_cuts(MOTE_ERROR_RESET, "reset at every byte of what is said first");
    check_cuts(0, "silent from every byte of what is said first on");
    check_silence();
    check_cut_message();
  }
  way = &ways[0];
  check_refused(403, MOTE_ERROR_PROXY_FORBIDDEN, 10 * MINUTE);
  check_refused(407, MOTE_ERROR_PROXY_CREDENTIALS, 10 * MINUTE);
  check_refused(502, MOTE_ERROR_PROXY_UNREACHABLE, SECOND);
  check_refused(404, MOTE_ERROR_PROXY_REFUSED, SECOND);
  way = &ways[1];
  check_refused(2, MOTE_ERROR_PROXY_FORBIDDEN, 10 * MINUTE);
  check_refused(255, MOTE_ERROR_PROXY_CREDENTIALS, 10 * MINUTE);
  check_refused(5, MOTE_ERROR_PROXY_UNREACHABLE, SECOND);
  check_refused(1, MOTE_ERROR_PROXY_REFUSED, SECOND);
  way = &ways[2];
  check_refused(401, MOTE_ERROR_WEBSOCKET_REFUSED, SECOND);
  check_refused(403, MOTE_ERROR_WEBSOCKET_REFUSED, SECOND);
  check_refused(503, MOTE_ERROR_WEBSOCKET_REFUSED, SECOND);
  hub_end(&hub);
  return checks_end();
}
