/*
 * A fleet of Mote's device clients in one process, which loads a hub: each sends a message a second at QoS 1.
 *
 *   fleet PORT CA_FILE SECONDS < CONNECTION_STRINGS
 *
 * One connection string a line. Prints `connected` when all are; then they send for so many seconds, each at its own time within
 * the second. Prints then `sent N`, `acknowledged N`, `lost N` (connections), and how long acknowledgements took, in
 * microseconds: `p50 N`, `p90 N`, `p99 N`, `max N`. An acknowledgement that is missing 30 seconds after the last message is an
 * error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "mote.h"
#include "mote_linux.h"
#include "mote_tls.h"

enum { MOST_CONNECTING = 50, PATIENCE = 30000 };

typedef struct device {
  char connection_string[256];
  mote_client client;
  mote_linux network;
  mote_port port;
  mote_tls tls;
  uint8_t receive_buffer[512], outbox[1024];
  int socket;    /* In the epoll set, for the events of `wait`; -1: none. */
  int32_t wait;
  uint64_t deadline, sent_at;
  int32_t token; /* Of the message that waits for its acknowledgement. */
} device;

static device *devices;
static size_t count;
static int epoll;
static size_t connected, connecting, begun;
static long sent, acknowledged, lost, late;
static uint32_t *latencies;

static uint64_t microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void fail(const char *what, int32_t status) {
  fprintf(stderr, "fleet: %s: %s\n", what, status < 0 ? mote_status_text(status) : "");
  exit(1);
}

static void make(device *device, uint32_t port, const char *ca_file) {
  mote_linux_init(&device->network);
  device->port = mote_port_linux(&device->network);
  device->socket = -1;
  device->deadline = UINT64_MAX;
  mote_tls_options trust = {0};
  trust.size = sizeof trust;
  trust.roots_file = ca_file;
  int32_t status = mote_tls_init(&device->tls, sizeof device->tls, &trust);
  if (status < 0) fail("TLS", status);

  mote_client_options options = {0};
  options.size = sizeof options;
  options.connection_string = device->connection_string;
  options.connection_string_length = strlen(device->connection_string);
  options.port = &device->port;
  options.tls = &device->tls;
  options.endpoint = "localhost";
  options.endpoint_length = strlen(options.endpoint);
  options.endpoint_port = port;
  status = mote_client_init(&device->client, sizeof device->client, &options);
  if (status < 0) fail("connection string", status);

  mote_mqtt_options mqtt = {0};
  mqtt.size = sizeof mqtt;
  mqtt.receive_buffer = device->receive_buffer;
  mqtt.receive_capacity = sizeof device->receive_buffer;
  mqtt.outbox = device->outbox;
  mqtt.outbox_capacity = sizeof device->outbox;
  status = mote_use_mqtt(&device->client, &mqtt);
  if (status < 0) fail("buffers", status);
}

/* Makes epoll wait for what the client waits for. A socket that was closed is out of the set by itself. */
static void watch(device *device, int32_t wait) {
  int socket = device->network.socket < 0 ? device->network.resolver : device->network.socket;
  if (socket == device->socket && wait == device->wait) return;
  struct epoll_event interest = {0};
  interest.events = (wait & MOTE_WAIT_READ ? EPOLLIN : 0u) | (wait & MOTE_WAIT_WRITE ? EPOLLOUT : 0u);
  interest.data.ptr = device;
  if (socket >= 0 && epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &interest) < 0) epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &interest);
  device->socket = socket;
  device->wait = wait;
}

static void run(device *device) {
  mote_event event;
  for (;;) {
    int32_t polled = mote_poll(&device->client, mote_linux_now(), &event);
    if (polled < 0) fail("poll", polled);
    if (polled == 0) break;
    if (event.kind == MOTE_EVENT_CONNECTED) {
      connected++;
      connecting--;
    } else if (event.kind == MOTE_EVENT_SENT && event.token == device->token) {
      latencies[acknowledged++] = (uint32_t)(microseconds() - device->sent_at);
      device->sent_at = 0;
    } else if (event.kind == MOTE_EVENT_DISCONNECTED) {
      fprintf(stderr, "fleet: in step %d: %s\n", (int)event.step, mote_status_text(event.status));
      if (event.deadline == UINT64_MAX) exit(1);
      lost++;
      if (event.step == MOTE_STEP_WORK) {
        connected--;
        connecting++;
      }
    }
  }
  device->deadline = event.deadline;
  watch(device, event.wait);
}

