/*
 * Mote's MQTT session over the program's own mbedTLS, as for another broker than a hub: what the round trip is measured
 * with, since the device client receives from the hub's topic alone. The network is the Linux port.
 */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <stdio.h>
#include <string.h>

#include "mote.h"
#include "mote_linux.h"
#include "peer.h"

static const peer_broker *place;
static mote_mqtt session;
static mote_linux network;
static mote_port port;
static uint8_t receive_buffer[1024], outbox[4096];

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context generator;
static mbedtls_x509_crt roots;
static mbedtls_ssl_config configuration;
static mbedtls_ssl_context tls;

const char *peer_version(void) {
  static char text[64];
  snprintf(text, sizeof text, "mote %d.%d.%d, %s", MOTE_VERSION_MAJOR, MOTE_VERSION_MINOR, MOTE_VERSION_PATCH,
           MBEDTLS_VERSION_STRING_FULL);
  return text;
}

static int send_bytes(void *context, const unsigned char *bytes, size_t length) {
  (void)context;
  int32_t sent = port.send(port.context, bytes, length);
  return sent == 0 ? MBEDTLS_ERR_SSL_WANT_WRITE : sent;
}

static int receive_bytes(void *context, unsigned char *bytes, size_t capacity) {
  (void)context;
  int32_t received = port.receive(port.context, bytes, capacity);
  return received == 0 ? MBEDTLS_ERR_SSL_WANT_READ : received;
}

int peer_make(const peer_broker *broker, int has_messages) {
  (void)has_messages;
  place = broker;
  mote_linux_init(&network);
  port = mote_port_linux(&network);

  mbedtls_entropy_init(&entropy);
  mbedtls_ctr_drbg_init(&generator);
  mbedtls_x509_crt_init(&roots);
  mbedtls_ssl_config_init(&configuration);
  if (mbedtls_ctr_drbg_seed(&generator, mbedtls_entropy_func, &entropy, NULL, 0) != 0) return 1;
  if (mbedtls_x509_crt_parse_file(&roots, broker->ca_file) != 0) return 2;
  if (mbedtls_ssl_config_defaults(&configuration, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                  MBEDTLS_SSL_PRESET_DEFAULT) != 0)
    return 3;
  mbedtls_ssl_conf_rng(&configuration, mbedtls_ctr_drbg_random, &generator);
  mbedtls_ssl_conf_ca_chain(&configuration, &roots, NULL);

  mote_mqtt_options options = {0};
  options.size = sizeof options;
  options.receive_buffer = receive_buffer;
  options.receive_capacity = sizeof receive_buffer;
  options.outbox = outbox;
  options.outbox_capacity = sizeof outbox;
  options.window = PEER_WINDOW;
  return mote_mqtt_init(&session, sizeof session, &options) == MOTE_OK ? 0 : 4;
}

/** Waits for the network, or until `deadline`. */
static void wait_for(int32_t what, uint64_t deadline) { mote_linux_wait(&network, what, deadline, -1); }

/**
 * Takes an event: its kind; 0 when it has waited for one instead, or with `has_more` to send, when the session has sent what it
 * had; below zero: an error.
 */
static int32_t run(int has_more, mote_mqtt_event *event) {
  for (;;) {
    uint64_t now = mote_linux_now();
    int32_t next = mote_mqtt_next(&session, now, event);
    if (next != 0) return next < 0 ? next : event->kind;

    int32_t what = MOTE_WAIT_READ;
    const uint8_t *bytes;
    int32_t length;
    while ((length = mote_mqtt_transmission(&session, now, &bytes)) > 0) {
      int sent = mbedtls_ssl_write(&tls, bytes, (size_t)length);
      if (sent == MBEDTLS_ERR_SSL_WANT_WRITE) {
        what |= MOTE_WAIT_WRITE;
        break;
      }
      if (sent < 0) return sent;
      mote_mqtt_sent(&session, (size_t)sent, now);
    }

    uint8_t *space;
    int32_t capacity = mote_mqtt_space(&session, &space);
    int received = capacity == 0 ? 0 : mbedtls_ssl_read(&tls, space, (size_t)capacity);
    if (received == MBEDTLS_ERR_SSL_WANT_READ) {
      if (!has_more || what & MOTE_WAIT_WRITE) wait_for(what, mote_mqtt_deadline(&session));
      return 0;
    }
    if (received <= 0) return received < 0 ? received : MOTE_ERROR_CLOSED;
    mote_mqtt_received(&session, (size_t)received);
  }
}

