/*
 * Sessions that are resumed, as the server says too, and those that must not be: everything that verification promises
 * holds for the second connection as for the first.
 */
#include "tls_tests.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The ends of the chain `long.pem`, `brief.pem`, `ca.pem`: its root's life is longer, its leaf's begins before. */
#define CHAIN_FROM ((int64_t)1861920000)  /* 2029-01-01. */
#define CHAIN_UNTIL ((int64_t)2051222400) /* 2035-01-01. */

struct way {
  const char *name;
  const char *arguments;
  const char *without; /**< Arguments for a server with another way to resume, or none. */
};

static const struct way ways[] = {
  {"TLS 1.2, identifier", "-tls1_2 -no_ticket", "-tls1_2 -no_ticket -no_cache"},
  {"TLS 1.2, ticket", "-tls1_2", "-tls1_2 -no_ticket"},
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
  {"TLS 1.3, ticket", "-tls1_3", "-tls1_3 -num_tickets 0"},
  {"TLS 1.3, ticket that names a session", "-tls1_3 -no_ticket", "-tls1_3 -num_tickets 0"},
#endif
};

static const struct way *way;
static struct client client;

static void say(int condition, const char *name) {
  char text[160];
  snprintf(text, sizeof text, "%s: %s", way->name, name);
  check(condition, text);
}

static void start(struct server *server, const char *arguments) {
  char text[256];
  snprintf(text, sizeof text, "-cert long.pem -key long.key -cert_chain brief.pem %s", arguments);
  server_start(server, text);
}

/** Connects, and stays until there is a session to resume, where `brings_session`: TLS 1.3 sends it after the handshake. */
static int32_t visit(struct server *server, const char *name, int64_t wall_seconds, int brings_session) {
  uint64_t deadline = mote_linux_now() + 5000;
  uint8_t byte;
  int32_t result = connect_to(&client, server, name, wall_seconds);
  while (result == 1 && brings_session && !client.tls.has_saved && mote_linux_now() < deadline) {
    if (mote_tls_receive(&client.tls, &byte, 1) < 0) break;
    if (!client.tls.has_saved) mote_linux_wait(&client.linux_port, MOTE_WAIT_READ, deadline, -1);
  }
  return result;
}

/** Visits under the right name at a good time. Whether it was resumed, as both sides say; else -1. */
static int resumes(struct server *server, int64_t wall_seconds) {
  int32_t result = visit(server, "localhost", wall_seconds, 1);
  int by_client = mote_tls_was_resumed(&client.tls);
  int by_server = result == 1 ? server_has_resumed(server) : -1;
  leave(&client);
  return by_client == by_server ? by_server : -1;
}

/** Visits where the connection must fail. */
static void is_refused(struct server *server, const char *name, int64_t wall_seconds, int32_t expected, const char *what) {
  int32_t result = visit(server, name, wall_seconds, 0);
  leave(&client);
  say(result == expected, what);
  if (result != expected) printf("  expected %d, found %d\n", (int)expected, (int)result);
}

static void check_way(void) {
  struct server server, other;
  start(&server, way->arguments);
  start(&other, way->without);
  initialise(&client, "ca.pem", NULL, 0);

  say(resumes(&server, WALL) == 0, "the first handshake is in full");
  say(resumes(&server, WALL) == 1, "the second is resumed");
  say(resumes(&server, WALL) == 1, "and the third");
  say(resumes(&server, WALL - 1) == 0, "but not when the clock has gone back");
  say(!mote_tls_was_resumed(&client.tls), "a connection that is over was not resumed");
  say(resumes(&server, CHAIN_UNTIL) == 1, "to the last second of the chain");

  is_refused(&server, "localhost", CHAIN_UNTIL + 1, MOTE_ERROR_CERTIFICATE_EXPIRED, "but not after it");
  say(resumes(&server, WALL) == 0, "then in full");
  is_refused(&server, "localhost", CHAIN_FROM - 1, MOTE_ERROR_CERTIFICATE_NOT_YET_VALID, "nor before it");
  say(resumes(&server, WALL) == 0, "then in full");
  is_refused(&server, "hub.example", WALL, MOTE_ERROR_CERTIFICATE_HOST, "nor for another name");
  say(resumes(&server, WALL) == 0, "then in full");

  struct scripted_port state = {(const uint8_t *)"\x15\x03\x03\x00\x02\x02\x50", 7, 0, MOTE_OK};
  mote_port alerting = scripted_port(&state);
  say(shake_hands(&client, &alerting, "localhost", WALL) == MOTE_ERROR_TLS_ALERT, "a handshake with a session fails");
  mote_tls_close(&client.tls);
  say(resumes(&server, WALL) == 0, "then in full");
  say(resumes(&server, WALL) == 1, "then resumed");

  /* The other server knows no session of the first, and gives its own, or none. */
  int32_t result = visit(&other, "localhost", WALL, 0);
  say(result == 1 && !mote_tls_was_resumed(&client.tls) && server_has_resumed(&other) == 0,
      "a server that refuses the session goes on in full");
  leave(&client);
  result = visit(&other, "localhost", WALL, 0);
  int is_by_identifier = strcmp(way->without, "-tls1_2 -no_ticket") == 0;
  say(result == 1 && mote_tls_was_resumed(&client.tls) == is_by_identifier && server_has_resumed(&other) == is_by_identifier,
      "and nothing of the session is left");
  leave(&client);

  mote_tls_deinit(&client.tls);
  server_stop(&other);
  server_stop(&server);
}

