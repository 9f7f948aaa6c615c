/*
 * What mote_json.h promises: a twin in pieces through a small buffer, numbers, what is written byte for byte, and what it
 * says of wrong use.
 */
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "mote_json.h"

static mote_json_reader reader;
static mote_json_writer writer;
static char text[32];

static void begin(void) {
  check(mote_json_reader_init(&reader, sizeof reader, text, sizeof text, MOTE_JSON_DEPTH) == MOTE_OK, "a reader begins");
}

/** Gives a piece from memory of its own, so that a read outside it shows. */
static mote_status feed(const char *piece, size_t length, int32_t is_last, uint8_t **memory) {
  *memory = malloc(length);
  memcpy(*memory, piece, length);
  return mote_json_feed(&reader, *memory, length, is_last);
}

/** Reads properties from a document in pieces of `size`, as the header's example does. */
static void check_twin(size_t size) {
  static const char twin[] =
      "{\"desired\":{\"interval\":60,\"unknown\":{\"interval\":[1,2,{\"x\":\"\\u00e9\"}]},\"setpoint\":21.55,\"name\":\"r\\u00f6om\","
      "\"$version\":3},\"reported\":{\"interval\":30,\"$version\":7}}";
  int64_t interval = 0, setpoint = 0, version = 0;
  char name[16] = "";
  int32_t result = 0, is_desired = 0, rounded = 0;
  enum { NOTHING, INTERVAL, SETPOINT, NAME, VERSION } expected = NOTHING;
  size_t offset = 0;
  begin();
  while (offset < sizeof twin - 1) {
    size_t length = sizeof twin - 1 - offset < size ? sizeof twin - 1 - offset : size;
    uint8_t *memory;
    mote_json_token token;
    need(feed(twin + offset, length, offset + length == sizeof twin - 1, &memory) == MOTE_OK, "a piece is taken");
    offset += length;
    while ((result = mote_json_next(&reader, &token)) > 0) {
      if (token.kind == MOTE_JSON_NAME) {
        if (token.depth == 1) {
          is_desired = mote_json_equals(&token, MOTE_TEXT("desired"));
          if (!is_desired) mote_json_skip(&reader);
        } else if (mote_json_equals(&token, MOTE_TEXT("interval"))) expected = INTERVAL;
        else if (mote_json_equals(&token, MOTE_TEXT("setpoint"))) expected = SETPOINT;
        else if (mote_json_equals(&token, MOTE_TEXT("name"))) expected = NAME;
        else if (mote_json_equals(&token, MOTE_TEXT("$version"))) expected = VERSION;
        else mote_json_skip(&reader);
        continue;
      }
      if (expected == INTERVAL) mote_json_int64(&token, &interval);
      if (expected == SETPOINT) rounded = mote_json_fixed_point(&token, 1, &setpoint);
      if (expected == VERSION) mote_json_int64(&token, &version);
      if (expected == NAME) memcpy(name, token.text, token.text_length);
      expected = NOTHING;
    }
    free(memory);
    need(result == 0, "the twin is read");
  }
  check_number(interval, 60, "the interval that is desired, not that of another object");
  check_number(setpoint, 216, "a setpoint in tenths");
  check_number(rounded, 1, "which had to be rounded");
  check_number(version, 3, "the version");
  check_text(name, "r\xc3\xb6om", "a string without its escapes");
  check_number((int64_t)mote_json_offset(&reader), sizeof twin - 1, "and every byte was read");
}

