#include "network.h"

#include <string.h>

uint64_t now;

int64_t true_seconds(void) { return WALL + (int64_t)(now / 1000); }

/* Splitmix: an odd step, and a hash of where it has led. */
uint64_t next_random(uint64_t *state) {
  uint64_t number = *state += 0x9E3779B97F4A7C15u;
  number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9u;
  number = (number ^ number >> 27) * 0x94D049BB133111EBu;
  return number ^ number >> 31;
}

uint64_t random_below(uint64_t *state, uint64_t limit) { return next_random(state) % limit; }

void line_open(struct line *line, uint64_t milliseconds) {
  for (int end = 0; end < 2; end++) {
    line->pipes[end].length = 0;
    line->pipes[end].flight_count = 0;
    line->pipes[end].rest = SIZE_MAX;
    line->is_open[end] = 1;
  }
  line->ending = 0;
  line->ends_with = MOTE_ERROR_RESET;
  line->is_silent = 0;
  line->milliseconds = milliseconds;
}

/** How many bytes have arrived. */
static size_t arrived(const struct pipe *pipe) {
  size_t count = 0;
  for (size_t flight = 0; flight < pipe->flight_count && pipe->flights[flight].at <= now; flight++) {
    count = pipe->flights[flight].end;
  }
  return count;
}

/** The end of the line has come: what is on its way still arrives. */
static void end_line(struct line *line, int32_t status) {
  if (line->ending == 0) line->ending = status;
}

int32_t line_send(struct line *line, int end, const uint8_t *bytes, size_t length) {
  struct pipe *pipe = &line->pipes[!end];
  if (line->ending != 0) return MOTE_ERROR_RESET;
  size_t room = PIPE_CAPACITY - pipe->length;
  if (length > room) length = room;
  uint64_t at = now + line->milliseconds;
  int is_new = pipe->flight_count == 0 || pipe->flights[pipe->flight_count - 1].at != at;
  if (length == 0 || (is_new && pipe->flight_count == FLIGHTS)) return 0;
  size_t kept = length < pipe->rest ? length : pipe->rest;
  if (pipe->rest != SIZE_MAX) pipe->rest -= kept;
  memcpy(pipe->bytes + pipe->length, bytes, length);
  pipe->length += length;
  if (!line->is_silent && kept > 0) {
    if (is_new) pipe->flights[pipe->flight_count++].at = at;
    pipe->flights[pipe->flight_count - 1].end = pipe->length - (length - kept);
  }
  if (pipe->rest == 0) {
    if (line->ends_with == 0) line->is_silent = 1;
    else end_line(line, line->ends_with);
  }
  return (int32_t)length;
}

int32_t line_receive(struct line *line, int end, uint8_t *bytes, size_t capacity) {
  struct pipe *pipe = &line->pipes[end];
  size_t count = arrived(pipe);
  if (count == 0) return pipe->flight_count == 0 && !line->is_silent ? line->ending : 0;
  if (count > capacity) count = capacity;
  memcpy(bytes, pipe->bytes, count);
  memmove(pipe->bytes, pipe->bytes + count, pipe->length - count);
  pipe->length -= count;
  size_t kept = 0;
  for (size_t flight = 0; flight < pipe->flight_count; flight++) {
    if (pipe->flights[flight].end <= count) continue;
    pipe->flights[kept] = pipe->flights[flight];
    pipe->flights[kept++].end -= count;
  }
  pipe->flight_count = kept;
  return (int32_t)count;
}

int line_is_readable(const struct line *line, int end) {
  const struct pipe *pipe = &line->pipes[end];
  return arrived(pipe) > 0 || (line->ending != 0 && pipe->flight_count == 0 && !line->is_silent);
}

int line_is_writable(const struct line *line, int end) {
  const struct pipe *pipe = &line->pipes[!end];
  return line->ending != 0 || (pipe->length < PIPE_CAPACITY && pipe->flight_count < FLIGHTS);
}

uint64_t line_next(const struct line *line, int end) {
  const struct pipe *pipe = &line->pipes[end];
  for (size_t flight = 0; flight < pipe->flight_count; flight++) {
    if (pipe->flights[flight].at > now) return pipe->flights[flight].at;
  }
  return UINT64_MAX;
}

void line_close(struct line *line, int end, int32_t status) {
  line->is_open[end] = 0;
  if (!line->is_silent) end_line(line, status);
}
