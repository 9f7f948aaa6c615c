/*
 * File upload: a file of any size goes to the storage account of a hub, through a buffer of a few KiB, in constant memory. The hub is
 * asked where to, the file is put there as one or in blocks, and the hub is told what became of it. It is of a client's device, whether
 * that is connected or not, over a connection of its own: with a port and a TLS of its own, or those of a client that is not connected.
 *
 *   mote_upload_init(&upload, sizeof upload, &client, &options);
 *   mote_upload_start(&upload, &file, now);
 *   while (mote_upload_poll(&upload, now, &event) == 0 || event.kind < MOTE_UPLOAD_DONE) ...wait as event says
 *
 * The rules of mote.h hold here too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MOTE_UPLOAD_H
#define MOTE_UPLOAD_H

#include "mote.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Size of mote_upload in bytes. */
#if UINTPTR_MAX > 0xFFFFFFFFu
#define MOTE_UPLOAD_SIZE 840
#else
#define MOTE_UPLOAD_SIZE 528
#endif

/** An upload. Opaque; owned by the caller. */
typedef struct mote_upload {
  uint64_t opaque[MOTE_UPLOAD_SIZE / 8];
} mote_upload;

/** What an upload is made of, and its limits. Everything pointed to is borrowed for the upload's life. */
typedef struct mote_upload_options {
  size_t size; /**< sizeof(mote_upload_options), set by the caller. */
  const mote_port *port;
  mote_tls *tls;        /**< Initialised by mote_tls_init (mote_tls.h). */
  uint32_t port_number; /**< The hub's. Default 443. */
  /**
   * Holds what the hub answers (up to half of it), then that, a line of a response, and a request's head or a piece of the file. At
   * least 2,048; with 4,096 any name has room. For a file of unknown length what it holds of it is a block.
   */
  uint8_t *buffer;
  size_t capacity;
  uint32_t block_size; /**< Bytes of a block, and of the longest file that goes as one. Default 65,536. Doubled for what needs over 50,000. */
  uint32_t attempts;   /**< How often in a row something may fail before it is given up, up to 255. Default 10. */
  /** Patience for an answer, for the line to take more, and for a source of known length that has nothing. Default 30,000. */
  uint32_t response_milliseconds;
} mote_upload_options;

/** The length of a file whose end its source says. */
#define MOTE_UPLOAD_UNKNOWN UINT64_MAX
/** What a source gives at the end of a file of unknown length. */
#define MOTE_UPLOAD_END (-2)

/**
 * Gives the bytes of a file. Above zero: how many of at most `capacity` bytes from `offset` on were written; 0: none now;
 * MOTE_UPLOAD_END; another number below zero: they are gone, and the upload fails with MOTE_ERROR_SOURCE_FAILED. Offsets rise, and go
 * back to where a block began when that has to be put once more; but not in a file of unknown length.
 */
typedef int32_t (*mote_upload_read)(void *context, uint64_t offset, uint8_t *bytes, size_t capacity);

/** A file. Everything pointed to is borrowed until it is over. */
typedef struct mote_upload_file {
  size_t size;           /**< sizeof(mote_upload_file), set by the caller. */
  const char *blob_name; /**< What the hub is to call it, such as `logs/1.bin`: UTF-8 without control characters, at most 1,024 bytes. */
  size_t blob_name_length;
  uint64_t length;       /**< In bytes, or MOTE_UPLOAD_UNKNOWN: then it goes in blocks of what the buffer holds, at most 50,000. */
  mote_upload_read read;
  void *context;
  const char *content_type; /**< Such as `text/plain`. Null: none. */
  size_t content_type_length;
} mote_upload_file;

/* What an upload does. */
#define MOTE_UPLOAD_STEP_IDLE 0
#define MOTE_UPLOAD_STEP_ASK 1    /**< Asks the hub where the file goes. */
#define MOTE_UPLOAD_STEP_PUT 2    /**< Puts all of it there. */
#define MOTE_UPLOAD_STEP_BLOCK 3  /**< Puts a block there. */
#define MOTE_UPLOAD_STEP_LIST 4   /**< Makes the file of its blocks. */
#define MOTE_UPLOAD_STEP_NOTIFY 5 /**< Tells the hub what became of it. */