static void check_broken(void) {
  static const char document[] = "[1,]";
  mote_json_token token;
  uint8_t *memory;
  begin();
  check(mote_json_feed(&reader, NULL, 1, 0) == MOTE_ERROR_ARGUMENT, "a piece that cannot be is refused");
  check(mote_json_feed(&reader, NULL, 0, 2) == MOTE_ERROR_ARGUMENT, "so is another is_last");
  check(mote_json_feed(&reader, NULL, 0, 0) == MOTE_OK, "nothing is a piece");
  check(mote_json_next(&reader, &token) == 0, "with nothing in it");
  check(feed(document, sizeof document - 1, 1, &memory) == MOTE_OK, "a broken document");
  check(mote_json_next(&reader, NULL) == MOTE_ERROR_ARGUMENT, "is not told to nobody");
  check(mote_json_feed(&reader, memory, 1, 1) == MOTE_ERROR_STATE, "a piece in front of unread ones is refused");
  check(mote_json_next(&reader, &token) == 1 && token.kind == MOTE_JSON_BEGIN_ARRAY && token.depth == 0, "begins");
  check(mote_json_next(&reader, &token) == 1 && token.kind == MOTE_JSON_NUMBER && token.depth == 1, "has a number");
  check(token.complete == 1 && token.offset == 0 && token.text_length == 1 && token.text[0] == '1', "as it stands");
  check(mote_json_next(&reader, &token) == MOTE_ERROR_JSON_VALUE, "and is broken");
  check_number((int64_t)mote_json_offset(&reader), 3, "at its bracket");
  check(mote_json_next(&reader, &token) == MOTE_ERROR_JSON_VALUE, "for good");
  free(memory);
}

static void check_reader_misuse(void) {
  mote_json_token token = {0};
  int32_t small = 5;
  int64_t large = 6;
  memset(&reader, 0x55, sizeof reader);
  check(mote_json_next(&reader, &token) == MOTE_ERROR_NOT_INITIALISED, "a reader that was not initialised");
  check(mote_json_feed(&reader, NULL, 0, 1) == MOTE_ERROR_NOT_INITIALISED, "is not fed");
  check(mote_json_skip(&reader) == MOTE_ERROR_NOT_INITIALISED && mote_json_offset(&reader) == 0, "nor skipped");
  check(mote_json_next(NULL, &token) == MOTE_ERROR_ARGUMENT && mote_json_offset(NULL) == 0, "nor is one that is not there");
  check(mote_json_reader_init(&reader, sizeof reader - 16, text, sizeof text, 1) == MOTE_ERROR_SIZE, "too small a reader");
  check(mote_json_reader_init(NULL, sizeof reader, text, sizeof text, 1) == MOTE_ERROR_ARGUMENT, "none");
  check(mote_json_reader_init(&reader, sizeof reader, text, 3, 1) == MOTE_ERROR_ARGUMENT, "too small a buffer");
  check(mote_json_reader_init(&reader, sizeof reader, NULL, 4, 1) == MOTE_ERROR_ARGUMENT, "no buffer");
  check(mote_json_reader_init(&reader, sizeof reader, text, 4, -1) == MOTE_ERROR_ARGUMENT, "depth below zero");
  check(mote_json_reader_init(&reader, sizeof reader, text, 4, 33) == MOTE_ERROR_ARGUMENT, "too deep");
  check(mote_json_reader_init(&reader, sizeof reader, text, 4, 0) == MOTE_OK, "the least there is");

  check(mote_json_int64(&token, &large) == MOTE_ERROR_JSON_KIND && large == 6, "a token of zeros is no number");
  check(mote_json_int64(NULL, &large) == MOTE_ERROR_JSON_KIND, "nor is none");
  check(mote_json_equals(&token, "", 0) == 0 && mote_json_equals(NULL, "", 0) == 0, "and is equal to nothing");
  token.kind = MOTE_JSON_NUMBER;
  token.complete = 1;
  check(mote_json_equals(&token, "", 0) == 1 && mote_json_equals(&token, NULL, 1) == 0, "nothing equals nothing");
  token.text = "2147483648";
  token.text_length = 10;
  check(mote_json_int32(&token, &small) == MOTE_ERROR_JSON_RANGE && small == 5, "2^31 is beyond 32 bits");
  check(mote_json_int64(&token, &large) == MOTE_OK && large == 2147483648, "and not beyond 64");
  check(mote_json_int64(&token, NULL) == MOTE_ERROR_ARGUMENT, "with nowhere to put it");
  check(mote_json_fixed_point(&token, 19, &large) == MOTE_ERROR_ARGUMENT, "decimals that cannot be");
  token.text = "2147483647";
  check(mote_json_int32(&token, &small) == MOTE_OK && small == INT32_MAX, "the largest");
  token.text = "-2147483648";
  token.text_length = 11;
  check(mote_json_int32(&token, &small) == MOTE_OK && small == INT32_MIN, "the smallest");
  check(mote_json_int32(&token, NULL) == MOTE_ERROR_ARGUMENT, "with nowhere to put it either");
  token.text = "-2147483649";
  check(mote_json_int32(&token, &small) == MOTE_ERROR_JSON_RANGE && small == INT32_MIN, "and one less");
  token.text = "1.5";
  token.text_length = 3;
  check(mote_json_int32(&token, &small) == MOTE_ERROR_JSON_KIND, "a fraction is no integer");
  check(mote_json_fixed_point(&token, 3, &large) == 0 && large == 1500, "but has decimals");
  token.complete = 0;
  check(mote_json_fixed_point(&token, 3, &large) == MOTE_ERROR_JSON_KIND, "a part of a number is none");
  token.complete = 1;
  token.offset = 1;
  check(mote_json_fixed_point(&token, 3, &large) == MOTE_ERROR_JSON_KIND, "the last part neither");
}

