/*
 * A connection that lasts, on a virtual clock: every path of a client's life. Run by life.sh in a folder of certificates.
 */
#include "life.h"

#include <stdio.h>
#include <stdlib.h>

struct hub hub;
struct device device;
struct world world = {&hub, {&device}, 1};
uint64_t day;
int is_quick;

void begin_as(const char *identity, const mote_client_options *options, const mote_mqtt_options *mqtt) {
  static uint64_t seed;
  /* Each at another time of day, so that no test rests on round numbers. */
  now += 12345 + random_below(&hub.random, 10 * MINUTE);
  hub_reset(&hub);
  device_start(&device, &hub, identity, options, mqtt, ++seed);
}

void begin(const mote_client_options *options, const mote_mqtt_options *mqtt) { begin_as(IDENTITY, options, mqtt); }

void begin_connected(const mote_client_options *options, const mote_mqtt_options *mqtt) {
  begin(options, mqtt);
  device_connect(&device);
  need(run_until_connected(&world, &device, now + MINUTE), "a connection");
}

void finish(const char *name) {
  char text[160];
  snprintf(text, sizeof text, "%s: counted right, and as MQTT says", name);
  check(device_counts_right(&device) && device.token_faults == 0 && hub.violations == 0, text);
  device_end(&device);
}

int is_end(const struct told *told, int32_t step, int32_t status, uint64_t limit) {
  if (told == NULL || told->kind != MOTE_EVENT_DISCONNECTED) return printf("  nothing ended\n"), 0;
  uint64_t wait = told->deadline - told->at;
  if (told->step == step && told->status == status && wait >= limit / 2 && wait <= limit) return 1;
  printf("  ended in step %d with %d; waits for %llu ms\n", (int)told->step, (int)told->status, (unsigned long long)wait);
  return 0;
}

int main(void) {
  const char *hours = getenv("MOTE_HOURS");
  day = (uint64_t)(hours != NULL ? atoi(hours) : 24) * HOUR;
  is_quick = day < DAY;
  hub_start(&hub, 1);
  check_reach();
  check_refusals();
  check_token();
  check_silence();
  check_leave();
  check_corners();
  hub_end(&hub);
  return checks_end();
}
