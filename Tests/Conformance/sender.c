#define _GNU_SOURCE
#include "sender.h"

#include "arrivals.h"
#include "mote.h"
#include "mote_linux.h"
#include "mote_tls.h"
#include "peers.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define IDENTITY "HostName=hub.example;DeviceId=" SENDER_DEVICE ";SharedAccessKey=dGhlIHNlY3JldCBvZiBhIHRocm93LWF3YXkgZGV2aWNl"

/* How long nothing may be acknowledged, in milliseconds. Many times what any fault lasts. */
#define LONGEST_GAP 60000

/* More than the outbox holds. */
#define TOKENS 64
#define ENDS 64

/* The journal's pages: as few and as small as the outbox allows, so that they are taken often. */
#define PAGE 5920
#define PAGES 2

/** How often connections ended in a step with a status. */
struct ends {
  int32_t step, status;
  int count;
};

static mote_client client;
static mote_linux network;
static mote_port below;
static mote_tls tls;
static uint8_t receive_buffer[1024], outbox[4096];
static mote_journal journal;
static mote_storage storage;
static mote_linux_file journal_file;

static int stored_file, taken_file;
static int32_t tokens[TOKENS]; /* Of what this life has stored, in order. */
static int has_lived; /* There was a life before this one, which was killed. */
static int restored_count, again_count; /* What it has left, and how many of these were acknowledged. */
static int stored_count, sent_count, connected_count, disconnected_count, wrong_count;
static int is_leaving, is_stopped;
static struct ends ends[ENDS];
static uint64_t progressed;
static volatile sig_atomic_t is_to_leave;

static void leave(int signal) {
  (void)signal;
  is_to_leave = 1;
}

/** In the name server's place: the address of the moment. (Linux's port takes an address in text for a name.) */
static int32_t resolve(void *context, const char *name, size_t length) {
  (void)name;
  (void)length;
  char *address = read_file(SENDER_ADDRESS, NULL);
  int32_t result = below.resolve(context, address, strlen(address));
  free(address);
  return result;
}

static void prepare(uint16_t port_number) {
  mote_linux_init(&network);
  below = mote_port_linux(&network);
  static mote_port port;
  port = below;
  port.resolve = resolve;
  mote_tls_options trust = {.size = sizeof trust, .roots_file = "ca.pem"};
  need(mote_tls_init(&tls, sizeof tls, &trust) == MOTE_OK, "TLS");
  mote_client_options options = {
    .size = sizeof options, .connection_string = IDENTITY, .connection_string_length = sizeof IDENTITY - 1, .port = &port,
    .tls = &tls, .endpoint = "localhost", .endpoint_length = 9, .endpoint_port = port_number, .receives_messages = 1,
    .resolve_milliseconds = 1000, .connect_milliseconds = 500, .handshake_milliseconds = 500,
    .retry_milliseconds = 5, .retry_limit_milliseconds = 50, .stable_milliseconds = 100,
  };
  need(mote_client_init(&client, sizeof client, &options) == MOTE_OK, "a client");
  mote_mqtt_options mqtt = {
    .size = sizeof mqtt, .receive_buffer = receive_buffer, .receive_capacity = sizeof receive_buffer, .outbox = outbox,
    .outbox_capacity = sizeof outbox, .window = SENDER_WINDOW, .keep_alive_seconds = 1, .response_milliseconds = 300,
  };
  need(mote_use_mqtt(&client, &mqtt) == MOTE_OK, "MQTT");
}

/** Takes over what the life before has left in the file, and keeps what is sent there. */
static void use_journal(const char *path) {
  need(mote_linux_file_open(&journal_file, path, strlen(path), PAGE) == MOTE_OK, "the journal's file");
  storage = mote_storage_linux(&journal_file);
  mote_journal_options where = {.size = sizeof where, .storage = &storage, .page_size = PAGE, .page_count = PAGES};
  need(mote_journal_init(&journal, sizeof journal, &where) == MOTE_OK, "a journal");
  restored_count = mote_use_journal(&client, &journal, mote_linux_now());
  need(restored_count >= 0, "the journal of the life before");
}

/** Stores message `number`, and then says so in the file. Whether there was room. */
static int store(int number) {
  char text[ARRIVAL_CAPACITY];
  mote_telemetry telemetry = {.size = sizeof telemetry, .payload = (const uint8_t *)text};
  telemetry.payload_length = arrival_text(number, text);
  int32_t token = mote_send(&client, &telemetry);
  if (token == MOTE_ERROR_OUTBOX_FULL) return 0;
  need(token > 0, "mote_send");
  need(stored_count - sent_count < TOKENS, "an outbox no larger than that");
  tokens[stored_count++ % TOKENS] = token;
  char line[SENDER_STORED_LINE + 1];
  snprintf(line, sizeof line, "%7d\n", number);
  need(write(stored_file, line, SENDER_STORED_LINE) == SENDER_STORED_LINE, "the file of what was stored");
  return 1;
}