#define MOTE_UPLOAD_NONE 0     /**< Nothing to tell: wait as `wait` and `deadline` say, then poll. */
#define MOTE_UPLOAD_PROGRESS 1 /**< A block is there, or the whole file. */
#define MOTE_UPLOAD_RETRYING 2 /**< `step` failed because of `status`, and is tried again at `deadline`. */
#define MOTE_UPLOAD_DONE 3     /**< All of it is there, and the hub knows. Another can be started. */
#define MOTE_UPLOAD_FAILED 4   /**< It failed in `step` because of `status`. Another can be started. */

/** What an upload has to tell. */
typedef struct mote_upload_event {
  int32_t kind;   /**< MOTE_UPLOAD_* */
  int32_t status; /**< MOTE_OK, or why it failed. */
  int32_t step;   /**< MOTE_UPLOAD_STEP_* */
  /** The hub's own code, such as 403006, or else HTTP's status and 000, or else mbedTLS's code. */
  int32_t code;
  int32_t wait;      /**< MOTE_WAIT_*: what to wait for. */
  uint64_t deadline; /**< When to poll at the latest, in the caller's milliseconds. UINT64_MAX: no need. */
  uint64_t offset;   /**< How many bytes of the file have been read so far, also with MOTE_UPLOAD_NONE. */
} mote_upload_event;

/**
 * Initialises an upload, of the device that `client` is: of that it takes who the device is, what signs for it, the endpoint, the life of
 * a token, and the milliseconds to resolve, to connect, for the handshake and to retry. The client needs no protocol. `size` is
 * sizeof(mote_upload). MOTE_OK, MOTE_ERROR_SIZE, MOTE_ERROR_ARGUMENT (also for a module, which has no upload), MOTE_ERROR_NO_TLS,
 * MOTE_ERROR_BUFFER_TOO_SMALL, or MOTE_ERROR_NOT_INITIALISED for the client.
 */
mote_status mote_upload_init(mote_upload *upload, size_t size, mote_client *client, const mote_upload_options *options);

/**
 * Begins with a file; mote_upload_poll does the work. One at a time. A file that exists is replaced when all of the new one is there.
 * MOTE_OK, MOTE_ERROR_ARGUMENT, MOTE_ERROR_STATE, or MOTE_ERROR_TOO_LARGE for what no 50,000 blocks hold.
 */
mote_status mote_upload_start(mote_upload *upload, const mote_upload_file *file, uint64_t now);

/**
 * Does what can be done now, and takes the next event: 1, 0 when there is none, or an error. It never blocks; its longest step is one
 * of the TLS handshake.
 *
 * What fails is tried again, after waits as a client's or for as long as `Retry-After` says, and goes on with the block that failed;
 * also where what let the file go there has expired meanwhile, unless the length is unknown: the question needs the room of the block
 * that was read. What cannot mend is given up, and the hub is told, so that the upload is none of the ten that a device may have:
 * MOTE_ERROR_UPLOAD_STORAGE when the storage refuses, MOTE_ERROR_REFUSED_AUTHORISATION (401, 403, 404) or MOTE_ERROR_HUB_REFUSED when
 * the hub does, MOTE_ERROR_SOURCE_FAILED, MOTE_ERROR_SOURCE_STALLED, MOTE_ERROR_TOO_LARGE for what does not fit the buffer, or a
 * certificate that is not accepted.
 */
int32_t mote_upload_poll(mote_upload *upload, uint64_t now, mote_upload_event *event);

/** Gives the file up: the hub is told, then MOTE_UPLOAD_FAILED with MOTE_ERROR_UPLOAD_CANCELLED. MOTE_OK or MOTE_ERROR_STATE. */
mote_status mote_upload_cancel(mote_upload *upload);

/** Writes the tracking identifier of the hub's last refusal to `text` (MOTE_TRACKING_LENGTH bytes): its length, or 0. */
int32_t mote_upload_tracking(mote_upload *upload, char *text);

#ifdef __cplusplus
}
#endif

#endif
