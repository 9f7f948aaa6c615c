/*
 * Mote's device client, as Embedded/examples/telemetry.c uses it. It receives from the hub's own topic alone: round trips
 * are in mote_session.c.
 */
#include <stdio.h>
#include <string.h>

#include <mbedtls/version.h>

#include "mote.h"
#include "mote_linux.h"
#include "mote_tls.h"
#include "peer.h"

/* The key is of a device that no hub has. */
static const char connection_string[] =
    "HostName=hub.example;DeviceId=" PEER_IDENTIFIER ";SharedAccessKey=YSBrZXkgb2YgMTYgYnl0ZXMsIG9yIG1vcmU=";

static mote_client client;
static mote_linux network;
static mote_port port;
static mote_tls tls;
static uint8_t receive_buffer[1024], outbox[4096];

const char *peer_version(void) {
  static char text[64];
  snprintf(text, sizeof text, "mote %d.%d.%d, %s", MOTE_VERSION_MAJOR, MOTE_VERSION_MINOR, MOTE_VERSION_PATCH,
           MBEDTLS_VERSION_STRING_FULL);
  return text;
}

int peer_make(const peer_broker *broker, int has_messages) {
  (void)has_messages;
  mote_linux_init(&network);
  port = mote_port_linux(&network);

  mote_tls_options trust = {0};
  trust.size = sizeof trust;
  trust.roots_file = broker->ca_file;
  if (mote_tls_init(&tls, sizeof tls, &trust) != MOTE_OK) return 1;

  mote_client_options options = {0};
  options.size = sizeof options;
  options.connection_string = connection_string;
  options.connection_string_length = sizeof connection_string - 1;
  options.port = &port;
  options.tls = &tls;
  options.endpoint = broker->host;
  options.endpoint_length = strlen(broker->host);
  options.endpoint_port = (uint32_t)broker->port;
  if (mote_client_init(&client, sizeof client, &options) != MOTE_OK) return 2;

  mote_mqtt_options mqtt = {0};
  mqtt.size = sizeof mqtt;
  mqtt.receive_buffer = receive_buffer;
  mqtt.receive_capacity = sizeof receive_buffer;
  mqtt.outbox = outbox;
  mqtt.outbox_capacity = sizeof outbox;
  mqtt.window = PEER_WINDOW;
  return mote_use_mqtt(&client, &mqtt) == MOTE_OK ? 0 : 3;
}

/**
 * Takes an event if there is one, and else waits until there can be one; with `has_more` to send only until the network takes
 * bytes. The result is the event's kind, or below zero.
 */
static int32_t run(int has_more) {
  mote_event event;
  int32_t polled = mote_poll(&client, mote_linux_now(), &event);
  if (polled < 0) return polled;
  if (polled == 0 && (!has_more || event.wait & MOTE_WAIT_WRITE)) {
    mote_linux_wait(&network, event.wait, event.deadline, -1);
  }
  if (event.kind == MOTE_EVENT_DISCONNECTED && event.status < 0) {
    fprintf(stderr, "mote: %s\n", mote_status_text(event.status));
    return event.status;
  }
  return event.kind;
}

static int await(int32_t kind, int step) {
  int32_t come;
  do {
    come = run(0);
  } while (come == MOTE_EVENT_NONE);
  return come == kind ? 0 : step;
}

int peer_connect(void) {
  if (mote_connect(&client, mote_linux_now()) != MOTE_OK) return 10;
  return await(MOTE_EVENT_CONNECTED, 11);
}

int peer_disconnect(void) {
  if (mote_disconnect(&client, mote_linux_now()) != MOTE_OK) return 20;
  return await(MOTE_EVENT_DISCONNECTED, 21);
}

void peer_free(void) { mote_tls_deinit(&tls); }

int peer_publish(long count, int quality_of_service) {
  mote_telemetry telemetry = {0};
  telemetry.size = sizeof telemetry;
  telemetry.payload = (const uint8_t *)peer_payload;
  telemetry.payload_length = sizeof peer_payload;
  long sent = 0, in_flight = 0;
  /* At quality of service 0 the last says that the broker has the others. */
  long all = quality_of_service == 0 ? count + 1 : count;
  while (sent < all || in_flight > 0) {
    telemetry.at_most_once = quality_of_service == 0 && sent < count;
    int has_more = sent < all && in_flight < PEER_WINDOW;
    int32_t result = has_more ? mote_send(&client, &telemetry) : MOTE_ERROR_OUTBOX_FULL;
    if (result >= 0) {
      sent++;
      in_flight += !telemetry.at_most_once;
      continue;
    }
    if (result != MOTE_ERROR_OUTBOX_FULL) return 30;
    int32_t kind = run(has_more);
    if (kind == MOTE_EVENT_SENT) in_flight--;
    else if (kind != MOTE_EVENT_NONE) return 31;
  }
  return 0;
}

int peer_subscribe(void) { return 0; }

int peer_round_trips(long count) {
  (void)count;
  return 40;
}
