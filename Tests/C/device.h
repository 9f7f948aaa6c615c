/*
 * A device under test: a client over a port whose functions talk to memory, with the clock and the network of a test. It is
 * polled as an application would: when its deadline comes, when the port is ready for what it waits for, or after another
 * call; so a wake-up that the client forgets to ask for is found.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include "hub.h"
#include "mote.h"
#include "mote_tls.h"

#define DEVICE_KEY "SharedAccessKey=dGhlIHNlY3JldCBvZiBhIHRocm93LWF3YXkgZGV2aWNl"
#define IDENTITY "HostName=" HUB_NAME ";DeviceId=d;" DEVICE_KEY
/** How many events are kept. */
#define TOLD 64

/** An event, and when it was told. */
struct told {
  uint64_t at, deadline;
  int32_t kind, status, step, session_present;
};

struct device {
  mote_client client;
  mote_tls tls;
  mote_port port;
  mote_proxy proxy;
  mote_websocket websocket;
  struct hub *hub;
  struct hub_connection *connection; /**< Its TCP connection, or null. */
  uint8_t receive_buffer[1024], outbox[4096];

  /* What the port answers. */
  int32_t resolves; /**< As mote_port says; 1 from the start. */
  int32_t connects; /**< 1: as the hub does, from the start; 0: nothing; below zero: an error. */
  int32_t entropy_status;
  int32_t is_clock_lost;
  int64_t clock_shift; /**< Seconds. */
  uint64_t random;

  /* What the port was asked. */
  int32_t asked;              /**< What it answered with `not yet` last: 'r', 'c' or 0. */
  uint32_t resolve_count, attempts, closes;
  uint64_t attempt_at;        /**< When TCP was tried last. */

  /* When the client wants to be polled. */
  int32_t is_touched, wait;
  uint64_t deadline;

  /* What it told. */
  struct told told[TOLD];
  size_t told_count; /**< Of all, also those that are kept no more. */
  struct told last_end; /**< The last MOTE_EVENT_DISCONNECTED. */
  int32_t is_connected;
  mote_statistics counted; /**< As the test counts it. */
  uint64_t gap_start;
  /** Gets what is told of twin and methods, and of pieces, when not null. */
  void (*hear)(struct device *device, const mote_event *event);

  /* Its messages. */
  uint32_t next_number, source_number;
  uint8_t is_outstanding[65536]; /**< By token. */
  uint32_t outstanding, token_faults, failed_messages;
  uint16_t *incoming; /**< How often each number came, when not null: NUMBERS. */
  uint32_t incoming_next, incoming_first, incoming_repeated, incoming_disordered;
};

/**
 * Makes a client of `identity` with `options`, whose connection string, port and TLS are put in. `mqtt`: null for defaults. It goes
 * by what stands in front of the hub.
 */
void device_start(struct device *device, struct hub *hub, const char *identity, const mote_client_options *options,
                  const mote_mqtt_options *mqtt, uint64_t seed);
/** Frees what TLS holds. */
void device_end(struct device *device);

void device_connect(struct device *device);
mote_status device_disconnect(struct device *device);

/** Sends a message of `length` bytes, at least 4: the next number, or one that the hub does not look at. What mote_send gave. */
int32_t device_send(struct device *device, size_t length, int32_t at_most_once);
/** The same from a payload source. */
int32_t device_send_source(struct device *device, size_t length);

/** The event told before the last `back` ones. */
const struct told *device_told(const struct device *device, size_t back);

/** Whether its statistics are what the test counted: all but bytes. */
int device_counts_right(struct device *device);

/** Polls it while it is due. Whether it was. */
int device_run(struct device *device);
/** When it wants to be polled next, as it stands. */
uint64_t device_next(const struct device *device);

/* All that a test moves through time. */
#define DEVICES 32
struct world {
  struct hub *hub;
  struct device *devices[DEVICES];
  size_t count;
};

/** Lets everybody do what can be done now. */
void settle(struct world *world);
/** Turns the clock to `end`, and does what is due on the way. */
void run_until(struct world *world, uint64_t end);
/** The same until `device` is told something more, at most to `end`. What it was told, or null. */
const struct told *run_until_told(struct world *world, struct device *device, uint64_t end);
/** The same until it is told that it is connected, or that it is not. */
int run_until_connected(struct world *world, struct device *device, uint64_t end);
const struct told *run_until_ended(struct world *world, struct device *device, uint64_t end);

#endif
