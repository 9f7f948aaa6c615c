/*
 * A day of a device with every fault that a network, a hub and a platform have, at random, while messages go both ways. Run
 * by soak.sh in a folder of certificates. MOTE_SEED replays a day.
 */
#include "device.h"
#include "peers.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct hub hub;
static struct device device;
static struct world world = {&hub, {&device}, 1};
static uint64_t chance;
static uint16_t incoming[NUMBERS];

/* How much of a difference is none. glibc leaves an allocation a few bytes more than were asked for where what is over would
   be too little for another; the sanitizer counts what was asked for. */
#ifdef __SANITIZE_ADDRESS__
#define ROUNDING 0
size_t __sanitizer_get_current_allocated_bytes(void);
#else
#define ROUNDING 128
#endif

/** Bytes of the heap in use by everybody. Always the same under valgrind, which finds leaks by itself. */
static size_t heap_in_use(void) {
#ifdef __SANITIZE_ADDRESS__
  return __sanitizer_get_current_allocated_bytes();
#else
  return mallinfo2().uordblks;
#endif
}

/* ---- Faults ----------------------------------------------------------------------------------------------------- */

static uint32_t below(uint32_t limit) { return (uint32_t)random_below(&chance, limit); }
static int32_t one_of(int32_t first, int32_t second, int32_t third) { return (int32_t[]){first, second, third}[below(3)]; }
static void drop_connection(void) { hub_close(&hub, NULL, below(2) ? MOTE_ERROR_CLOSED : MOTE_ERROR_RESET); }

static void restart_hub(void) { hub.is_stopped = 1; }
static void lose_names(void) { device.resolves = one_of(0, MOTE_ERROR_NAME_SERVER, MOTE_ERROR_NAME_NOT_FOUND); }
static void lose_tcp(void) { device.connects = one_of(0, MOTE_ERROR_UNREACHABLE, MOTE_ERROR_NETWORK); }
static void stop_tls(void) { hub.withholds_handshake = 1; }
static void show_stranger(void) { hub.is_stranger = 1; }
static void stop_connack(void) { hub.withholds_connack = 1; }
static void refuse(void) { hub.connack = one_of(3, 4, 5); }
static void stop_suback(void) { hub.withholds_suback = 1; }
static void stop_puback(void) { hub.withholds_puback = 1; }
static void stop_pingresp(void) { hub.withholds_pingresp = 1; }
static void forget_sessions(void) { hub.forgets_sessions = 1; }
static void linger(void) { hub.lingers = 1; }
static void cut_packet(void) { hub.cuts_packet = 1 + below(20); }
static void lose_entropy(void) { device.entropy_status = MOTE_ERROR_NO_ENTROPY; }
static void lose_clock(void) { device.is_clock_lost = 1; }
/** Tokens that have expired, or that last longer; not ones that end before the device expects it. */
static void shift_clock(void) { device.clock_shift = below(2) ? (int64_t)below(10000) : -4000 - (int64_t)below(6000); }
static void slow_down(void) { hub.milliseconds = below(3000); }

static void cut_line(void) {
  if (device.connection == NULL) return;
  struct line *line = &device.connection->line;
  line->pipes[below(2)].rest = 1 + below(3000);
  line->ends_with = one_of(0, MOTE_ERROR_CLOSED, MOTE_ERROR_RESET);
}

static void kill_line(void) {
  if (device.connection != NULL) device.connection->line.is_silent = 1;
}

/** The next connections are cut within the handshake. */
static void cut_handshakes(void) {
  drop_connection();
  run_until(&world, now + 2 * SECOND);
  cut_line();
}

static const struct {
  const char *name;
  void (*begin)(void);
  int32_t drops; /**< 1: the connection is lost with it, since it would not show before. */
} faults[] = {
  {"the hub restarts", restart_hub, 1}, {"no names", lose_names, 1}, {"no TCP", lose_tcp, 1}, {"no TLS", stop_tls, 1},
  {"a stranger", show_stranger, 1}, {"no CONNACK", stop_connack, 1}, {"refused", refuse, 1}, {"no SUBACK", stop_suback, 1},
  {"no PUBACK", stop_puback, 0}, {"no PINGRESP", stop_pingresp, 0}, {"sessions forgotten", forget_sessions, 1},
  {"no close", linger, 0}, {"half a packet", cut_packet, 0}, {"half a greeting", cut_packet, 1}, {"no entropy", lose_entropy, 1},
  {"no clock", lose_clock, 1}, {"a wrong clock", shift_clock, 1}, {"slow", slow_down, 0}, {"half a record", cut_line, 0},
  {"a dead line", kill_line, 0}, {"half a handshake", cut_handshakes, 0}, {"dropped", drop_connection, 0},
};
#define FAULTS (sizeof faults / sizeof *faults)