static void count_end(const mote_event *event) {
  struct ends *end = ends;
  while (end < ends + ENDS - 1 && end->count > 0 && (end->step != event->step || end->status != event->status)) end++;
  *end = (struct ends){event->step, event->status, end->count + 1};
}

static void take(const mote_event *event) {
  switch (event->kind) {
  case MOTE_EVENT_CONNECTED: connected_count++; break;
  case MOTE_EVENT_SENT:
    /* In the order in which they were stored; what an earlier life has stored comes first. */
    if (again_count < restored_count) again_count++;
    else if (sent_count < stored_count && event->token == tokens[sent_count % TOKENS]) sent_count++;
    else wrong_count++;
    progressed = mote_linux_now();
    break;
  case MOTE_EVENT_DISCONNECTED:
    disconnected_count++;
    count_end(event);
    /* Nothing here may keep it from coming back, unless it was asked to leave. */
    if (event->deadline == UINT64_MAX) {
      is_stopped = 1;
      if (!is_leaving) wrong_count++;
    }
    break;
  case MOTE_EVENT_MESSAGE: {
    char line[ARRIVAL_CAPACITY + 1];
    size_t length = (size_t)snprintf(line, sizeof line, "%.*s\n", (int)event->payload_length, (const char *)event->payload);
    need(event->payload_length == event->total && write(taken_file, line, length) == (ssize_t)length, "a message in one piece");
    break;
  }
  default:
    printf("  event %d, status %d, step %d\n", event->kind, event->status, event->step);
    wrong_count++;
  }
}

/** Whether the relay did what it said: connections ended in each of these ways. */
static int has_seen_faults(void) {
  static const int32_t expected[] = {MOTE_ERROR_REFUSED, MOTE_ERROR_RESET, MOTE_ERROR_CLOSED, MOTE_ERROR_TIMED_OUT};
  for (size_t index = 0; index < sizeof expected / sizeof *expected; index++) {
    const struct ends *end = ends;
    while (end < ends + ENDS && end->status != expected[index]) end++;
    if (end == ends + ENDS) return 0;
  }
  return 1;
}

static void tell(void) {
  printf("  connected %d times, disconnected %d times, %d of %d acknowledged, and %d of %d of before\n", connected_count,
         disconnected_count, sent_count, stored_count, again_count, restored_count);
  for (const struct ends *end = ends; end < ends + ENDS && end->count > 0; end++)
    printf("  %5d in step %d: %s (%d)\n", end->count, end->step, mote_status_text(end->status), end->status);
}

/** Whether the hub has all that there is. */
static int is_done(void) { return again_count == restored_count && sent_count == stored_count; }

static int run_sender(uint16_t port_number, int next, int count, const char *journal_path) {
  has_lived = next > 1;
  prepare(port_number);
  if (journal_path != NULL) use_journal(journal_path);
  need(mote_connect(&client, mote_linux_now()) == MOTE_OK, "mote_connect");
  progressed = mote_linux_now();
  while (!is_stopped) {
    mote_event event;
    uint64_t now = mote_linux_now();
    while (next <= count && store(next)) next++;
    int32_t result = mote_poll(&client, now, &event);
    need(result >= 0, "mote_poll");
    if (result == 1) take(&event);
    else mote_linux_wait(&network, event.wait, event.deadline < now + 50 ? event.deadline : now + 50, -1);
    if (is_to_leave && !is_leaving && is_done()) is_leaving = mote_disconnect(&client, now) == MOTE_OK;
    if (now > progressed + LONGEST_GAP && (!is_done() || is_to_leave)) {
      puts("  nothing was acknowledged for too long");
      tell();
      return 1;
    }
  }
  tell();
  mote_tls_deinit(&tls);
  if (journal_path != NULL && mote_journal_unwritten(&journal) > 0) wrong_count++;
  return wrong_count > 0 || !is_done() || (!has_lived && !has_seen_faults());
}

int sender_start(uint16_t port_number, int count, const char *journal_path) {
  fflush(stdout);
  pid_t process = fork();
  need(process >= 0, "fork");
  if (process > 0) return process;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGTERM, leave);
  stored_file = open(SENDER_STORED, O_WRONLY | O_CREAT | O_APPEND, 0644);
  taken_file = open(SENDER_TAKEN, O_WRONLY | O_CREAT | O_APPEND, 0644);
  struct stat status;
  need(stored_file >= 0 && taken_file >= 0 && fstat(stored_file, &status) == 0, "the sender's files");
  exit(run_sender(port_number, (int)(status.st_size / SENDER_STORED_LINE) + 1, count, journal_path));
}
