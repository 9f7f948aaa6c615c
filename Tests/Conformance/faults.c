/*
 * Endurance: a device sends MESSAGES messages at quality of service 1 to mosquitto over TLS through a relay that breaks
 * its connections FAULTS times (relay.py), and takes messages from the hub meanwhile. A subscriber beside the relay, with
 * a session that the broker keeps, sees what arrives.
 *
 * Environment: MOTE_SEED, to replay a run's faults; MOTE_RELAY, the path of relay.py; MOTE_KILLS, how often the device is
 * killed (0); MOTE_JOURNAL, the file that its messages are kept in (none: what a kill finds in the outbox is lost).
 */
#define _GNU_SOURCE
#include "arrivals.h"
#include "mote_linux.h"
#include "peers.h"
#include "sender.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define MESSAGES 10000
#define FAULTS 200
/* As many messages arrive from the device for each that is sent to it. */
#define ARRIVALS_EACH 10

static uint64_t random_state;

/** A number below `limit`: xorshift64*. */
static uint32_t draw(uint32_t limit) {
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return (uint32_t)((random_state * 2685821657736338717u) >> 33) % limit;
}

static uint32_t seed_of_run(void) {
  const char *given = getenv("MOTE_SEED");
  uint32_t seed = 0;
  if (given != NULL && *given != '\0') seed = (uint32_t)strtoul(given, NULL, 10);
  else need(getrandom(&seed, sizeof seed, 0) == sizeof seed, "a seed");
  printf("seed %u (MOTE_SEED=%u replays its faults and kills)\n", seed, seed);
  random_state = seed + 0x9E3779B97F4A7C15u;
  return seed;
}

/** The port that the relay says it listens on; 0 before. */
static int relay_port(void) {
  char *log = read_file("relay.log", NULL);
  int number = 0;
  (void)!sscanf(log, "listening on %d\n", &number);
  free(log);
  return number;
}

static pid_t start_relay(const struct broker *broker, uint32_t seed, uint16_t *port_number) {
  pid_t process = start("relay.log", "exec python3 '%s' %u %d %d " SENDER_ADDRESS, getenv("MOTE_RELAY"), seed, FAULTS,
                        broker->port_number);
  UNTIL(relay_port() != 0, rest());
  *port_number = (uint16_t)relay_port();
  need(*port_number != 0, "the relay does not listen");
  return process;
}

static int ascending(const void *left, const void *right) { return *(const int *)left - *(const int *)right; }

/** After how many stored messages the device is killed, in order. */
static int *draw_kills(int count) {
  int *kills = calloc((size_t)count + 1, sizeof *kills);
  for (int index = 0; index < count; index++) kills[index] = 1 + (int)draw(MESSAGES - 1);
  qsort(kills, (size_t)count, sizeof *kills, ascending);
  return kills;
}

static int stored(void) {
  struct stat status;
  return stat(SENDER_STORED, &status) == 0 ? (int)(status.st_size / SENDER_STORED_LINE) : 0;
}

int main(void) {
  struct broker hub;
  uint32_t seed = seed_of_run();
  int kill_count = getenv("MOTE_KILLS") != NULL ? atoi(getenv("MOTE_KILLS")) : 0;
  int *kills = draw_kills(kill_count), killed = 0, published = 0, status = 0, has_ended = 0;
  const char *journal_path = getenv("MOTE_JOURNAL");
  uint16_t port_number;
  uint64_t began = mote_linux_now();

  broker_start(&hub, "hub", OVER_TLS FOR_ALL "max_queued_messages 0\n");
  pid_t watcher = watch(&hub, "arrived", "-c -t 'devices/" SENDER_DEVICE "/messages/events/#' -F %p");
  pid_t relay = start_relay(&hub, seed, &port_number);
  pid_t sender = sender_start(port_number, MESSAGES, journal_path);
  struct arrivals arrived = {.file_name = "arrived", .window = SENDER_WINDOW};
  /* How far back mosquitto goes is its affair: it does not keep to its own limit of 20 unacknowledged. */
  struct arrivals taken = {.file_name = SENDER_TAKEN, .window = MESSAGES};

  /* Messages to the device, one each time that some of its own have arrived, once it has subscribed. */
  int has_subscribed = 0;
  char command[256];
  snprintf(command, sizeof command, "exec mosquitto_pub -h localhost -p %d --cafile ca.pem -q 1 -l -t devices/" SENDER_DEVICE
           "/messages/devicebound/", hub.port_number);
  FILE *publisher = popen(command, "w");
  need(publisher != NULL, "mosquitto_pub");

  while (!has_ended && (arrivals_take(&arrived) < MESSAGES || arrivals_take(&taken) < MESSAGES / ARRIVALS_EACH)) {
    if (!has_subscribed) has_subscribed = broker_logged(&hub, "Sending SUBACK to " SENDER_DEVICE) > 0;
    for (; has_subscribed && published < arrived.highest / ARRIVALS_EACH; published++) {
      char text[ARRIVAL_CAPACITY];
      arrival_text(published + 1, text);
      fprintf(publisher, "%s\n", text);
    }
    fflush(publisher);
    if (killed < kill_count && stored() >= kills[killed]) {
      killed++;
      stop(sender, SIGKILL);
      sender = sender_start(port_number, MESSAGES, journal_path);
    }
    rest();
    has_ended = waitpid(sender, &status, WNOHANG) == sender;
  }
  if (!has_ended) {
    kill(sender, SIGTERM);
    waitpid(sender, &status, 0);
  }
  pclose(publisher);
  arrivals_take(&arrived);
  arrivals_take(&taken);

  char *log = read_file("relay.log", NULL);
  int struck = 0;
  for (const char *place = log; (place = strstr(place, "\nfault ")) != NULL; place++) struck++;
  printf("%d faults, %d kills, %d messages repeated to the hub, %d to the device, %.1f s\n", struck, killed, arrived.repeated,
         taken.repeated, (double)(mote_linux_now() - began) / 1000);
  check_number(struck, FAULTS, "every fault struck");
  check_number(killed, kill_count, "the device was killed as often as it was to be");
  check_number(arrived.highest, MESSAGES, "each message to the hub arrived");
  check_number(arrived.broken, 0, "in order");
  check_number(taken.highest, MESSAGES / ARRIVALS_EACH, "each message to the device arrived");
  check_number(taken.broken, 0, "in order, too");
  check(!has_ended && WIFEXITED(status) && WEXITSTATUS(status) == 0, "the device was told of each, and left in good order");
  if (struck < FAULTS) printf("  the relay's last words:\n%s\n", strlen(log) > 2000 ? log + strlen(log) - 2000 : log);
  free(log);
  free(kills);
  stop(watcher, SIGTERM);
  stop(relay, SIGTERM);
  broker_end(&hub, SIGTERM);
  return checks_end();
}
