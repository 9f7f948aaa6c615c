/*
 * The roots that IoT Hub's certificates end at, built in. Internal to Mote.
 */
#ifndef MOTE_ROOTS_H
#define MOTE_ROOTS_H

#include <stddef.h>
#include <stdint.h>

/** A trusted root: one certificate as DER, in read-only memory. */
struct mote_root {
  const uint8_t *bytes;
  size_t length;
};

#define MOTE_ROOT_COUNT 4

extern const struct mote_root mote_roots[MOTE_ROOT_COUNT];

#endif
