/*
 * What each client does beside its peers: the same job, in the way its own users would write it. See
 * Embedded/scripts/bench-peers.
 *
 * Every function returns 0, or a number that tells the step that went wrong. A client is one object of static storage.
 */
#ifndef PEER_H
#define PEER_H

#include <stddef.h>

/* The topic to which a hub's device "bench" sends, so that it is the same for all. */
#define PEER_TOPIC "devices/bench/messages/events/"
/* What it receives back; as long, and not subscribed to while throughput is measured. */
#define PEER_ECHO_TOPIC "devices/bench/messages/echoes/"
#define PEER_TOPIC_LENGTH 30
#define PEER_IDENTIFIER "bench"
#define PEER_PAYLOAD 128

/** Most messages at quality of service 1 that are in flight. */
#define PEER_WINDOW 16

/** How long the broker may be silent, in milliseconds. */
#define PEER_PATIENCE 20000

/** Where the broker is, and whose certificates to believe. */
typedef struct peer_broker {
  const char *host;
  int port;
  const char *ca_file; /**< PEM. */
} peer_broker;

/** What is sent: PEER_PAYLOAD bytes. */
extern char peer_payload[PEER_PAYLOAD];

/** Names and versions of client and TLS library, for a log. Valid until the next call. */
const char *peer_version(void);

/**
 * Makes a client that is not connected, and has no TLS session to resume. `broker` is borrowed for its life.
 * `has_messages`: whether it will do more than connect.
 */
int peer_make(const peer_broker *broker, int has_messages);

/** Connects: name, TCP, verified TLS, CONNECT, until the broker accepts. */
int peer_connect(void);

/** Leaves, so that the same client can connect again. */
int peer_disconnect(void);

/** Frees what peer_make made. */
void peer_free(void);

/**
 * Publishes `count` messages, and comes back when the broker has them all: at quality of service 1 with its last
 * PUBACK, at 0 with that of one message more, at 1, behind them.
 */
int peer_publish(long count, int quality_of_service);

/** Subscribes to the echo topic at quality of service 0. A client that has none returns 0 as well, and fails later. */
int peer_subscribe(void);

/** Publishes `count` messages to the echo topic at quality of service 0, each when the one before has come back. */
int peer_round_trips(long count);

#endif
