/*
 * libmosquitto, on one thread with mosquitto_loop: on one core that is faster than its own thread (mosquitto_loop_start).
 */
#include <mosquitto.h>
#include <openssl/crypto.h>
#include <stdio.h>

#include "peer.h"

static struct mosquitto *client;
static const peer_broker *place;
static int is_connected, is_subscribed;
static long acknowledged, received;
/* The token of the one message whose report counts, since those at quality of service 0 are reported too; 0: all count. */
static int awaited;

static void connected(struct mosquitto *mosquitto, void *context, int code) {
  (void)mosquitto, (void)context;
  is_connected = code == 0;
}

static void disconnected(struct mosquitto *mosquitto, void *context, int code) {
  (void)mosquitto, (void)context, (void)code;
  is_connected = 0;
}

static void subscribed(struct mosquitto *mosquitto, void *context, int token, int count, const int *granted) {
  (void)mosquitto, (void)context, (void)token;
  is_subscribed = count == 1 && granted[0] == 0;
}

static void published(struct mosquitto *mosquitto, void *context, int token) {
  (void)mosquitto, (void)context;
  if (awaited == 0 || token == awaited) acknowledged++;
}

static void came(struct mosquitto *mosquitto, void *context, const struct mosquitto_message *message) {
  (void)mosquitto, (void)context;
  if (message->payloadlen == PEER_PAYLOAD) received++;
}

const char *peer_version(void) {
  static char text[64];
  int major, minor, patch;
  mosquitto_lib_version(&major, &minor, &patch);
  snprintf(text, sizeof text, "libmosquitto %d.%d.%d, OpenSSL %s", major, minor, patch,
           OpenSSL_version(OPENSSL_VERSION_STRING));
  return text;
}

int peer_make(const peer_broker *broker, int has_messages) {
  (void)has_messages;
  place = broker;
  mosquitto_lib_init();
  client = mosquitto_new(PEER_IDENTIFIER, false, NULL);
  if (client == NULL) return 1;
  if (mosquitto_tls_set(client, broker->ca_file, NULL, NULL, NULL, NULL) != 0) return 2;
  if (mosquitto_tls_opts_set(client, 1, "tlsv1.2", NULL) != 0) return 3;
  if (mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1) != 0) return 4;
  if (mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, PEER_WINDOW) != 0) return 5;
  mosquitto_connect_callback_set(client, connected);
  mosquitto_disconnect_callback_set(client, disconnected);
  mosquitto_subscribe_callback_set(client, subscribed);
  mosquitto_publish_callback_set(client, published);
  mosquitto_message_callback_set(client, came);
  return 0;
}

static int run(void) { return mosquitto_loop(client, PEER_PATIENCE, 1); }

int peer_connect(void) {
  is_connected = 0;
  if (mosquitto_connect(client, place->host, place->port, 240) != 0) return 10;
  while (!is_connected) {
    if (run() != 0) return 11;
  }
  return 0;
}

int peer_disconnect(void) {
  if (mosquitto_disconnect(client) != 0) return 20;
  while (is_connected) {
    if (run() != 0) break;
  }
  return is_connected ? 21 : 0;
}

void peer_free(void) {
  mosquitto_destroy(client);
  mosquitto_lib_cleanup();
}

static int publish(const char *topic, int quality_of_service, int *token) {
  return mosquitto_publish(client, token, topic, sizeof peer_payload, peer_payload, quality_of_service, false);
}

int peer_publish(long count, int quality_of_service) {
  acknowledged = 0;
  if (quality_of_service == 0) {
    awaited = -1;
    for (long sent = 0; sent < count; sent++) {
      if (publish(PEER_TOPIC, 0, NULL) != 0) return 30;
      /* The library queues without limit what the socket does not take. */
      while (mosquitto_want_write(client)) {
        if (run() != 0) return 31;
      }
    }
    if (publish(PEER_TOPIC, 1, &awaited) != 0) return 32;
    count = 1;
  } else {
    awaited = 0;
    for (long sent = 0; sent < count; sent++) {
      while (sent - acknowledged == PEER_WINDOW) {
        if (run() != 0) return 33;
      }
      if (publish(PEER_TOPIC, 1, NULL) != 0) return 34;
    }
  }
  while (acknowledged < count) {
    if (run() != 0) return 35;
  }
  return 0;
}

int peer_subscribe(void) {
  if (mosquitto_subscribe(client, NULL, PEER_ECHO_TOPIC, 0) != 0) return 40;
  while (!is_subscribed) {
    if (run() != 0) return 41;
  }
  return 0;
}

int peer_round_trips(long count) {
  for (received = 0; received < count;) {
    long before = received;
    if (publish(PEER_ECHO_TOPIC, 0, NULL) != 0) return 50;
    while (received == before) {
      if (run() != 0) return 51;
    }
  }
  return 0;
}
