/*
 * What the conformance tests share: real peers: mosquitto over TLS, its clients, and an `openssl s_server`
 * that says nothing. All of them listen on 127.0.0.1, keep their files in the current folder, where ca.pem, server.pem and
 * server.key are, and end with the program at the latest.
 */
#ifndef PEERS_H
#define PEERS_H

#include "checks.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** How long anything may take here, in milliseconds. */
#define PATIENCE 15000

/** Runs `step` until `condition` holds, for a while. */
#define UNTIL(condition, step) \
  for (uint64_t until_ = mote_linux_now() + PATIENCE; !(condition) && mote_linux_now() < until_;) step

/** Waits a few milliseconds: for UNTIL, when there is nothing else to do. */
void rest(void);

/** A TCP socket bound to a free port of 127.0.0.1. */
int bound_socket(uint16_t *port_number);

/** The whole of a file, NUL-terminated, and its length unless that is null. To be freed. */
char *read_file(const char *name, size_t *length);
void write_file(const char *name, const void *bytes, size_t length);

/** Runs a shell command, made as printf does, and needs its success. */
void run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Starts a shell command in the background, with the file for its output and errors. `exec` makes it the process itself. */
pid_t start(const char *output, const char *format, ...) __attribute__((format(printf, 2, 3)));

void stop(pid_t process, int signal);

/** A mosquitto. */
struct broker {
  const char *name;
  pid_t process;
  uint16_t port_number;
  size_t mark; /**< Where in its log counting starts. */
};

/** Lines of configuration for TLS with the server's certificate, and for everybody. */
#define OVER_TLS "cafile ca.pem\ncertfile server.pem\nkeyfile server.key\n"
#define FOR_ALL "allow_anonymous true\n"

/** Starts a broker named `name` with `lines` of configuration, and waits until it listens. Its log is NAME.log. */
void broker_start(struct broker *broker, const char *name, const char *lines);

/** Starts a broker that refuses every subscription but to `open/#`. (An `acl_file` refuses none, in 2.0.) */
void broker_start_strict(struct broker *broker, const char *name, const char *more_lines);

/** Ends it with a signal. */
void broker_end(struct broker *broker, int signal);

/** Starts it again on the same port. */
void broker_again(struct broker *broker);

/** Forgets what has been logged so far. */
void broker_mark(struct broker *broker);

/** How often `text` was logged since the mark. */
int broker_logged(const struct broker *broker, const char *text);

/** Waits until `text` was logged `count` times since the mark. Whether it was. */
int broker_logs(const struct broker *broker, const char *text, int count);

/** Starts mosquitto_sub, with its arguments, and waits until it has subscribed. It writes to the file NAME. */
pid_t watch(struct broker *broker, const char *name, const char *arguments);

/** How many lines a file has. */
int lines_of(const char *name);

/** Runs mosquitto_pub with quality of service 1, and arguments as printf makes them, which may override that. */
void publish(const struct broker *broker, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
