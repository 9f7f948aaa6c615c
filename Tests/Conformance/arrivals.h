/*
 * What arrives, in what order: the lines of a file that somebody else writes, each a number and its filling.
 */
#ifndef ARRIVALS_H
#define ARRIVALS_H

#include <stddef.h>
#include <stdio.h>

/** The longest line, with its end. */
#define ARRIVAL_CAPACITY 128

/**
 * At least once and in order, exactly: each arrival is the number after the one before it, or steps back, since after a
 * reconnect the sender starts again at the oldest message that was not acknowledged. So first arrivals are 1, 2, 3 and so
 * on, none is skipped, and a step back reaches no further than the window of what may be unacknowledged.
 *
 * A sender that was killed and has a journal may do no more. It starts again at the oldest message whose acknowledgement
 * is not in the journal; that is written before another message leaves, so that no more than the window comes again. Only
 * the message that was stored and whose number was not yet in SENDER_STORED is stored twice: it comes after itself.
 */
struct arrivals {
  const char *file_name;
  int window; /**< Most numbers that a sender may repeat. */
  FILE *file;
  char line[ARRIVAL_CAPACITY];
  size_t length; /**< How much of the line has come. */
  int highest, previous, repeated;
  int broken; /**< How many arrivals broke the rule. The first is told. */
};

/** Writes message `number` and a NUL to `text`, which has ARRIVAL_CAPACITY. Its length. */
size_t arrival_text(int number, char *text);

/** Takes what has come since the last call. The highest number so far. */
int arrivals_take(struct arrivals *arrivals);

#endif
