/*
 * Links that die without a word, answers that do not come, and another client with the same identity.
 */
#include "life.h"

#include <stdio.h>

#define KEEP_ALIVE (240 * SECOND)
#define PATIENCE_FOR_ANSWERS (30 * SECOND)

static void check_no_pingresp(void) {
  mote_client_options options = {.receives_messages = 1, .token_seconds = 200000};
  begin_connected(&options, NULL);
  uint64_t start = now;
  run_until(&world, start + DAY);
  check(device.counted.connects == 1 && device.told_count == 1 && hub.pings >= DAY / KEEP_ALIVE - 1 && hub.pings <= DAY / KEEP_ALIVE + 1,
        "a connection without messages is kept alive for a day, with a PINGREQ every four minutes");
  uint32_t pings = hub.pings;
  hub.withholds_pingresp = 1;
  while (hub.pings == pings) run_until(&world, now + SECOND);
  uint64_t asked = now;
  check(is_end(run_until_ended(&world, &device, now + HOUR), MOTE_STEP_WORK, MOTE_ERROR_MQTT_KEEP_ALIVE, SECOND) &&
          now > asked + PATIENCE_FOR_ANSWERS - SECOND && now <= asked + PATIENCE_FOR_ANSWERS,
        "a PINGREQ that is not answered ends it after 30 s");
  hub.withholds_pingresp = 0;
  check(run_until_connected(&world, &device, now + SECOND), "and it connects again");
  finish("no PINGRESP");
}

static void check_no_puback(int32_t forgets, const char *name) {
  char text[128];
  mote_mqtt_options mqtt = {.response_milliseconds = 7000};
  begin_connected(NULL, &mqtt);
  hub.withholds_puback = 1;
  for (int message = 0; message < 3; message++) need(device_send(&device, 100, 0) > 0, "a message");
  uint64_t sent_at = now;
  run_until(&world, now + 6 * SECOND);
  hub.withholds_puback = 0;
  /* A later one that is acknowledged does not hide the older. */
  need(device_send(&device, 100, 0) > 0, "a message");
  hub.forgets_sessions = forgets;
  int is_right = is_end(run_until_ended(&world, &device, now + MINUTE), MOTE_STEP_WORK, MOTE_ERROR_MQTT_ACKNOWLEDGEMENT, SECOND);
  check(is_right && now == sent_at + 7 * SECOND, "a PUBACK that does not come ends it after response_milliseconds");
  check(run_until_connected(&world, &device, now + SECOND), "it connects again");
  is_right = device.outstanding == 0 && device.counted.sent == 4 && hub.arrivals[0] == 2 && hub.arrivals[2] == 2 && hub.arrivals[3] == 1;
  snprintf(text, sizeof text, "%s: what was not acknowledged goes again%s, and is told once", name, forgets ? " as new" : " with DUP");
  check(is_right && hub.duplicate_flags == (forgets ? 0 : 3), text);
  mote_statistics found = {.size = sizeof found};
  check(mote_client_statistics(&device.client, &found) == MOTE_OK && found.resent == 3, "and is counted as sent again");
  finish(name);
}

static void check_no_suback(void) {
  begin(NULL, NULL);
  hub.withholds_suback = 1;
  device_connect(&device);
  need(run_until_connected(&world, &device, now + MINUTE), "a connection");
  uint64_t start = now;
  check(is_end(run_until_ended(&world, &device, now + HOUR), MOTE_STEP_SUBSCRIBE, MOTE_ERROR_MQTT_ACKNOWLEDGEMENT, SECOND) &&
          now == start + PATIENCE_FOR_ANSWERS,
        "a SUBACK that does not come ends it after 30 s");
  finish("no SUBACK");
}

