/*
 * What the TLS tests share: a client over the Linux port.
 */
#ifndef TLS_TESTS_H
#define TLS_TESTS_H

#include "checks.h"
#include "mote_linux.h"
#include "mote_tls.h"
#include "mote_tls_connection.h"
#include "tls_server.h"

/* 2030-06-15: inside the life of the good certificates, which the clock of this computer has not reached. */
#define WALL ((int64_t)1907712000)

struct client {
  mote_linux linux_port;
  mote_port port;
  mote_tls tls;
};

/** `identity`: the file name, without its ending, of the client's certificate and key, or null. */
mote_status initialise(struct client *client, const char *roots, const char *identity, uint32_t max_fragment_length);

/** Resolves and connects: 1, or an error. */
int32_t reach(struct client *client, const char *host, uint16_t port_number);

/** 1 when the handshake was done. `port` may be one over the client's own. */
int32_t shake_hands(struct client *client, const mote_port *port, const char *name, int64_t wall_seconds);

/** Reaches the server and shakes hands with it under `name`. */
int32_t connect_to(struct client *client, const struct server *server, const char *name, int64_t wall_seconds);

/** Receives once there is something. */
int32_t await(struct client *client, uint8_t *bytes, size_t capacity);

void leave(struct client *client);

/** Right and wrong use, the built-in roots, and dates (tls_use.c). */
void check_use(void);

/** Sessions resumed, and those that must not be (tls_resumption.c). */
void check_resumption(void);

#endif
