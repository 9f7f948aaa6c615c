/*
 * Bytes through a controller's FIFO of little-endian words.
 */
#ifndef FIFO_H
#define FIFO_H

#include <stddef.h>
#include <stdint.h>

typedef struct fifo {
  volatile uint32_t *port; /**< Each access takes or gives a word. */
  uint32_t word;
  uint32_t held;  /**< Bytes of `word` that wait: to be read, or to be written. */
} fifo;

static inline uint8_t fifo_get(fifo *from) {
  if (from->held == 0) {
    from->word = *from->port;
    from->held = 4;
  }
  uint8_t byte = (uint8_t)from->word;
  from->word >>= 8;
  from->held -= 1;
  return byte;
}

static inline void fifo_put(fifo *to, uint8_t byte) {
  to->word |= (uint32_t)byte << 8 * to->held;
  to->held += 1;
  if (to->held == 4) {
    *to->port = to->word;
    to->word = 0;
    to->held = 0;
  }
}

/** Writes the bytes of the last word, and zeros behind them. */
static inline void fifo_flush(fifo *to) {
  while (to->held != 0) fifo_put(to, 0);
}

#endif
