/*
 * A virtual clock, and TCP connections in memory that deliver bytes after a while and break as a test says.
 */
#ifndef NETWORK_H
#define NETWORK_H

#include "mote.h"

#include <stddef.h>
#include <stdint.h>

/** Monotonic time of everybody here, in milliseconds. Tests turn it, by run_until (device.h). */
extern uint64_t now;

#define SECOND ((uint64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/** UTC, which the hub always knows: 2030-06-15 when `now` is 0. */
#define WALL ((int64_t)1907712000)
int64_t true_seconds(void);

/** The next of a row of numbers that looks random; each start has its own row. */
uint64_t next_random(uint64_t *state);
/** One of them below `limit`. */
uint64_t random_below(uint64_t *state, uint64_t limit);

/* The ends of a line. */
#define DEVICE_END 0
#define HUB_END 1

#define PIPE_CAPACITY 32768
#define FLIGHTS 64

/** Bytes on their way to one end. */
struct pipe {
  uint8_t bytes[PIPE_CAPACITY];
  size_t length;
  struct {
    uint64_t at; /**< When they arrive. */
    size_t end;  /**< Up to which byte. */
  } flights[FLIGHTS];
  size_t flight_count;
  size_t rest; /**< After so many more bytes the line breaks. SIZE_MAX: never. */
};

/** A TCP connection. */
struct line {
  struct pipe pipes[2];      /**< To each end. */
  int32_t is_open[2];        /**< Whether each end has not closed it. */
  int32_t ending;            /**< What an end is told when it has read everything; 0 while the line stands. */
  int32_t ends_with;         /**< What `ending` becomes when a `rest` is used up; 0: nothing arrives from then on. */
  int32_t is_silent;         /**< Nothing arrives any more, and nobody is told. */
  uint64_t milliseconds;     /**< How long a byte is on its way. */
};

void line_open(struct line *line, uint64_t milliseconds);

/** Sends from `end`: as mote_port's send. */
int32_t line_send(struct line *line, int end, const uint8_t *bytes, size_t length);

/** Receives at `end`: as mote_port's receive. */
int32_t line_receive(struct line *line, int end, uint8_t *bytes, size_t capacity);

/** Whether line_receive has something to say at `end`, now. */
int line_is_readable(const struct line *line, int end);
/** Whether line_send takes something at `end`, or says why not. */
int line_is_writable(const struct line *line, int end);

/** When something more arrives at `end`. UINT64_MAX: never, as it stands. */
uint64_t line_next(const struct line *line, int end);

/** `end` closes. The other reads what is on its way, and then is told `status`. */
void line_close(struct line *line, int end, int32_t status);

#endif