static int await(int32_t kind, int step) {
  mote_mqtt_event event;
  int32_t come;
  do {
    come = run(0, &event);
  } while (come == 0);
  return come == kind ? 0 : step;
}

static int open_tls(void) {
  mbedtls_ssl_init(&tls);
  if (mbedtls_ssl_setup(&tls, &configuration) != 0) return 14;
  if (mbedtls_ssl_set_hostname(&tls, place->host) != 0) return 15;
  mbedtls_ssl_set_bio(&tls, NULL, send_bytes, receive_bytes, NULL);
  int code;
  while ((code = mbedtls_ssl_handshake(&tls)) != 0) {
    if (code == MBEDTLS_ERR_SSL_WANT_READ) wait_for(MOTE_WAIT_READ, UINT64_MAX);
    else if (code == MBEDTLS_ERR_SSL_WANT_WRITE) wait_for(MOTE_WAIT_WRITE, UINT64_MAX);
    else return 16;
  }
  return 0;
}

int peer_connect(void) {
  int32_t result;
  while ((result = port.resolve(port.context, place->host, strlen(place->host))) == 0) wait_for(MOTE_WAIT_READ, UINT64_MAX);
  if (result < 0) return 10;
  while ((result = port.connect(port.context, 0, (uint16_t)place->port)) == 0) wait_for(MOTE_WAIT_WRITE, UINT64_MAX);
  if (result < 0) return 11;
  int step = open_tls();
  if (step != 0) return step;

  mote_mqtt_connection connection = {0};
  connection.size = sizeof connection;
  connection.client_identifier = PEER_IDENTIFIER;
  connection.client_identifier_length = sizeof PEER_IDENTIFIER - 1;
  if (mote_mqtt_connect(&session, &connection, mote_linux_now()) != MOTE_OK) return 17;
  return await(MOTE_MQTT_CONNECTED, 18);
}

int peer_disconnect(void) {
  if (mote_mqtt_disconnect(&session) != MOTE_OK) return 20;
  mote_mqtt_event event;
  int32_t result;
  /* Until the broker has closed. */
  while ((result = run(0, &event)) >= 0) continue;
  mbedtls_ssl_free(&tls);
  port.close(port.context);
  mote_mqtt_lost(&session);
  return result == MOTE_ERROR_CLOSED || result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY ? 0 : 21;
}

void peer_free(void) {
  mbedtls_ssl_config_free(&configuration);
  mbedtls_x509_crt_free(&roots);
  mbedtls_ctr_drbg_free(&generator);
  mbedtls_entropy_free(&entropy);
}

static int32_t publish(const char *topic, int32_t flags) {
  return mote_mqtt_publish(&session, topic, PEER_TOPIC_LENGTH, (const uint8_t *)peer_payload, sizeof peer_payload, flags);
}

int peer_publish(long count, int quality_of_service) {
  mote_mqtt_event event;
  long sent = 0, in_flight = 0;
  /* At quality of service 0 the last says that the broker has the others. */
  long all = quality_of_service == 0 ? count + 1 : count;
  while (sent < all || in_flight > 0) {
    int32_t flags = quality_of_service == 0 && sent < count ? MOTE_QOS_0 : MOTE_QOS_1;
    int has_more = sent < all && in_flight < PEER_WINDOW;
    int32_t result = has_more ? publish(PEER_TOPIC, flags) : MOTE_ERROR_OUTBOX_FULL;
    if (result >= 0) {
      sent++;
      in_flight += flags == MOTE_QOS_1;
      continue;
    }
    if (result != MOTE_ERROR_OUTBOX_FULL) return 30;
    int32_t kind = run(has_more, &event);
    if (kind == MOTE_MQTT_ACKNOWLEDGED) in_flight--;
    else if (kind != 0) return 31;
  }
  return 0;
}

int peer_subscribe(void) {
  const mote_mqtt_filter filter = {PEER_ECHO_TOPIC, PEER_TOPIC_LENGTH, 0};
  if (mote_mqtt_subscribe(&session, &filter, 1) <= 0) return 40;
  return await(MOTE_MQTT_SUBSCRIBED, 41);
}

int peer_round_trips(long count) {
  for (long number = 0; number < count; number++) {
    if (publish(PEER_ECHO_TOPIC, MOTE_QOS_0) != MOTE_OK) return 50;
    if (await(MOTE_MQTT_MESSAGE, 51) != 0) return 51;
  }
  return 0;
}
