/*
 * What the size of an MQTT session is measured with: connects with user name and password, subscribes,
 * publishes at quality of service 1, receives, keeps the connection alive.
 */
#include "board.h"

#include <mote.h>

static mote_mqtt session;
static uint8_t receive_buffer[512];
static uint8_t outbox[512];

static void handle_events(void) {
  mote_mqtt_event event;
  while (mote_mqtt_next(&session, board_now(), &event) > 0) {
    switch (event.kind) {
    case MOTE_MQTT_CONNECTED: {
      static const mote_mqtt_filter filter = {MOTE_TEXT("devices/meter/messages/devicebound/#"), 1};
      mote_mqtt_subscribe(&session, &filter, 1);
      break;
    }
    case MOTE_MQTT_MESSAGE:
      board_use(event.topic, event.topic_length);
      board_use(event.payload, event.payload_length);
      break;
    case MOTE_MQTT_ACKNOWLEDGED:
    case MOTE_MQTT_SUBSCRIBED:
      board_use(&event.token, sizeof(event.token));
      break;
    default:
      break;
    }
  }
}

static void move_bytes(void) {
  const uint8_t *leaving;
  uint8_t *space;
  int32_t length = mote_mqtt_transmission(&session, board_now(), &leaving);
  if (length > 0) {
    length = board_send(NULL, leaving, (size_t)length);
    if (length > 0) mote_mqtt_sent(&session, (size_t)length, board_now());
  }
  length = mote_mqtt_space(&session, &space);
  if (length > 0) {
    length = board_receive(NULL, space, (size_t)length);
    if (length > 0) mote_mqtt_received(&session, (size_t)length);
  }
}

int main(void) {
  const mote_mqtt_options options = {
      .size = sizeof options,
      .receive_buffer = receive_buffer,
      .receive_capacity = sizeof receive_buffer,
      .outbox = outbox,
      .outbox_capacity = sizeof outbox,
  };
  const mote_mqtt_connection connection = {
      .size = sizeof connection,
      .client_identifier = "meter",
      .client_identifier_length = 5,
      .user_name = "user",
      .user_name_length = 4,
      .password = (const uint8_t *)"password",
      .password_length = 8,
  };
  if (mote_mqtt_init(&session, sizeof session, &options) < 0) return 1;
  if (mote_mqtt_connect(&session, &connection, board_now()) < 0) return 1;
  for (uint64_t next = 0;;) {
    move_bytes();
    handle_events();
    if (board_now() >= next) {
      uint8_t reading[32];
      const size_t length = board_read_sensor(reading, sizeof reading);
      mote_mqtt_publish(&session, MOTE_TEXT("devices/meter/messages/events/"), reading, length, MOTE_QOS_1);
      next = mote_mqtt_deadline(&session);
    }
  }
}