/** What was written, or the error as text. */
static const char *written(uint8_t *buffer) {
  static char result[256];
  int32_t length = mote_json_finish(&writer);
  if (length < 0) return mote_status_text(length);
  memcpy(result, buffer, (size_t)length);
  result[length] = 0;
  return result;
}

static void check_writer(void) {
  uint8_t buffer[200];
  check(mote_json_writer_init(&writer, sizeof writer, buffer, sizeof buffer) == MOTE_OK, "a writer begins");
  mote_json_begin_object(&writer);
  mote_json_name(&writer, MOTE_TEXT("t"));
  mote_json_decimal(&writer, -215, 1);
  mote_json_name(&writer, MOTE_TEXT("list"));
  mote_json_begin_array(&writer);
  mote_json_integer(&writer, INT64_MIN);
  mote_json_bool(&writer, 0);
  mote_json_bool(&writer, 1);
  mote_json_null(&writer);
  mote_json_string(&writer, MOTE_TEXT("a\"\n"));
  mote_json_raw(&writer, MOTE_TEXT("[1e3]"));
  mote_json_end(&writer);
  mote_json_end(&writer);
  check_text(written(buffer),
             "{\"t\":-21.5,\"list\":[-9223372036854775808,false,true,null,\"a\\\"\\u000A\",[1e3]]}", "every kind of value");
  check_number((int64_t)mote_json_size_needed(&writer), (int64_t)strlen(written(buffer)), "and its size");
}

static void check_plug_and_play(void) {
  uint8_t buffer[200];
  mote_json_writer_init(&writer, sizeof writer, buffer, sizeof buffer);
  mote_json_begin_object(&writer);
  mote_json_begin_acknowledgement(&writer, MOTE_TEXT("targetTemperature"));
  mote_json_integer(&writer, 21);
  mote_json_end_acknowledgement(&writer, 200, 3, MOTE_TEXT("completed"));
  mote_json_end(&writer);
  check_text(written(buffer), "{\"targetTemperature\":{\"value\":21,\"ac\":200,\"av\":3,\"ad\":\"completed\"}}",
             "the acknowledgement of a writable property");
  mote_json_writer_init(&writer, sizeof writer, buffer, sizeof buffer);
  mote_json_begin_object(&writer);
  mote_json_begin_component(&writer, MOTE_TEXT("thermostat1"));
  mote_json_begin_acknowledgement(&writer, MOTE_TEXT("range"));
  mote_json_begin_object(&writer);
  mote_json_name(&writer, MOTE_TEXT("low"));
  mote_json_decimal(&writer, 185, 1);
  mote_json_end(&writer);
  mote_json_end_acknowledgement(&writer, 203, 0, NULL, 0);
  mote_json_name(&writer, MOTE_TEXT("serial"));
  mote_json_string(&writer, MOTE_TEXT("x"));
  mote_json_end(&writer);
  mote_json_end(&writer);
  check_text(written(buffer),
             "{\"thermostat1\":{\"__t\":\"c\",\"range\":{\"value\":{\"low\":18.5},\"ac\":203,\"av\":0},\"serial\":\"x\"}}",
             "one in a component, without a description");
  mote_json_writer_init(&writer, sizeof writer, buffer, sizeof buffer);
  mote_json_begin_object(&writer);
  mote_json_begin_acknowledgement(&writer, MOTE_TEXT("a"));
  mote_json_end_acknowledgement(&writer, 200, 1, NULL, 0);
  mote_json_end(&writer);
  check(mote_json_finish(&writer) == MOTE_ERROR_JSON_ORDER, "one without its value is refused");
  mote_json_writer_init(&writer, sizeof writer, buffer, sizeof buffer);
  mote_json_begin_object(&writer);
  mote_json_begin_acknowledgement(&writer, MOTE_TEXT("a"));
  mote_json_null(&writer);
  mote_json_end_acknowledgement(&writer, -1, 1, NULL, 0);
  mote_json_end(&writer);
  check(mote_json_finish(&writer) == MOTE_ERROR_ARGUMENT, "so is a code below zero");
}

