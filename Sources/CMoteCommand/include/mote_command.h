/*
 * What the command line needs of C: a mote_tls on the heap, since its size is mbedTLS's, with credentials from files; words
 * for mbedTLS's codes; signals and standard input beside a connection. Linked into no device archive.
 */
#ifndef MOTE_COMMAND_H
#define MOTE_COMMAND_H

#include "mote.h"

/** The longest credentials file that is read. */
#define MOTE_COMMAND_LONGEST_FILE ((size_t)1024 * 1024)

/**
 * Makes a TLS client. Paths are NUL-terminated; null: none (for the roots: the system's). To be freed with
 * mote_command_tls_free. When it is null, `status` and `library_code` say why.
 */
mote_tls *mote_command_tls_create(const char *roots_file, const char *certificate_file, const char *key_file,
                                  mote_status *status, int32_t *library_code);

void mote_command_tls_free(mote_tls *tls);

/** From now on `tls` accepts any server. Before the first connection, for --insecure and nothing else. */
void mote_command_tls_verify_nothing(mote_tls *tls);

/** Writes the protocol version and the cipher suite of an open connection, NUL-terminated. */
void mote_command_tls_describe(const mote_tls *tls, char *text, size_t capacity);

/** Writes what mbedTLS says of its own code, NUL-terminated. */
void mote_command_tls_explain(int32_t library_code, char *text, size_t capacity);

/**
 * From now on SIGINT and SIGTERM, where not ignored, are not acted on but told, and SIGPIPE is ignored. The result is a file descriptor that
 * can be read when a signal has come, or a descriptor watched; -1 when there is none to be had.
 */
int32_t mote_command_wakeup_open(int32_t *signals);

/** The signal that has come, or 0. */
int32_t mote_command_wakeup_signal(int32_t signals);

/** Watches `descriptor` too (1), or no longer (0). 0 when it cannot be watched: such a one can always be read. */
int32_t mote_command_wakeup_watch(int32_t wakeup, int32_t descriptor, int32_t is_watched);

#endif
