/*
 * What mote_http.h promises: requests byte for byte, bodies from pieces and of any size, responses in pieces of each size, and
 * what it says of wrong use.
 */
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "mote_http.h"

static mote_http http;
static mote_http_options options;
static uint8_t *receive_buffer, *send_buffer;

/** A connection over memory of its own, so that what is outside shows. */
static void begin(void) {
  free(receive_buffer);
  free(send_buffer);
  receive_buffer = malloc(128);
  send_buffer = malloc(256);
  options = (mote_http_options){.size = sizeof options, .receive_buffer = receive_buffer, .receive_capacity = 128,
                                .send_buffer = send_buffer, .send_capacity = 256};
  check(mote_http_init(&http, sizeof http, &options) == MOTE_OK, "a connection begins");
}

static const mote_http_header header = {MOTE_TEXT("iothub-app-a"), MOTE_TEXT("b c")};

static mote_http_request_options post(void) {
  mote_http_request_options request = {.size = sizeof request};
  request.method = "POST", request.method_length = 4;
  request.target = "/a?b", request.target_length = 4;
  request.host = "h", request.host_length = 1;
  request.headers = &header, request.header_count = 1;
  return request;
}

/** Takes what is to leave, `step` bytes at a time. */
static size_t transmit(uint8_t *bytes, size_t capacity, size_t step) {
  const uint8_t *leaving;
  size_t count = 0;
  int32_t length;
  while ((length = mote_http_transmission(&http, &leaving)) > 0) {
    size_t taken = (size_t)length < step ? (size_t)length : step;
    need(count + taken <= capacity, "no more than was to be sent");
    memcpy(bytes + count, leaving, taken);
    check(mote_http_sent(&http, taken) == MOTE_OK, "sent");
    count += taken;
  }
  return count;
}

/** Gives bytes, `step` at a time; the body that was told, and the last status of mote_http_next. */
static int32_t receive(const char *response, size_t length, size_t step, char *body, size_t *body_length, mote_http_event *last) {
  int32_t result = 0;
  *body_length = 0;
  for (size_t offset = 0; offset < length;) {
    uint8_t *room;
    int32_t space = mote_http_space(&http, &room);
    need(space > 0, "there is space after the events");
    size_t count = length - offset < step ? length - offset : step;
    if (count > (size_t)space) count = (size_t)space;
    memcpy(room, response + offset, count);
    check(mote_http_received(&http, count) == MOTE_OK, "received");
    offset += count;
    mote_http_event event;
    while ((result = mote_http_next(&http, &event)) > 0) {
      *last = event;
      if (event.kind == MOTE_HTTP_BODY) {
        check(event.offset == *body_length, "the next piece");
        memcpy(body + *body_length, event.body, event.body_length);
        *body_length += event.body_length;
      }
      if (event.kind == MOTE_HTTP_HEADER && event.value_length == 3) {
        check(mote_http_is(&event, MOTE_TEXT("etag")) == 1, "the name in another case");
        check(mote_http_is(&event, MOTE_TEXT("eta")) == 0, "no part of a name");
      }
    }
    if (result < 0) break;
  }
  return result;
}

static void check_exchange(void) {
  static const char head[] = "POST /a?b HTTP/1.1\r\nHost: h\r\niothub-app-a: b c\r\nContent-Length: 5\r\n\r\nhello";
  static const char response[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"x\"\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  for (size_t step = 1; step <= 64; step++) {
    uint8_t sent[512];
    char body[64];
    size_t length, body_length;
    mote_http_event last;
    mote_http_request_options request = post();
    begin();
    request.body = (const uint8_t *)"hello", request.body_length = 5;
    check(mote_http_request(&http, &request) == MOTE_OK, "a request");
    check(mote_http_request(&http, &request) == MOTE_ERROR_STATE, "one at a time");
    length = transmit(sent, sizeof sent, step);
    check(length == sizeof head - 1 && memcmp(sent, head, length) == 0, "byte for byte");
    check_number(receive(response, sizeof response - 1, step, body, &body_length, &last), 0, "a response");
    check(last.kind == MOTE_HTTP_COMPLETE && last.keeps_connection == 1, "complete");
    check(body_length == 5 && memcmp(body, "abcde", 5) == 0, "its body");
    check(mote_http_request(&http, &request) == MOTE_OK, "and another request");
  }
}

/** 256 KiB through 256 bytes. */
static void check_pieces(void) {
  enum { LENGTH = 256 * 1024 };
  static uint8_t sent[LENGTH + 256];
  mote_http_request_options request = post();
  uint8_t *room;
  size_t offset, count, supplied = 0;
  int32_t length, wrong = 0;
  begin();
  request.body_length = LENGTH;
  need(mote_http_request(&http, &request) == MOTE_OK, "a request in pieces");
  check(mote_http_wanted(&http, &room, &offset) == 0, "the head leaves first");
  count = transmit(sent, sizeof sent, 50);
  size_t head = count;
  while ((length = mote_http_wanted(&http, &room, &offset)) > 0) {
    if (offset != supplied || length > 256) wrong++;
    for (int32_t place = 0; place < length; place++) room[place] = (uint8_t)((offset + (size_t)place) * 7 >> 3);
    if (mote_http_supplied(&http, (size_t)length) != MOTE_OK) wrong++;
    supplied += (size_t)length;
    count += transmit(sent + count, sizeof sent - count, 1000);
  }
  for (size_t place = 0; place < LENGTH; place++) {
    if (sent[head + place] != (uint8_t)(place * 7 >> 3)) wrong++;
  }
  check(supplied == LENGTH && count == head + LENGTH, "all of it");
  check_number(wrong, 0, "as it was, from first to last");
}

