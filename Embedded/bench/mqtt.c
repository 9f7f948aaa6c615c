/*
 * The jobs of a session through mote_mqtt_*.
 */
#include <string.h>

#include "bench.h"
#include "mote.h"

static mote_mqtt session;

static void flush(bench_memory *memory) {
  const uint8_t *bytes;
  int32_t count;
  while ((count = mote_mqtt_transmission(&session, 1, &bytes)) > 0) {
    memcpy(memory->wire, bytes, (size_t)count);
    mote_mqtt_sent(&session, (size_t)count, 1);
  }
}

static int feed(const uint8_t *bytes, size_t length) {
  uint8_t *space;
  if (mote_mqtt_space(&session, &space) < (int32_t)length) return 0;
  memcpy(space, bytes, length);
  return mote_mqtt_received(&session, length) == MOTE_OK;
}

static int32_t start(bench_memory *memory) {
  const mote_mqtt_options options = {
    .size = sizeof options,
    .receive_buffer = memory->receive,
    .receive_capacity = sizeof memory->receive,
    .outbox = memory->outbox,
    .outbox_capacity = sizeof memory->outbox,
    .window = 1,
  };
  const mote_mqtt_connection connection = {
    .size = sizeof connection,
    .client_identifier = "d",
    .client_identifier_length = 1,
    .clean_session = 1,
  };
  static const uint8_t accepted[] = {0x20, 2, 0, 0};
  mote_mqtt_event event;
  if (mote_mqtt_init(&session, sizeof session, &options) != MOTE_OK) return 1;
  if (mote_mqtt_connect(&session, &connection, 0) != MOTE_OK) return 2;
  flush(memory);
  if (!feed(accepted, sizeof accepted) || mote_mqtt_next(&session, 1, &event) != 1) return 3;
  return event.kind == MOTE_MQTT_CONNECTED ? 0 : 4;
}

static int32_t publish(bench_memory *memory, int32_t flags) {
  const char *topic = (const char *)memory->topic;
  return mote_mqtt_publish(&session, topic, sizeof memory->topic, memory->payload, sizeof memory->payload, flags);
}

int32_t bench_run(int32_t job, int32_t count, bench_memory *memory) {
  int32_t step = start(memory);
  if (step != 0) return step;
  mote_mqtt_event event;
  for (int32_t number = 0; number < count; number++) {
    if (job == BENCH_PUBLISH_QOS0) {
      if (publish(memory, MOTE_QOS_0) != MOTE_OK) return 5;
      flush(memory);
    } else if (job == BENCH_PUBLISH_QOS1) {
      int32_t token = publish(memory, MOTE_QOS_1);
      if (token <= 0) return 6;
      flush(memory);
      const uint8_t acknowledgement[] = {0x40, 2, (uint8_t)(token >> 8), (uint8_t)token};
      if (!feed(acknowledgement, sizeof acknowledgement)) return 7;
      if (mote_mqtt_next(&session, 1, &event) != 1 || event.token != token) return 8;
    } else if (job == BENCH_RECEIVE_QOS0) {
      if (!feed(memory->message, sizeof memory->message)) return 9;
      if (mote_mqtt_next(&session, 1, &event) != 1 || event.payload_length != BENCH_PAYLOAD) return 10;
    } else {
      return 11;
    }
  }
  return 0;
}
