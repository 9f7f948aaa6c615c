/*
 * Leaving in every step, and what was counted.
 */
#include "life.h"

#include <stdio.h>

static void run_into_wait(void) {
  hub.is_stopped = 1;
  device_connect(&device);
  run_until(&world, now + 10 * MINUTE);
}

static void run_into_resolve(void) {
  device.resolves = 0;
  device_connect(&device);
  run_until(&world, now + 5 * SECOND);
}

static void run_into_connect(void) {
  device.connects = 0;
  device_connect(&device);
  run_until(&world, now + 5 * SECOND);
}

static void run_into_handshake(void) {
  hub.withholds_handshake = 1;
  device_connect(&device);
  run_until(&world, now + 5 * SECOND);
}

static void run_into_greeting(void) {
  hub.withholds_connack = 1;
  device_connect(&device);
  run_until(&world, now + 5 * SECOND);
}

static void run_into_subscribe(void) {
  hub.withholds_suback = 1;
  device_connect(&device);
  run_until(&world, now + 5 * SECOND);
}

static void run_into_work(void) {
  device_connect(&device);
  run_until(&world, now + 5 * SECOND);
}

/** A message that is not acknowledged keeps it from leaving for a new token. */
static void run_into_draining(void) {
  run_into_work();
  run_until(&world, now + 2850 * SECOND);
  hub.withholds_puback = 1;
  for (int seconds = 0; seconds < 200 && hub.disconnects == 0; seconds += 1) {
    if (device.outstanding == 0) device_send(&device, 32, 0);
    run_until(&world, now + SECOND);
  }
}

/** The hub has its DISCONNECT, and does not close. */
static void run_into_renewing(void) {
  run_into_work();
  hub.lingers = 1;
  while (hub.disconnects == 0 && now < UINT64_MAX / 2) run_until(&world, now + SECOND / 4);
}

static void run_into_leaving(void) {
  run_into_work();
  hub.lingers = 1;
  need(device_disconnect(&device) == MOTE_OK, "mote_disconnect");
  run_until(&world, now + SECOND / 4);
}

static const struct {
  const char *name;
  void (*run_into)(void);
  int32_t step;
  uint64_t patience; /**< How long leaving takes at most. */
} steps[] = {
  {"waiting", run_into_wait, MOTE_STEP_WAIT, 0},
  {"resolving", run_into_resolve, MOTE_STEP_RESOLVE, 0},
  {"connecting", run_into_connect, MOTE_STEP_CONNECT, 0},
  {"in TLS", run_into_handshake, MOTE_STEP_HANDSHAKE, 0},
  {"waiting for CONNACK", run_into_greeting, MOTE_STEP_GREETING, 0},
  {"subscribing", run_into_subscribe, MOTE_STEP_CLOSING, 0},
  {"connected", run_into_work, MOTE_STEP_CLOSING, 0},
  {"leaving already", run_into_leaving, MOTE_STEP_CLOSING, SECOND},
  {"renewing, with something in flight", run_into_draining, MOTE_STEP_CLOSING, 0},
  {"renewing, after DISCONNECT", run_into_renewing, MOTE_STEP_CLOSING, SECOND},
};

static void check_leaving(size_t index) {
  char text[128];
  /* Renewal is to come before a missing acknowledgement ends the connection. */
  mote_mqtt_options mqtt = {.response_milliseconds = 600 * 1000};
  begin(NULL, steps[index].run_into == run_into_draining ? &mqtt : NULL);
  steps[index].run_into();
  size_t told_count = device.told_count;
  uint64_t asked = now;
  int32_t status = device_disconnect(&device);
  const struct told *told = run_until_told(&world, &device, now + HOUR);
  int is_right = status == MOTE_OK && told != NULL && told->kind == MOTE_EVENT_DISCONNECTED && told->status == MOTE_OK &&
                 told->step == steps[index].step && told->deadline == UINT64_MAX && now <= asked + steps[index].patience;
  if (!is_right) printf("  gave %d, and ended with %d in step %d\n", (int)status, (int)device.last_end.status, (int)device.last_end.step);
  snprintf(text, sizeof text, "%s: mote_disconnect ends it at once, or when the hub has had its second", steps[index].name);
  check(is_right, text);
  uint32_t attempts = device.attempts, resolves = device.resolve_count;
  run_until(&world, now + DAY);
  is_right = device.told_count == told_count + 1 && device.attempts == attempts && device.resolve_count == resolves &&
             device.connection == NULL && device.deadline == UINT64_MAX && mote_disconnect(&device.client, now) == MOTE_ERROR_STATE;
  snprintf(text, sizeof text, "%s: that is told once, and nothing follows", steps[index].name);
  check(is_right, text);
  device.resolves = device.connects = 1;
  hub.is_stopped = hub.withholds_handshake = hub.withholds_connack = hub.withholds_suback = hub.withholds_puback = hub.lingers = 0;
  device_connect(&device);
  snprintf(text, sizeof text, "%s: it connects when told to, and sends what was left", steps[index].name);
  check(run_until_connected(&world, &device, now) && device.outstanding == 0, text);
  finish(steps[index].name);
}

/** Bytes and messages, with both ends agreed on them. */
static void check_counts(void) {
  mote_statistics found = {.size = sizeof found};
  begin(NULL, NULL);
  device_connect(&device);
  uint32_t said = 0;
  for (int minute = 0; minute < 120; minute++) {
    device_send(&device, 32, 0);
    device_send(&device, 500, 1);
    if (hub_say(&hub, "d", said)) said++;
    run_until(&world, now + MINUTE);
  }
  need(mote_client_statistics(&device.client, &found) == MOTE_OK, "statistics");
  check_number((int64_t)found.bytes_sent, (int64_t)hub.bytes_received, "counts the bytes of MQTT that it sent");
  check_number((int64_t)found.bytes_received, (int64_t)hub.bytes_sent, "and those that it received");
  check(found.sent == 120 && found.connects == device.counted.connects && found.connects >= 3, "and messages, and connections");
  check_number(device.counted.received, said, "what the hub said has come");
  finish("counts");

  begin(NULL, NULL);
  device.resolves = MOTE_ERROR_NAME_SERVER;
  device_connect(&device);
  run_until(&world, now + 10 * MINUTE);
  device.resolves = 1;
  hub.is_stopped = 1;
  run_until(&world, now + 10 * MINUTE);
  hub.is_stopped = 0;
  run_until(&world, now + 10 * MINUTE);
  hub_close(&hub, NULL, MOTE_ERROR_RESET);
  run_until(&world, now + 10 * MINUTE);
  need(mote_client_statistics(&device.client, &found) == MOTE_OK, "statistics");
  check(found.failures[MOTE_STEP_RESOLVE] >= 10 && found.failures[MOTE_STEP_CONNECT] >= 10 && found.failures[MOTE_STEP_WORK] == 1,
        "counts what failed in each step");
  check(found.longest_gap_milliseconds >= 19 * MINUTE && found.longest_gap_milliseconds <= 21 * MINUTE, "and the longest time without a connection");
  finish("counts of failures");
}

void check_leave(void) {
  for (size_t index = 0; index < sizeof steps / sizeof *steps; index++) check_leaving(index);
  check_counts();
}
