/*
 * What the files of this folder share, included before any other header. Internal to Mote.
 */
#ifndef MOTE_LINUX_PRIVATE_H
#define MOTE_LINUX_PRIVATE_H

/* Times past 2038 on 32-bit Linux too. Sound here, since no struct of the C library crosses into other files. */
#ifndef _TIME_BITS
#define _TIME_BITS 64
#endif
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "mote_linux.h"

/** Resolves as mote_port's resolve does. */
int32_t mote_linux_resolve(mote_linux *state, const char *name, size_t length);

/** Closes a file descriptor that is open, and marks it closed. */
void mote_linux_close_descriptor(int32_t *descriptor);

#endif
