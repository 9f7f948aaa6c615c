/*
 * What the size of JSON is measured with: the hub client, which reads settings from its messages, piece by piece, and writes
 * its readings and the acknowledgement of a setting.
 */
#include "board.h"

#include <mote.h>
#include <mote_json.h>

static mote_json_reader reader;
static int32_t interval, is_interval;

/** Reads a message's payload, or a piece of it. */
static void take_payload(const mote_event *event) {
  static char text[64];
  mote_json_token token;
  int32_t result;
  if (event->offset == 0) mote_json_reader_init(&reader, sizeof reader, text, sizeof text, 12);
  mote_json_feed(&reader, event->payload, event->payload_length, event->offset + event->payload_length == event->total);
  while ((result = mote_json_next(&reader, &token)) > 0) {
    if (token.kind == MOTE_JSON_NAME) {
      is_interval = mote_json_equals(&token, MOTE_TEXT("interval"));
      if (!is_interval) mote_json_skip(&reader);
    } else if (is_interval) {
      mote_json_int32(&token, &interval);
    } else {
      board_use(token.text, token.text_length);
    }
  }
  if (result < 0) board_use(&result, mote_json_offset(&reader));
}

/** A reading as JSON. */
static size_t write_reading(uint8_t *bytes, size_t capacity) {
  int16_t temperature;
  mote_json_writer writer;
  board_read_sensor((uint8_t *)&temperature, sizeof temperature);
  mote_json_writer_init(&writer, sizeof writer, bytes, capacity);
  mote_json_begin_object(&writer);
  mote_json_name(&writer, MOTE_TEXT("temperature"));
  mote_json_decimal(&writer, temperature, 1);
  mote_json_name(&writer, MOTE_TEXT("state"));
  mote_json_string(&writer, MOTE_TEXT("good"));
  mote_json_begin_acknowledgement(&writer, MOTE_TEXT("interval"));
  mote_json_integer(&writer, interval);
  mote_json_end_acknowledgement(&writer, 200, 1, NULL, 0);
  mote_json_end(&writer);
  int32_t length = mote_json_finish(&writer);
  return length < 0 ? 0 : (size_t)length;
}

#define TAKE_PAYLOAD take_payload
#define READ_SENSOR write_reading
#include "hub.c"