/** Fragments stay as long as was asked for, and bytes come through. */
static void check_fragments(void) {
  static uint8_t bytes[8000];
  struct server server;
  struct slow_port slow;
  start(&server, way->arguments);
  initialise(&client, "ca.pem", NULL, 2048);
  visit(&server, "localhost", WALL, 1);
  leave(&client);

  int32_t result = reach(&client, "localhost", server.port_number);
  mote_port port = slow_port(&slow, &client.port, 4096);
  if (result == 1) result = shake_hands(&client, &port, "localhost", WALL);
  int is_resumed = mote_tls_was_resumed(&client.tls);
  memset(bytes, 'x', sizeof bytes);
  bytes[sizeof bytes - 1] = '\n';
  int is_whole = write(server.input, bytes, sizeof bytes) == (ssize_t)sizeof bytes;
  memset(bytes, 0, sizeof bytes);
  size_t received = 0;
  while (is_whole && received < sizeof bytes) {
    result = await(&client, bytes + received, sizeof bytes - received);
    if (result <= 0) break;
    received += (size_t)result;
  }
  is_whole &= received == sizeof bytes && bytes[0] == 'x' && bytes[sizeof bytes - 1] == '\n';
  say(is_resumed && is_whole && slow.largest_record <= 2048 + 29, "a resumed connection has fragments as asked for");
  leave(&client);
  mote_tls_deinit(&client.tls);
  server_stop(&server);
}

static void check_device(void) {
  struct server server;
  char arguments[128];
  snprintf(arguments, sizeof arguments, "%s -Verify 1 -verify_return_error -CAfile ca.pem -attime 1907712000", way->arguments);
  start(&server, arguments);
  initialise(&client, "ca.pem", "device", 0);
  say(resumes(&server, WALL) == 0 && resumes(&server, WALL) == 1, "resumes as the device that it proved to be");
  mote_tls_deinit(&client.tls);
  server_stop(&server);
}

/** As --insecure does. */
static void check_unverified(void) {
  struct server server;
  start(&server, way->arguments);
  initialise(&client, "ca.pem", NULL, 0);
  mbedtls_ssl_conf_authmode(&client.tls.configuration, MBEDTLS_SSL_VERIFY_NONE);
  visit(&server, "localhost", WALL, 0);
  say(!client.tls.has_saved && server_has_resumed(&server) == 0, "a server that was not verified is connected to");
  leave(&client);
  mbedtls_ssl_conf_authmode(&client.tls.configuration, MBEDTLS_SSL_VERIFY_REQUIRED);
  is_refused(&server, "hub.example", WALL, MOTE_ERROR_CERTIFICATE_HOST, "and its session not saved");
  mote_tls_deinit(&client.tls);
  server_stop(&server);
}

void check_resumption(void) {
  for (size_t index = 0; index < sizeof ways / sizeof ways[0]; index++) {
    way = &ways[index];
    check_way();
    check_unverified();
    check_device();
    /* TLS 1.3 is not agreed on where fragments are asked for. */
    if (index < 2) check_fragments();
  }
}
