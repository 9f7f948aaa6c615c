/*
 * Attempts that fail, each in its step, and how long the client waits after each.
 */
#include "life.h"

#include <stdio.h>

static void stop_names(void) { device.resolves = MOTE_ERROR_NAME_NOT_FOUND; }
static void silence_names(void) { device.resolves = 0; }
static void stop_tcp(void) { hub.is_stopped = 1; }
static void silence_tcp(void) { device.connects = 0; }
static void lose_route(void) { device.connects = MOTE_ERROR_UNREACHABLE; }
static void lose_entropy(void) { device.entropy_status = MOTE_ERROR_NO_ENTROPY; }
static void silence_tls(void) { hub.withholds_handshake = 1; }
static void silence_mqtt(void) { hub.withholds_connack = 1; }
static void refuse_mqtt(void) { hub.connack = 3; }
static void cut_mqtt(void) { hub.cuts_packet = 2; }

static const struct {
  const char *name;
  void (*fail)(void);
  int32_t step, status;
  uint64_t patience; /**< How long an attempt takes. */
  int attempts;
} failures[] = {
  {"a name that does not exist", stop_names, MOTE_STEP_RESOLVE, MOTE_ERROR_NAME_NOT_FOUND, 0, 9},
  {"no answer from name servers", silence_names, MOTE_STEP_RESOLVE, MOTE_ERROR_TIMED_OUT, 15 * SECOND, 9},
  {"TCP refused", stop_tcp, MOTE_STEP_CONNECT, MOTE_ERROR_REFUSED, 0, 9},
  {"no route", lose_route, MOTE_STEP_CONNECT, MOTE_ERROR_UNREACHABLE, 0, 9},
  {"no answer to TCP", silence_tcp, MOTE_STEP_CONNECT, MOTE_ERROR_TIMED_OUT, 10 * SECOND, 9},
  {"no entropy", lose_entropy, MOTE_STEP_HANDSHAKE, MOTE_ERROR_NO_ENTROPY, 0, 9},
  {"no answer in TLS", silence_tls, MOTE_STEP_HANDSHAKE, MOTE_ERROR_TIMED_OUT, 30 * SECOND, 9},
  {"no CONNACK", silence_mqtt, MOTE_STEP_GREETING, MOTE_ERROR_TIMED_OUT, 30 * SECOND, 3},
  {"CONNACK 3", refuse_mqtt, MOTE_STEP_GREETING, MOTE_ERROR_REFUSED_UNAVAILABLE, 0, 3},
  {"half of a CONNACK", cut_mqtt, MOTE_STEP_GREETING, MOTE_ERROR_RESET, 0, 3},
};

static void restore(void) {
  device.resolves = device.connects = 1;
  device.entropy_status = MOTE_OK;
  hub.is_stopped = hub.withholds_handshake = hub.withholds_connack = hub.connack = 0;
  hub.cuts_packet = 0;
}

static void check_failure(size_t index) {
  char name[128];
  uint64_t limit = SECOND, due = now;
  int is_right = 1;
  begin(NULL, NULL);
  due = now;
  device_connect(&device);
  int attempts = is_quick && failures[index].step == MOTE_STEP_GREETING ? 1 : failures[index].attempts;
  for (int attempt = 0; attempt < attempts; attempt++) {
    failures[index].fail();
    const struct told *told = run_until_ended(&world, &device, now + 10 * MINUTE);
    is_right &= is_end(told, failures[index].step, failures[index].status, limit);
    is_right &= told != NULL && told->at == due + failures[index].patience;
    is_right &= device.resolve_count == (uint32_t)attempt + 1 && device.connection == NULL;
    due = device.last_end.deadline;
    limit = limit < 32 * SECOND ? limit * 2 : MINUTE;
  }
  snprintf(name, sizeof name, "%s: told, and tried again between half and all of 1, 2, 4 ... 60 s", failures[index].name);
  check(is_right, name);
  restore();
  is_right = run_until_connected(&world, &device, due) && now == due;
  snprintf(name, sizeof name, "%s: connects when that is over, at the time it said", failures[index].name);
  check(is_right, name);
  finish(failures[index].name);
}

