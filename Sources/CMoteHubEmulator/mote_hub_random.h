/*
 * Random bytes for keys, signatures and serial numbers, from the system's. Private to this room.
 */
#ifndef MOTE_HUB_RANDOM_H
#define MOTE_HUB_RANDOM_H

#include <stddef.h>

/** As mbedTLS wants it: 0 when all bytes are written. */
int mote_hub_random(void *context, unsigned char *bytes, size_t length);

#endif
