/*
 * What the size of a hub client is measured with: a connection string, telemetry with two properties at quality
 * of service 1, and cloud-to-device messages with their properties decoded.
 */
#ifndef HUB_LATER
#include "board.h"

#include <mbedtls/memory_buffer_alloc.h>
#include <mote.h>
#include <mote_tls.h>

#ifndef TAKE_PAYLOAD
#define TAKE_PAYLOAD(event) board_use((event)->payload, (event)->payload_length)
#define READ_SENSOR board_read_sensor
#endif

#ifndef USE_PROTOCOL
#define USE_PROTOCOL mote_use_mqtt
#endif
#ifndef GO_ON
#define GO_ON() (void)0
#endif
#ifndef USE_PORT
#define USE_PORT(port) (port)
#endif

static mote_client client;
static mote_tls tls;
static uint8_t receive_buffer[1024];
static uint8_t outbox[1024];
static uint8_t arena[32 * 1024];

static void handle_message(const mote_event *event) {
  uint8_t buffer[128];
  size_t position = 0;
  mote_property property;
  while (mote_next_property(event->properties, event->properties_length, &position, buffer, sizeof buffer,
                            &property) > 0) {
    board_use(property.name, property.name_length);
    board_use(property.value, property.value_length);
  }
  TAKE_PAYLOAD(event);
}

static void send_reading(void) {
  uint8_t reading[64];
  static const mote_property properties[] = {
      {MOTE_TEXT(MOTE_CONTENT_TYPE), MOTE_TEXT("application/json")},
      {MOTE_TEXT("alert"), MOTE_TEXT("true")},
  };
  const mote_telemetry telemetry = {
      .size = sizeof telemetry,
      .payload = reading,
      .payload_length = READ_SENSOR(reading, sizeof reading),
      .properties = properties,
      .property_count = 2,
  };
  mote_send(&client, &telemetry);
}

int main(void) {
  static const mote_port port = {
      .resolve = board_resolve,
      .connect = board_connect,
      .send = board_send,
      .receive = board_receive,
      .close = board_close,
      .entropy = board_entropy,
      .wall_seconds = board_wall_seconds,
  };
  static const char connection_string[] =
      "HostName=example.azure-devices.net;DeviceId=meter;SharedAccessKey=bW90ZW1vdGVtb3RlbW90ZW1vdGVtb3RlbW90ZW0=";
  const mote_tls_options tls_options = {.size = sizeof tls_options, .max_fragment_length = 4096};
  const mote_client_options client_options = {
      .size = sizeof client_options,
      .connection_string = connection_string,
      .connection_string_length = sizeof connection_string - 1,
      .port = USE_PORT(&port),
      .tls = &tls,
      .receives_messages = 1,
  };
  const mote_mqtt_options mqtt_options = {
      .size = sizeof mqtt_options,
      .receive_buffer = receive_buffer,
      .receive_capacity = sizeof receive_buffer,
      .outbox = outbox,
      .outbox_capacity = sizeof outbox,
  };
  mbedtls_memory_buffer_alloc_init(arena, sizeof arena);
  if (mote_tls_init(&tls, sizeof tls, &tls_options) < 0) return 1;
  if (mote_client_init(&client, sizeof client, &client_options) < 0) return 1;
  if (USE_PROTOCOL(&client, &mqtt_options) < 0) return 1;
#ifdef USE_MORE
  if (USE_MORE(&client) < 0) return 1;
#endif
  if (mote_connect(&client, board_now()) < 0) return 1;
  for (;;) {
    mote_event event;
    GO_ON();
    while (mote_poll(&client, board_now(), &event) > 0) {
      switch (event.kind) {
      case MOTE_EVENT_CONNECTED:
      case MOTE_EVENT_SENT:
        send_reading();
        break;
      case MOTE_EVENT_DISCONNECTED: {
        mote_error error;
        mote_client_last_error(&client, &error);
        board_use(&error, sizeof error);
        break;
      }
      case MOTE_EVENT_MESSAGE:
        handle_message(&event);
        break;
      default:
#ifdef HANDLE_MORE
        HANDLE_MORE(&client, &event);
#endif
        break;
      }
    }
  }
}
#endif
