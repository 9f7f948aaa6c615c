/*
 * Many devices at a time, from their first attempt until TCP is open: what a hub sees of a fleet that comes back. After that
 * a device is let go, since what follows does not depend on the others.
 */
#ifndef FLEET_H
#define FLEET_H

#include "mote.h"
#include "mote_tls.h"
#include "network.h"

#define FLEET 1000

struct fleet;

struct member {
  mote_client client;
  mote_tls tls;
  mote_port port;
  struct fleet *fleet;
  uint64_t random, deadline;
  uint8_t receive_buffer[512], outbox[128];
  int32_t is_gone;
  uint32_t attempts;
  uint64_t attempt_at;
  uint64_t limit;    /**< Of the wait that is going on. */
  uint32_t unbound;  /**< Waits out of bounds, and attempts at another time than was told. */
  uint64_t told_next;
};

struct fleet {
  struct member members[FLEET];
  size_t count;
  /** What TCP answers: 0 nothing, 1 refused, 2 accepted up to `tcp_limit` in a second. */
  int32_t answer;
  uint32_t tcp_limit, accepted, accepted_in_second;
  uint64_t restarted_at;
  uint32_t *attempts_at; /**< By the tenth of a second since `restarted_at`, of `attempts_capacity`. */
  size_t attempts_capacity;
};

/** Makes `count` devices whose randomness comes from `seed`, and whose first wait is at most `retry` milliseconds. */
void fleet_start(struct fleet *fleet, size_t count, uint64_t seed, uint32_t retry);
void fleet_end(struct fleet *fleet);

/** All of them connect, and get no answer: as many as were connected when the hub stops. */
void fleet_connect(struct fleet *fleet);

/** Turns the clock to `end`. */
void fleet_run(struct fleet *fleet, uint64_t end);

/** The most attempts within `tenths` of a second, one after another, between `from` and `to` in tenths since the restart. */
uint32_t fleet_peak(const struct fleet *fleet, size_t tenths, size_t from, size_t to);

#endif