static void check_no_time(void) {
  uint64_t limit = SECOND;
  int is_right = 1;
  begin(NULL, NULL);
  device.is_clock_lost = 1;
  device_connect(&device);
  for (int attempt = 0; attempt < 9; attempt++) {
    is_right &= is_end(run_until_ended(&world, &device, now + MINUTE), MOTE_STEP_WAIT, MOTE_ERROR_NO_TIME, limit);
    limit = limit < 32 * SECOND ? limit * 2 : MINUTE;
  }
  check(is_right && device.resolve_count == 0, "without time nothing is asked of the network, and that is told");
  device.is_clock_lost = 0;
  device.clock_shift = MOTE_EARLIEST_SECONDS - 1 - true_seconds() - 60;
  is_right = is_end(run_until_ended(&world, &device, now + MINUTE), MOTE_STEP_WAIT, MOTE_ERROR_NO_TIME, MINUTE);
  check(is_right, "nor with a clock before the first day of this version");
  device.clock_shift = 0;
  check(run_until_connected(&world, &device, device.last_end.deadline), "it connects once time is known");
  check_number(hub.greetings[0].expiry, true_seconds() + 3600, "with a token that lasts for an hour");
  finish("no time");
}

/** A connection that was kept for a while begins the doubling anew. */
static void check_stable(void) {
  begin(NULL, NULL);
  hub.is_stopped = 1;
  device_connect(&device);
  run_until(&world, now + 10 * MINUTE);
  hub.is_stopped = 0;
  need(run_until_connected(&world, &device, now + MINUTE), "a connection");
  run_until(&world, device_told(&device, 0)->at + 59 * SECOND);
  hub_close(&hub, NULL, MOTE_ERROR_RESET);
  check(is_end(run_until_ended(&world, &device, now), MOTE_STEP_WORK, MOTE_ERROR_RESET, MINUTE),
        "after 59 s the waits go on where they were");
  need(run_until_connected(&world, &device, now + MINUTE), "a connection");
  run_until(&world, device_told(&device, 0)->at + 2 * MINUTE);
  hub_close(&hub, NULL, MOTE_ERROR_RESET);
  check(is_end(run_until_ended(&world, &device, now), MOTE_STEP_WORK, MOTE_ERROR_RESET, SECOND),
        "after a minute or more they begin again with a second");
  finish("a stable connection");
}

/** A token that is renewed ends a connection too, one that has lasted. */
static void check_stable_renewal(void) {
  begin(NULL, NULL);
  hub.is_stopped = 1;
  device_connect(&device);
  run_until(&world, now + 10 * MINUTE);
  hub.is_stopped = 0;
  need(run_until_connected(&world, &device, now + MINUTE), "a connection");
  const struct told *told = run_until_ended(&world, &device, now + HOUR);
  need(told != NULL && told->status == MOTE_ERROR_TOKEN_EXPIRES && run_until_connected(&world, &device, now), "a renewal");
  hub_close(&hub, NULL, MOTE_ERROR_RESET);
  check(is_end(run_until_ended(&world, &device, now), MOTE_STEP_WORK, MOTE_ERROR_RESET, SECOND),
        "a connection that lasted until its token was renewed counts as stable");
  finish("a stable connection, renewed");
}

static void check_connect_at_once(void) {
  begin(NULL, NULL);
  hub.is_stopped = 1;
  device_connect(&device);
  run_until(&world, now + 10 * MINUTE);
  uint32_t attempts = device.attempts;
  check(device.deadline > now, "while it waits");
  device_connect(&device);
  settle(&world);
  check_number(device.attempts, attempts + 1, "mote_connect is an attempt at once");
  check(is_end(device_told(&device, 0), MOTE_STEP_CONNECT, MOTE_ERROR_REFUSED, MINUTE), "and does not begin the doubling anew");
  hub.is_stopped = 0;
  device_connect(&device);
  check(run_until_connected(&world, &device, now), "which may succeed");
  check(mote_connect(&device.client, now) == MOTE_ERROR_STATE, "with a connection it is refused");
  finish("connecting at once");
}

void check_reach(void) {
  check_no_time();
  for (size_t index = 0; index < sizeof failures / sizeof *failures; index++) check_failure(index);
  check_stable();
  check_stable_renewal();
  check_connect_at_once();
}
