/*
 * What the command line needs of C: a mote_tls on the heap, since its size is mbedTLS's, with credentials from files; words
 * for mbedTLS's codes and certificates; signals and standard input beside a connection. Linked into no device archive.
 */
#ifndef MOTE_COMMAND_H
#define MOTE_COMMAND_H

#include "mote.h"
#include "mote_linux.h"

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

/** Writes the protocol version and the cipher suite of an open connection, and whether it was resumed, NUL-terminated. */
void mote_command_tls_describe(const mote_tls *tls, char *text, size_t capacity);

/** Writes what mbedTLS says of its own code, NUL-terminated. */
void mote_command_tls_explain(int32_t library_code, char *text, size_t capacity);

/** A certificate in words. Its texts are NUL-terminated, live as long as its chain, and may hold what a stranger wrote. */
typedef struct mote_command_certificate {
  const char *subject;
  const char *issuer;
  const char *names;   /**< The host names that it is for, with commas; cut off when they are too many. */
  const char *reasons; /**< Why verification refuses it, a line each; empty when it does not. */
  int64_t valid_from;  /**< In seconds since 1970. */
  int64_t valid_to;
  int32_t is_trusted;  /**< Whether it is one of the trusted roots, and not what the server sent. */
  int32_t is_followed; /**< Whether verification came by it. */
} mote_command_certificate;

/** The certificates of one connection: the server's own first, then those that vouch for it, then what else it sent. */
typedef struct mote_command_chain mote_command_chain;

/**
 * Notes the certificates of the server that `tls` connects to next, also when they are refused. Verification itself stays as
 * it is. Null without memory. To be freed with mote_command_chain_free, once `tls` connects no more.
 */
mote_command_chain *mote_command_chain_watch(mote_tls *tls);

/** The device's own certificates, which may be none. Null without memory. */
mote_command_chain *mote_command_chain_own(const mote_tls *tls);

/** A certificate, or null behind the last. */
const mote_command_certificate *mote_command_chain_certificate(const mote_command_chain *chain, int32_t index);

void mote_command_chain_free(mote_command_chain *chain);

/** Writes an address that the port found, NUL-terminated; an IPv6 address without brackets. */
void mote_command_address_text(const mote_linux *network, int32_t index, char *text, size_t capacity);

/** Writes a time in seconds since 1970 as people do, in UTC, NUL-terminated. */
void mote_command_time_text(int64_t seconds, char *text, size_t capacity);

/** The time in HTTP's `Date` (RFC 9110, 5.6.7), in seconds since 1970; 0 when `text` is none. */
int64_t mote_command_http_date(const char *text);

/** Whether the kernel knows of somebody who keeps its clock right, as NTP does. */
int32_t mote_command_clock_is_kept(void);

/**
 * From now on SIGINT and SIGTERM, where not ignored, are not acted on but told, and SIGPIPE is ignored. The result is a file descriptor that
 * can be read when a signal has come, or a descriptor watched; -1 when there is none to be had.
 */
int32_t mote_command_wakeup_open(int32_t *signals);

/** The signal that has come, or 0. */
int32_t mote_command_wakeup_signal(int32_t signals);

/** Watches `descriptor` too (1), or no longer (0). 0 when it cannot be watched: such a one can always be read. */
int32_t mote_command_wakeup_watch(int32_t wakeup, int32_t descriptor, int32_t is_watched);

/** A command of the shell that runs. */
typedef struct mote_command_process {
  int32_t identifier; /**< Its own, and that of all that it starts. */
  int32_t watch;      /**< A file descriptor that can be read when it has ended. */
  int32_t output;     /**< The reading end of its standard output, which does not block. */
} mote_command_process;

/**
 * Starts `command` with `length` bytes on its standard input, and the names in its environment (MOTE_METHOD, MOTE_COMPONENT).
 * 0, or -1 and errno.
 */
int32_t mote_command_process_start(mote_command_process *process, const char *command, const char *method, const char *component,
                                   const uint8_t *bytes, size_t length);

/** Ends it, with all that it has started. */
void mote_command_process_kill(const mote_command_process *process);

/** Whether it has ended. What it started and left behind is ended then: nothing more is said. */
int32_t mote_command_process_has_ended(const mote_command_process *process);

/** What it ended with: its exit code, or 128 and a signal's number. Closes both descriptors. */
int32_t mote_command_process_end(const mote_command_process *process);

#endif
