/*
 * Sends one reading to IoT Hub over MQTT and verified TLS, and prints the cloud-to-device messages that come within
 * a while. All memory it uses for Mote is here.
 *
 *   telemetry CONNECTION_STRING [ENDPOINT PORT CA_FILE] [MESSAGES]
 *
 * ENDPOINT, PORT and CA_FILE stand for a hub of one's own; MESSAGES is how many to wait for (0).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mote.h"
#include "mote_linux.h"
#include "mote_tls.h"

static mote_client client;
static mote_linux network;
static mote_tls tls;
static uint8_t receive_buffer[2048], outbox[2048];

static int fail(const char *what, mote_status status) {
  fprintf(stderr, "%s: %s (%d)\n", what, mote_status_text(status), (int)status);
  return EXIT_FAILURE;
}

static void print_message(const mote_event *event) {
  uint8_t text[256];
  size_t position = 0;
  mote_property property;
  while (mote_next_property(event->properties, event->properties_length, &position, text, sizeof text, &property) > 0)
    printf("  %.*s = %.*s\n", (int)property.name_length, property.name, (int)property.value_length,
           property.value ? property.value : "");
  printf("  %.*s\n", (int)event->payload_length, (const char *)event->payload);
}

int main(int argc, char **argv) {
  if (argc < 2) return fprintf(stderr, "usage: telemetry CONNECTION_STRING [ENDPOINT PORT CA_FILE] [MESSAGES]\n"), 64;
  int awaited = argc == 3 ? atoi(argv[2]) : argc > 5 ? atoi(argv[5]) : 0;

  mote_linux_init(&network);
  mote_port port = mote_port_linux(&network);

  mote_tls_options trust = {0};
  trust.size = sizeof trust;
  if (argc > 4) trust.roots_file = argv[4];
  mote_status status = mote_tls_init(&tls, sizeof tls, &trust);
  if (status < 0) return fail("TLS", status);

  mote_client_options options = {0};
  options.size = sizeof options;
  options.connection_string = argv[1];
  options.connection_string_length = strlen(argv[1]);
  options.port = &port;
  options.tls = &tls;
  options.receives_messages = awaited > 0;
  if (argc > 4) {
    options.endpoint = argv[2];
    options.endpoint_length = strlen(argv[2]);
    options.endpoint_port = (uint32_t)atoi(argv[3]);
  }
  status = mote_client_init(&client, sizeof client, &options);
  if (status < 0) return fail("connection string", status);

  mote_mqtt_options mqtt = {0};
  mqtt.size = sizeof mqtt;
  mqtt.receive_buffer = receive_buffer;
  mqtt.receive_capacity = sizeof receive_buffer;
  mqtt.outbox = outbox;
  mqtt.outbox_capacity = sizeof outbox;
  status = mote_use_mqtt(&client, &mqtt);
  if (status == 0) status = mote_connect(&client, mote_linux_now());
  if (status < 0) return fail("client", status);

  static const char reading[] = "{\"temperature\":21.5}";
  static const mote_property properties[] = {
      {MOTE_TEXT(MOTE_CONTENT_TYPE), MOTE_TEXT("application/json")},
      {MOTE_TEXT(MOTE_CONTENT_ENCODING), MOTE_TEXT("utf-8")},
      {MOTE_TEXT("alert"), MOTE_TEXT("false")},
  };
  mote_telemetry telemetry = {0};
  telemetry.size = sizeof telemetry;
  telemetry.payload = (const uint8_t *)reading;
  telemetry.payload_length = sizeof reading - 1;
  telemetry.properties = properties;
  telemetry.property_count = sizeof properties / sizeof *properties;
  int32_t token = mote_send(&client, &telemetry);
  if (token < 0) return fail("send", token);

  int connected = 0, sent = 0, result = EXIT_SUCCESS;
  for (;;) {
    mote_event event;
    int32_t polled = mote_poll(&client, mote_linux_now(), &event);
    if (polled < 0) return fail("poll", polled);
    if (polled == 0) {
      mote_linux_wait(&network, event.wait, event.deadline, -1);
      continue;
    }
    switch (event.kind) {
    case MOTE_EVENT_CONNECTED: connected = 1; puts("connected"); break;
    case MOTE_EVENT_SENT: sent = 1; result = EXIT_SUCCESS; puts("the hub has the reading"); break;
    case MOTE_EVENT_MESSAGE:
      if (event.offset == 0) puts("message:");
      print_message(&event);
      if (event.offset + event.payload_length == event.total) awaited--;
      break;
    case MOTE_EVENT_FAILED: result = fail("message", event.status); break;
    case MOTE_EVENT_DISCONNECTED:
      if (event.status < 0) result = fail("disconnected", event.status);
      /* A lost connection comes back by itself; a first one that fails is more likely a mistake. */
      if (connected && event.deadline != UINT64_MAX) break;
      mote_tls_deinit(&tls);
      return result;
    default: break;
    }
    fflush(stdout);
    if (sent && awaited <= 0) mote_disconnect(&client, mote_linux_now());
  }
}