static void restore(void) {
  device.resolves = device.connects = 1;
  device.entropy_status = MOTE_OK;
  device.is_clock_lost = 0;
  device.clock_shift = 0;
  hub.is_stopped = hub.withholds_handshake = hub.is_stranger = hub.withholds_connack = hub.connack = hub.withholds_suback = 0;
  hub.withholds_puback = hub.withholds_pingresp = hub.forgets_sessions = hub.lingers = 0;
  hub.cuts_packet = 0;
}

/* ---- The day ---------------------------------------------------------------------------------------------------- */

static uint32_t said, refused;

static void talk(void) {
  uint32_t kind = below(10);
  int32_t result = 0;
  if (kind == 0) device_send(&device, 100 + below(300), 1);
  else if (kind == 1) result = device_send_source(&device, 300 + below(3000));
  else result = device_send(&device, 4 + below(400), 0);
  need(result >= 0 || result == MOTE_ERROR_OUTBOX_FULL || result == MOTE_ERROR_SOURCE_BUSY, "mote_send");
  refused += result < 0;
  if (below(2) && hub_say(&hub, "d", said)) said++;
}

static void live(uint64_t end) {
  uint64_t talk_at = now, fault_at = now + MINUTE, restore_at = UINT64_MAX;
  while (now < end) {
    uint64_t next = talk_at < fault_at ? talk_at : fault_at;
    if (restore_at < next) next = restore_at;
    run_until(&world, next < end ? next : end);
    if (now >= talk_at) {
      talk();
      talk_at = now + 1 + below(40 * SECOND);
    }
    if (now >= restore_at) {
      restore();
      restore_at = UINT64_MAX;
    }
    if (now >= fault_at) {
      size_t fault = below(FAULTS);
      printf("  %6" PRIu64 " s: %s\n", now / SECOND, faults[fault].name);
      faults[fault].begin();
      if (faults[fault].drops) drop_connection();
      /* A second fault may come before the first is over. */
      restore_at = now + 1 + below(5 * MINUTE);
      fault_at = now + 1 + below(25 * MINUTE);
    }
  }
}

static void leave(void) {
  need(device_disconnect(&device) == MOTE_OK, "mote_disconnect");
  run_until(&world, now + 10 * MINUTE);
  hub_forget_tls(&hub);
}

int main(void) {
  const char *hours = getenv("MOTE_HOURS"), *seed = getenv("MOTE_SEED");
  chance = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
  printf("MOTE_SEED=%" PRIu64 "\n", chance);
  hub_start(&hub, chance);
  device_start(&device, &hub, IDENTITY, NULL, NULL, chance + 1);
  device.incoming = incoming;
  hub.milliseconds = 50;
  device_connect(&device);
  need(run_until_connected(&world, &device, now + MINUTE), "a connection");
  leave();
  size_t heap = heap_in_use();
  device_connect(&device);
  live(now + (uint64_t)(hours != NULL ? atoi(hours) : 24) * HOUR);
  restore();
  run_until(&world, now + 30 * MINUTE);
  printf("  %u connections; %u messages sent, %u of them more than once, %u refused for want of room; %u received, %u again\n",
         device.counted.connects, hub.first_arrivals, hub.repeated, refused, device.incoming_first, device.incoming_repeated);
  check(device.is_connected, "it ends connected");
  check(device.outstanding == 0 && device.token_faults == 0 && device.failed_messages == 0, "every message was told once");
  check(hub.first_arrivals == device.next_number && hub.disordered == 0, "every message came to the hub, in order");
  check(device.incoming_first == said && device.incoming_disordered == 0, "every message came to the device, in order");
  check_number(hub.violations, 0, "no rule of MQTT was broken");
  check_number(hub.expired, 0, "no token expired within a connection");
  check(device_counts_right(&device), "it counted right");
  leave();
  int64_t more = (int64_t)heap_in_use() - (int64_t)heap;
  check(more >= -ROUNDING && more <= ROUNDING, "as much of the heap is in use as a day before");
  if (more != 0) printf("  %" PRId64 " bytes more\n", more);
  device_end(&device);
  hub_end(&hub);
  return checks_end();
}
