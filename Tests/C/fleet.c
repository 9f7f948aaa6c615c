#include "fleet.h"

#include "peers.h"

#include <stdlib.h>
#include <string.h>

static int32_t port_resolve(void *context, const char *name, size_t length) { return (void)context, (void)name, (void)length, 1; }

static int32_t port_connect(void *context, int32_t index, uint16_t port_number) {
  struct member *member = context;
  struct fleet *fleet = member->fleet;
  (void)index;
  (void)port_number;
  if (fleet->answer == 0) return 0;
  /* What waits for an answer when the hub stops is no attempt of its own. */
  if (member->attempt_at != UINT64_MAX) {
    size_t tenth = (size_t)(now - fleet->restarted_at) / 100;
    need(tenth < fleet->attempts_capacity, "time for an attempt");
    fleet->attempts_at[tenth]++;
    member->attempts++;
    if (now != member->told_next) member->unbound++;
  }
  member->attempt_at = now;
  if (fleet->answer == 1) return MOTE_ERROR_REFUSED;
  static uint64_t second;
  if (second != now / SECOND) fleet->accepted_in_second = 0;
  second = now / SECOND;
  if (fleet->accepted_in_second == fleet->tcp_limit) return MOTE_ERROR_REFUSED;
  fleet->accepted_in_second++;
  fleet->accepted++;
  member->is_gone = 1;
  return 1;
}

static int32_t port_send(void *context, const uint8_t *bytes, size_t length) { return (void)context, (void)bytes, (void)length, 0; }
static int32_t port_receive(void *context, uint8_t *bytes, size_t capacity) { return (void)context, (void)bytes, (void)capacity, 0; }
static void port_close(void *context) { (void)context; }

static int32_t port_entropy(void *context, uint8_t *bytes, size_t length) {
  struct member *member = context;
  for (size_t index = 0; index < length; index++) bytes[index] = (uint8_t)(next_random(&member->random) >> 56);
  return MOTE_OK;
}

static int64_t port_wall_seconds(void *context) { return (void)context, true_seconds(); }

void fleet_start(struct fleet *fleet, size_t count, uint64_t seed, uint32_t retry) {
  static const char identity[] = "HostName=hub.example;DeviceId=d;SharedAccessKey=dGhlIHNlY3JldCBvZiBhIHRocm93LWF3YXkgZGV2aWNl";
  memset(fleet, 0, sizeof *fleet);
  fleet->count = count;
  fleet->attempts_capacity = 2 * 36000;
  fleet->attempts_at = calloc(fleet->attempts_capacity, sizeof *fleet->attempts_at);
  for (size_t index = 0; index < count; index++) {
    struct member *member = &fleet->members[index];
    mote_tls_options trust = {.size = sizeof trust, .roots_file = "ca.pem"};
    mote_client_options options = {.size = sizeof options, .connection_string = identity, .connection_string_length = sizeof identity - 1,
                                   .port = &member->port, .tls = &member->tls, .connect_milliseconds = UINT32_MAX, .retry_milliseconds = retry};
    mote_mqtt_options mqtt = {.size = sizeof mqtt, .receive_buffer = member->receive_buffer, .receive_capacity = sizeof member->receive_buffer,
                              .outbox = member->outbox, .outbox_capacity = sizeof member->outbox};
    member->port = (mote_port){member,     port_resolve, port_connect, port_send,
                               port_receive, port_close, port_entropy, port_wall_seconds};
    member->fleet = fleet;
    member->random = next_random(&seed);
    member->attempt_at = UINT64_MAX;
    member->limit = retry;
    need(mote_tls_init(&member->tls, sizeof member->tls, &trust) == MOTE_OK, "TLS");
    need(mote_client_init(&member->client, sizeof member->client, &options) == MOTE_OK, "a client");
    need(mote_use_mqtt(&member->client, &mqtt) == MOTE_OK, "its session");
  }
}

void fleet_end(struct fleet *fleet) {
  for (size_t index = 0; index < fleet->count; index++) mote_tls_deinit(&fleet->members[index].tls);
  free(fleet->attempts_at);
}

/** Polls until there is nothing to do at this time. */
static void poll(struct member *member) {
  mote_event event;
  do {
    int32_t result = mote_poll(&member->client, now, &event);
    need(result >= 0, "mote_poll");
    if (result == 1 && event.kind == MOTE_EVENT_DISCONNECTED) {
      uint64_t wait = event.deadline - now;
      member->told_next = event.deadline;
      if (wait < member->limit / 2 || wait > member->limit) member->unbound++;
      member->limit = member->limit < 32 * SECOND ? member->limit * 2 : MINUTE;
    }
    member->deadline = result == 1 ? now : event.deadline;
  } while (member->deadline <= now && !member->is_gone);
  if (member->is_gone) mote_tls_deinit(&member->tls);
}

void fleet_connect(struct fleet *fleet) {
  for (size_t index = 0; index < fleet->count; index++) {
    need(mote_connect(&fleet->members[index].client, now) == MOTE_OK, "mote_connect");
    poll(&fleet->members[index]);
  }
}

void fleet_run(struct fleet *fleet, uint64_t end) {
  for (;;) {
    uint64_t next = end;
    for (size_t index = 0; index < fleet->count; index++) {
      struct member *member = &fleet->members[index];
      if (member->is_gone) continue;
      /* An answer has come to who was waiting for one. */
      if (now >= member->deadline || (member->attempt_at == UINT64_MAX && fleet->answer != 0)) poll(member);
      if (!member->is_gone && member->deadline < next) next = member->deadline;
    }
    if (now >= end) return;
    now = next;
  }
}

uint32_t fleet_peak(const struct fleet *fleet, size_t tenths, size_t from, size_t to) {
  uint32_t most = 0;
  for (size_t start = from; start + tenths <= to; start++) {
    uint32_t count = 0;
    for (size_t tenth = start; tenth < start + tenths; tenth++) count += fleet->attempts_at[tenth];
    if (count > most) most = count;
  }
  return most;
}