/** A link that takes bytes, and brings them nowhere. */
static void check_dead_link(size_t length, uint64_t interval, int32_t status, uint64_t limit, const char *name) {
  char text[128];
  begin_connected(NULL, NULL);
  run_until(&world, now + 10 * MINUTE);
  device.connection->line.is_silent = 1;
  uint64_t died = now;
  const struct told *told = NULL;
  while (told == NULL && now < died + HOUR) {
    device_send(&device, length, 1);
    told = run_until_told(&world, &device, now + interval);
  }
  snprintf(text, sizeof text, "%s notices a dead link within %d s", name, (int)(limit / SECOND));
  check(is_end(told, MOTE_STEP_WORK, status, SECOND) && now <= died + limit, text);
  check(run_until_connected(&world, &device, now + SECOND), "and connects by another");
  run_until(&world, now + 10 * MINUTE);
  check(hub.dead == 1 || hub.displaced == 1, "the hub gives the old connection up too");
  finish(name);
}

/* ---- Two clients with one identity ------------------------------------------------------------------------------ */

static struct device other;

/** The attempts of a client, since it knew of the other. */
struct pace {
  struct device *device;
  uint64_t last;
  uint32_t attempts, displaced, others;
  uint64_t least; /**< Between two attempts. */
};

static void note_pace(struct pace *pace) {
  struct device *one = pace->device;
  if (one->attempt_at == pace->last) return;
  if (one->last_end.status == MOTE_ERROR_DISPLACED) pace->displaced++;
  else pace->others++;
  if (one->attempt_at - pace->last < pace->least) pace->least = one->attempt_at - pace->last;
  pace->last = one->attempt_at;
  pace->attempts++;
}

static void check_displaced(uint64_t cap, uint64_t length) {
  struct world both = {&hub, {&device, &other}, 2};
  struct pace paces[2] = {{.device = &device, .least = UINT64_MAX}, {.device = &other, .least = UINT64_MAX}};
  mote_client_options options = {.receives_messages = 1, .token_seconds = 200000, .retry_limit_milliseconds = (uint32_t)cap};
  begin_connected(&options, NULL);
  run_until(&world, now + 30 * MINUTE);
  device_start(&other, &hub, IDENTITY, &options, NULL, 4711);
  device_connect(&other);
  /* Each is closed three times before it knows. */
  run_until(&both, now + 2 * cap);
  check(device.last_end.status == MOTE_ERROR_DISPLACED && other.last_end.status == MOTE_ERROR_DISPLACED,
        "two clients with one identity soon know of each other");
  uint32_t recognised = hub.displaced;
  for (int index = 0; index < 2; index++) paces[index].last = paces[index].device->attempt_at;
  uint64_t start = now;
  while (now < start + length) {
    run_until(&both, now + SECOND);
    for (int index = 0; index < 2; index++) note_pace(&paces[index]);
  }
  printf("  they displaced each other %u times until they knew, and %u times in %llu minutes after\n", recognised,
         hub.displaced - recognised, (unsigned long long)(length / MINUTE));
  check(paces[0].least >= cap / 2 && paces[1].least >= cap / 2, "from then on each tries no more often than the cap allows");
  check(paces[0].others == 0 && paces[1].others == 0 && paces[0].displaced > 0 && paces[1].displaced > 0, "and is told why each time");
  check(recognised <= 12 && hub.displaced - recognised <= 2 * length / (cap / 2), "so they do not flap");
  need(device_disconnect(&other) == MOTE_OK, "one leaves");
  run_until(&both, now + 5 * cap);
  size_t told_count = device.told_count;
  run_until(&both, now + 20 * MINUTE);
  check(device.is_connected && device.told_count == told_count && !other.is_connected, "when one leaves, the other stays connected");
  check(device_counts_right(&other), "the one that left counted right");
  device_end(&other);
  finish("two clients with one identity");
}

void check_silence(void) {
  check_no_pingresp();
  check_no_puback(0, "a session that was kept");
  check_no_puback(1, "a session that was forgotten");
  check_no_suback();
  check_dead_link(16, 5 * SECOND, MOTE_ERROR_MQTT_KEEP_ALIVE, KEEP_ALIVE + PATIENCE_FOR_ANSWERS, "who sends at most once");
  /* The link's memory takes 32 KiB of it. */
  check_dead_link(1000, SECOND / 2, MOTE_ERROR_TIMED_OUT, MINUTE, "who sends much, at most once,");
  check_displaced(MINUTE, is_quick ? 3 * MINUTE : HOUR / 2);
  if (!is_quick) check_displaced(15 * MINUTE, day);
}
