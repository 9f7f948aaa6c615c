/*
 * What the size of the HTTP client alone is measured with: telemetry with a token by POST, one header of the response read, over
 * a board that answers nothing.
 */
#include "board.h"

#include <mote_http.h>

static uint8_t receive_buffer[512], send_buffer[512], reading[64];
static mote_http http;

static void request(void) {
  static const mote_http_header headers[] = {
      {MOTE_TEXT("Authorization"), MOTE_TEXT("SharedAccessSignature sr=x")},
      {MOTE_TEXT("iothub-app-alert"), MOTE_TEXT("true")},
      {MOTE_TEXT("iothub-messageid"), MOTE_TEXT("1")},
  };
  mote_http_request_options options = {.size = sizeof options};
  options.method = "POST", options.method_length = 4;
  options.target = "/devices/d/messages/events?api-version=2021-04-12", options.target_length = 49;
  options.host = "hub.azure-devices.net", options.host_length = 21;
  options.headers = headers, options.header_count = 3;
  options.body = reading, options.body_length = board_read_sensor(reading, sizeof reading);
  mote_http_request(&http, &options);
}

static void take_events(void) {
  mote_http_event event;
  int32_t result;
  while ((result = mote_http_next(&http, &event)) > 0) {
    if (event.kind == MOTE_HTTP_RESPONSE) board_use(&event.status, sizeof event.status);
    if (event.kind == MOTE_HTTP_HEADER && mote_http_is(&event, MOTE_TEXT("etag"))) board_use(event.value, event.value_length);
    if (event.kind == MOTE_HTTP_BODY) board_use(event.body, event.body_length);
    if (event.kind == MOTE_HTTP_COMPLETE && event.keeps_connection) request();
  }
  if (result < 0) mote_http_reset(&http);
}

int main(void) {
  mote_http_options options = {.size = sizeof options};
  options.receive_buffer = receive_buffer, options.receive_capacity = sizeof receive_buffer;
  options.send_buffer = send_buffer, options.send_capacity = sizeof send_buffer;
  mote_http_init(&http, sizeof http, &options);
  request();
  for (;;) {
    const uint8_t *bytes;
    uint8_t *room;
    size_t offset;
    int32_t length = mote_http_wanted(&http, &room, &offset);
    if (length > 0) mote_http_supplied(&http, board_read_sensor(room, (size_t)length));
    length = mote_http_transmission(&http, &bytes);
    if (length > 0) mote_http_sent(&http, (size_t)board_send(NULL, bytes, (size_t)length));
    length = mote_http_space(&http, &room);
    if (length > 0 && (length = board_receive(NULL, room, (size_t)length)) > 0) mote_http_received(&http, (size_t)length);
    if (length < 0) mote_http_closed(&http);
    take_events();
  }
}