/* Waits for the network until a time in microseconds, and serves it. */
static void serve(uint64_t until) {
  static struct epoll_event ready[256];
  static uint64_t swept;
  uint64_t now = microseconds();
  int milliseconds = now >= until ? 0 : (int)((until - now + 999) / 1000);
  int found = epoll_wait(epoll, ready, 256, milliseconds > 10 ? 10 : milliseconds);
  for (int i = 0; i < found; i++) run(ready[i].data.ptr);
  uint64_t moment = mote_linux_now();
  if (moment < swept + 10) return;
  swept = moment;
  for (size_t i = 0; i < begun; i++)
    if (devices[i].deadline <= moment) run(&devices[i]);
}

static void publish(device *device) {
  static const char reading[] = "{\"temperature\":21.5,\"humidity\":48,\"uptime\":86400}";
  static const mote_property properties[] = {{MOTE_TEXT(MOTE_CONTENT_TYPE), MOTE_TEXT("application/json")},
                                             {MOTE_TEXT(MOTE_CONTENT_ENCODING), MOTE_TEXT("utf-8")}};
  /* The last one is on its way still: it is the hub that sets the pace. */
  if (device->sent_at) {
    late++;
    return;
  }
  mote_telemetry telemetry = {0};
  telemetry.size = sizeof telemetry;
  telemetry.payload = (const uint8_t *)reading;
  telemetry.payload_length = sizeof reading - 1;
  telemetry.properties = properties;
  telemetry.property_count = 2;
  device->sent_at = microseconds();
  device->token = mote_send(&device->client, &telemetry);
  if (device->token < 0) fail("send", device->token);
  sent++;
  run(device);
}

static int ascending(const void *one, const void *other) {
  uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
  return (a > b) - (a < b);
}

int main(int argc, char **argv) {
  if (argc != 4) return fprintf(stderr, "usage: fleet PORT CA_FILE SECONDS < CONNECTION_STRINGS\n"), 64;
  long seconds = atol(argv[3]);
  char line[256];
  size_t capacity = 0;
  while (fgets(line, sizeof line, stdin)) {
    if (count == capacity) {
      capacity = capacity ? 2 * capacity : 256;
      devices = realloc(devices, capacity * sizeof *devices);
      if (!devices) fail("memory", 0);
    }
    line[strcspn(line, "\n")] = 0;
    strcpy(devices[count++].connection_string, line);
  }
  latencies = malloc(((size_t)seconds + 1) * count * sizeof *latencies);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  if (count == 0 || !latencies || epoll < 0) fail("devices", 0);
  for (size_t i = 0; i < count; i++) make(&devices[i], (uint32_t)atoi(argv[1]), argv[2]);

  while (connected < count) {
    while (begun < count && connecting < MOST_CONNECTING) {
      mote_connect(&devices[begun].client, mote_linux_now());
      connecting++;
      run(&devices[begun++]);
    }
    serve(microseconds() + 10000);
  }
  puts("connected");
  fflush(stdout);

  uint64_t start = microseconds(), all = (uint64_t)seconds * count;
  for (uint64_t n = 0; n < all; n++) {
    uint64_t due = start + n * 1000000 / count;
    while (microseconds() < due) serve(due);
    publish(&devices[n % count]);
    if (n % 64 == 0) serve(0);
  }
  uint64_t end = mote_linux_now() + PATIENCE;
  while (acknowledged < sent && mote_linux_now() < end) serve(microseconds() + 10000);
  printf("sent %ld\nacknowledged %ld\nlate %ld\nlost %ld\n", sent, acknowledged, late, lost);
  qsort(latencies, (size_t)acknowledged, sizeof *latencies, ascending);
  static const struct { const char *name; double share; } percentiles[] = {{"p50", .5}, {"p90", .9}, {"p99", .99}, {"max", 1}};
  for (size_t i = 0; i < 4; i++)
    printf("%s %u\n", percentiles[i].name, acknowledged ? latencies[(size_t)(percentiles[i].share * (double)(acknowledged - 1))] : 0);
  return acknowledged == sent ? 0 : 1;
}