static void check_wrong_use(void) {
  mote_http_request_options request = post();
  mote_http_event event;
  uint8_t *room;
  const uint8_t *bytes;
  size_t offset;
  mote_http none;
  memset(&none, 0, sizeof none);
  begin();
  check(mote_http_init(&http, sizeof http - 16, &options) == MOTE_ERROR_SIZE, "too small an object");
  check(mote_http_init(NULL, sizeof http, &options) == MOTE_ERROR_ARGUMENT, "no object");
  check(mote_http_init(&http, sizeof http, NULL) == MOTE_ERROR_ARGUMENT, "no options");
  options.receive_capacity = 127;
  check(mote_http_init(&http, sizeof http, &options) == MOTE_ERROR_ARGUMENT, "too small a buffer");
  begin();
  check(mote_http_next(&none, &event) == MOTE_ERROR_NOT_INITIALISED, "not initialised");
  check(mote_http_next(NULL, &event) == MOTE_ERROR_ARGUMENT && mote_http_next(&http, NULL) == MOTE_ERROR_ARGUMENT, "null");
  check(mote_http_wanted(&http, NULL, &offset) == MOTE_ERROR_ARGUMENT, "null");
  check(mote_http_transmission(&http, NULL) == MOTE_ERROR_ARGUMENT, "null");
  check(mote_http_space(&http, NULL) == MOTE_ERROR_ARGUMENT, "null");
  check(mote_http_request(&http, NULL) == MOTE_ERROR_ARGUMENT, "null");
  check(mote_http_supplied(&http, 0) == MOTE_ERROR_STATE, "nothing wanted");
  check(mote_http_sent(&http, 1) == MOTE_ERROR_ARGUMENT, "nothing to send");
  check(mote_http_received(&http, 129) == MOTE_ERROR_ARGUMENT, "more than there is room for");
  check(mote_http_transmission(&http, &bytes) == 0 && mote_http_space(&http, &room) == 128, "idle");
  request.headers = NULL;
  check(mote_http_request(&http, &request) == MOTE_ERROR_ARGUMENT, "headers that are not there");
  request = post();
  const mote_http_header evil = {MOTE_TEXT("a"), MOTE_TEXT("b\r\nHost: evil")};
  request.headers = &evil;
  check(mote_http_request(&http, &request) == MOTE_ERROR_HTTP_FIELD, "a header with a line end");
  request = post();
  request.target = "/ /", request.target_length = 3;
  check(mote_http_request(&http, &request) == MOTE_ERROR_HTTP_FIELD, "a target with a space");
  check(mote_http_transmission(&http, &bytes) == 0, "and nothing leaves");
  request.target = (const char *)memset(malloc(300), 'a', 300), request.target_length = 300;
  check_number(mote_http_request(&http, &request), MOTE_ERROR_TOO_LARGE, "a head that does not fit");
  free((void *)(uintptr_t)request.target);
}

static void check_ends(void) {
  mote_http_request_options request = post();
  mote_http_event event;
  uint8_t sent[256];
  char body[64];
  size_t body_length;
  begin();
  need(mote_http_request(&http, &request) == MOTE_OK, "a request");
  transmit(sent, sizeof sent, sizeof sent);
  check_number(receive("HTTP/1.1 200 OK\r\n\r\nrest", 23, 64, body, &body_length, &event), 0, "a body without a length");
  check(event.kind == MOTE_HTTP_BODY && event.total == SIZE_MAX && body_length == 4, "of unknown length");
  check(mote_http_closed(&http) == MOTE_OK, "the server closes");
  check(mote_http_next(&http, &event) == 1 && event.kind == MOTE_HTTP_COMPLETE && event.keeps_connection == 0, "and ends it");
  check(mote_http_request(&http, &request) == MOTE_ERROR_STATE, "no other request there");
  check(mote_http_reset(&http) == MOTE_OK && mote_http_request(&http, &request) == MOTE_OK, "but on a new transport");
  transmit(sent, sizeof sent, sizeof sent);
  mote_http_closed(&http);
  check(mote_http_next(&http, &event) == MOTE_ERROR_CLOSED, "closed before it answered");
  mote_http_reset(&http);
  need(mote_http_request(&http, &request) == MOTE_OK, "a request");
  transmit(sent, sizeof sent, sizeof sent);
  check_number(receive("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 57, 64, body, &body_length, &event),
               MOTE_ERROR_HTTP_LENGTH, "two lengths");
}

int main(void) {
  check_exchange();
  check_pieces();
  check_wrong_use();
  check_ends();
  free(receive_buffer);
  free(send_buffer);
  return checks_end();
}