static void check_writer_misuse(void) {
  uint8_t *buffer = malloc(9);
  memset(&writer, 0x55, sizeof writer);
  mote_json_begin_object(&writer);
  mote_json_string(&writer, "a", 1);
  mote_json_end_acknowledgement(&writer, 200, 1, NULL, 0);
  check(mote_json_finish(&writer) == MOTE_ERROR_NOT_INITIALISED, "a writer that was not initialised writes nothing");
  check(mote_json_size_needed(&writer) == 0, "and needs nothing");
  mote_json_null(NULL);
  check(mote_json_finish(NULL) == MOTE_ERROR_ARGUMENT && mote_json_size_needed(NULL) == 0, "nor does none");
  check(mote_json_writer_init(&writer, sizeof writer - 16, buffer, 9) == MOTE_ERROR_SIZE, "too small a writer");
  check(mote_json_writer_init(NULL, sizeof writer, buffer, 9) == MOTE_ERROR_ARGUMENT, "none");
  check(mote_json_writer_init(&writer, sizeof writer, NULL, 9) == MOTE_ERROR_ARGUMENT, "no buffer");
  check(mote_json_writer_init(&writer, sizeof writer, NULL, 0) == MOTE_OK, "nothing is a buffer");
  mote_json_string(&writer, MOTE_TEXT("1234567"));
  check(mote_json_finish(&writer) == MOTE_ERROR_BUFFER_TOO_SMALL && mote_json_size_needed(&writer) == 9, "to measure with");
  check(mote_json_writer_init(&writer, sizeof writer, buffer, 9) == MOTE_OK, "as many bytes");
  mote_json_string(&writer, MOTE_TEXT("1234567"));
  check(mote_json_finish(&writer) == 9 && memcmp(buffer, "\"1234567\"", 9) == 0, "are enough");
  mote_json_writer_init(&writer, sizeof writer, buffer, 9);
  mote_json_string(&writer, NULL, 3);
  check(mote_json_finish(&writer) == MOTE_ERROR_ARGUMENT, "text that cannot be is refused");
  mote_json_writer_init(&writer, sizeof writer, buffer, 9);
  mote_json_decimal(&writer, 1, 19);
  check(mote_json_finish(&writer) == MOTE_ERROR_ARGUMENT, "so are such decimals");
  mote_json_writer_init(&writer, sizeof writer, buffer, 9);
  mote_json_string(&writer, "\xff", 1);
  check(mote_json_finish(&writer) == MOTE_ERROR_JSON_TEXT, "and what is not UTF-8");
  mote_json_writer_init(&writer, sizeof writer, buffer, 9);
  mote_json_end(&writer);
  check(mote_json_finish(&writer) == MOTE_ERROR_JSON_ORDER, "and an end without a beginning");
  free(buffer);
}

int main(void) {
  static const size_t sizes[] = {1, 7, 64, 1024};
  size_t place;
  for (place = 0; place < 4; place++) check_twin(sizes[place]);
  check_broken();
  check_reader_misuse();
  check_writer();
  check_plug_and_play();
  check_writer_misuse();
  return checks_end();
}
