/*
 * A hub that is gone for an hour, and a fleet that comes back to it: when devices try, and how many at a time. Run by
 * outage.sh in a folder of certificates.
 */
#include "device.h"
#include "fleet.h"
#include "peers.h"

#include <stdio.h>
#include <stdlib.h>

static struct fleet fleet;
static struct hub hub;
static struct device device;
/** How many devices, and how many seeds. */
static size_t size = FLEET;
static uint64_t seeds = 5;

/** The first attempts come between half a second and a second after the loss. */
static void check_spread(void) {
  uint32_t parts[10] = {0}, early = 0, fewest = UINT32_MAX, most = 0;
  for (size_t tenth = 0; tenth < 10; tenth++) {
    parts[tenth] = fleet.attempts_at[tenth];
    if (tenth < 5) early += parts[tenth];
    else if (parts[tenth] < fewest) fewest = parts[tenth];
    if (parts[tenth] > most) most = parts[tenth];
  }
  check_number(early, 0, "nobody comes back before half a second has passed");
  check(fewest >= fleet.count / 5 * 6 / 10 && most <= fleet.count / 5 * 14 / 10, "the first attempts are spread over the time they may take");
}

static void check_hour(void) {
  int is_right = 1;
  now = 777;
  fleet_start(&fleet, size * 2 / 5, 99, 1000);
  fleet_connect(&fleet);
  fleet_run(&fleet, now + 30 * SECOND);
  fleet.restarted_at = now;
  fleet.answer = 1;
  fleet_run(&fleet, now + HOUR);
  check_spread();
  for (size_t index = 0; index < fleet.count; index++) {
    struct member *member = &fleet.members[index];
    is_right &= member->unbound == 0;
    /* Six waits of 1, 2, 4, 8, 16 and 32 s, each at least half of it, and then at most two attempts a minute. */
    is_right &= member->attempts >= 6 + (3600 - 63) / 60 && member->attempts <= 6 + 1 + 3600 / 30;
  }
  check(is_right, "for an hour each tries after between half and all of 1, 2, 4 ... 60 s, at the time it said");
  uint32_t peak = fleet_peak(&fleet, 10, 5 * 600, 36000), average = (uint32_t)fleet.count / 45;
  printf("  %zu devices: at most %u in a second after five minutes, %u on average\n", fleet.count, peak, average);
  check(peak <= fleet.count / 30 + 20, "they are spread over the minute that they wait");
  fleet.answer = 2;
  fleet.tcp_limit = UINT32_MAX;
  fleet_run(&fleet, now + MINUTE);
  check_number(fleet.accepted, (int64_t)fleet.count, "within a minute of the hub's return all are back");
  fleet_end(&fleet);
}

/** The same for a device that was connected, with TLS and MQTT. */
static void check_connected(uint64_t seed) {
  struct world world = {&hub, {&device}, 1};
  device_start(&device, &hub, IDENTITY, NULL, NULL, seed);
  device_connect(&device);
  need(run_until_connected(&world, &device, now + MINUTE), "a connection");
  run_until(&world, now + 5 * MINUTE);
  need(device_send(&device, 32, 0) > 0, "a message");
  hub.is_stopped = 1;
  hub_close(&hub, NULL, MOTE_ERROR_CLOSED);
  uint32_t before = device.attempts;
  uint64_t stopped = now;
  run_until(&world, now + HOUR);
  uint32_t attempts = device.attempts - before;
  hub.is_stopped = 0;
  check(attempts >= 6 + (3600 - 63) / 60 && attempts <= 7 + 3600 / 30, "a device that was connected tries as often for an hour");
  check(run_until_connected(&world, &device, now + MINUTE) && device.outstanding == 0 && hub.first_arrivals == 1,
        "it is connected within a minute of the hub's return, and what it had to send is there");
  check(device.counted.longest_gap_milliseconds >= HOUR && now - stopped <= HOUR + MINUTE && device_counts_right(&device), "it knows for how long");
  device_end(&device);
  hub_reset(&hub);
}

/* The most attempts that 1,000 devices make in any second which lost their connections in the same millisecond, with each
   `retry_milliseconds`. */
static const struct rate {
  size_t from; /**< In tenths of a second since then. */
  uint32_t most;
} doubling[] = {{0, 1000}, {20, 850}, {100, 330}, {600, 80}, {6000, 50}}, constant[] = {{0, 65}, {300, 65}, {600, 60}, {6000, 50}};

static void check_rates(const struct rate *rates, size_t count, const char *name) {
  char text[128];
  for (size_t index = 0; index < count; index++) {
    uint32_t peak = fleet_peak(&fleet, 10, rates[index].from, fleet.attempts_capacity);
    /* A smaller fleet is not as even. */
    uint32_t most = rates[index].most * (uint32_t)fleet.count / FLEET + (fleet.count < FLEET ? 20 : 0);
    snprintf(text, sizeof text, "%s: after %d s never more than %u attempts in a second", name, (int)rates[index].from / 10, most);
    check(peak <= most, text);
    printf("  there were %u\n", peak);
  }
}

/**
 * What a hub meets that restarts: it was gone for `outage`, and takes 100 connections a second (an S1 unit's quota); the rest is
 * refused.
 */
static void check_restart(uint64_t seed, uint64_t outage, uint32_t retry) {
  char name[96];
  snprintf(name, sizeof name, "seed %d, gone for %d s, first wait up to %d s", (int)seed, (int)(outage / SECOND), (int)(retry / 1000));
  fleet_start(&fleet, size, seed, retry);
  fleet_connect(&fleet);
  fleet_run(&fleet, now + 30 * SECOND);
  fleet.restarted_at = now;
  fleet.answer = 1;
  fleet_run(&fleet, now + outage);
  fleet.answer = 2;
  fleet.tcp_limit = 100;
  uint64_t end = now + 5 * MINUTE;
  fleet_run(&fleet, end);
  int is_right = fleet.accepted == fleet.count;
  for (size_t index = 0; index < fleet.count; index++) is_right &= fleet.members[index].unbound == 0;
  check(is_right, name);
  if (retry == 1000) check_rates(doubling, sizeof doubling / sizeof *doubling, name);
  else check_rates(constant, sizeof constant / sizeof *constant, name);
  fleet_end(&fleet);
}

int main(void) {
  const char *number = getenv("MOTE_FLEET");
  if (number != NULL) size = (size_t)atoi(number);
  need(size >= 100 && size <= FLEET, "MOTE_FLEET from 100 to 1000");
  if (size < FLEET) seeds = 1;
  check_hour();
  hub_start(&hub, 1);
  for (uint64_t seed = 1; seed <= (size < FLEET ? 1 : 4); seed++) check_connected(seed);
  hub_end(&hub);
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    static const uint64_t outages[] = {0, 10 * SECOND, 20 * MINUTE};
    for (int index = 0; index < 3; index++) {
      check_restart(seed, outages[index], 1000);
      check_restart(seed, outages[index], 60000);
    }
  }
  return checks_end();
}
