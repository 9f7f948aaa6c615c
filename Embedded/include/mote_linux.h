/*
 * The port for Linux: sockets, name resolution off the polling thread, clocks and random bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MOTE_LINUX_H
#define MOTE_LINUX_H

#include "mote.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Most addresses of a name that are tried. */
#define MOTE_LINUX_ADDRESSES 8

/** An address that a name resolved to. */
typedef struct mote_linux_address {
  uint8_t family; /**< 4 or 6. */
  uint8_t bytes[16];
  uint32_t scope; /**< Interface of a link-local IPv6 address. */
} mote_linux_address;

/** One TCP connection's state. Caller-owned; initialise with mote_linux_init. Members are private. */
typedef struct mote_linux {
  int32_t socket;        /**< -1: none. */
  int32_t resolver;      /**< The end of a socket pair whose other end a resolving thread holds; -1: none. */
  int32_t connecting;    /**< Index of the address being connected to; -1: none. */
  int32_t address_count; /**< Of the last resolve. */
  mote_linux_address addresses[MOTE_LINUX_ADDRESSES];
} mote_linux;

/** Initialises a port's state. */
void mote_linux_init(mote_linux *state);

/** The port over `state`, which must stay where it is as long as the port is used. */
mote_port mote_port_linux(mote_linux *state);

/** Monotonic time in milliseconds: what Mote calls `now`. */
uint64_t mote_linux_now(void);

/**
 * Sleeps until the port can do what `wait` says (MOTE_WAIT_READ, MOTE_WAIT_WRITE), until `deadline`, or
 * until `other` (a file descriptor, or -1) can be read. The result is 1 when `other` can be read, or is
 * none that is open; else 0, or MOTE_ERROR_ARGUMENT.
 */
int32_t mote_linux_wait(const mote_linux *state, int32_t wait, uint64_t deadline, int32_t other);

/** Pages in a file. Caller-owned; opened by mote_linux_file_open. Members are private. */
typedef struct mote_linux_file {
  int32_t descriptor; /**< -1: none. */
  uint32_t page_size;
} mote_linux_file;

/**
 * Opens the file for a journal with pages of that size, and creates it, for its owner only, when there is none. It grows
 * page by page. `page_size` is the journal's own (mote_journal_options): with another, pages would not be erased as a whole.
 * `path` is used during the call only. MOTE_OK; MOTE_ERROR_STATE: it is open already, here or in another
 * process; MOTE_ERROR_STORAGE: it cannot be opened, or is no file; MOTE_ERROR_ARGUMENT.
 */
mote_status mote_linux_file_open(mote_linux_file *file, const char *path, size_t length, uint32_t page_size);

/** The storage over a file that is open, which must stay where it is as long as the storage is used. */
mote_storage mote_storage_linux(mote_linux_file *file);

/** Closes a file. May be called twice. */
void mote_linux_file_close(mote_linux_file *file);

#ifdef __cplusplus
}
#endif

#endif
