/*
 * The other side of a connection under test: an `openssl s_server` on a free port of 127.0.0.1, and ports that misbehave.
 */
#ifndef TLS_SERVER_H
#define TLS_SERVER_H

#include "mote.h"

#include <stddef.h>
#include <stdint.h>

/** A server process. */
struct server {
  int process;
  int input;  /**< Lines written here go to the client. */
  int output; /**< What the server prints. */
  uint16_t port_number;
};

/** Starts `openssl s_server` with `arguments`, separated by single spaces. Ends the program when it cannot. */
void server_start(struct server *server, const char *arguments);

/** Reads what the server prints until `text` comes, for at most five seconds. Whether it came. */
int server_says(struct server *server, const char *text);

/** Whether the server says of the connection that it made last that it resumes a session. -1 when it says nothing. */
int server_has_resumed(struct server *server);

void server_stop(struct server *server);

/** A port over another, which gives and takes little at a time, and now and then nothing. */
struct slow_port {
  const mote_port *below;
  size_t step; /**< Most bytes a call. */
  int is_tired;
  size_t largest_record; /**< Of those received. */
  size_t record_rest;
  uint8_t header[5];
  size_t header_length;
};

mote_port slow_port(struct slow_port *state, const mote_port *below, size_t step);

/** A port that gives the same bytes to every client, and then ends with `status`. It takes all that is sent. */
struct scripted_port {
  const uint8_t *bytes;
  size_t length;
  mote_status status;
  mote_status entropy_status;
};

mote_port scripted_port(struct scripted_port *state);

#endif
