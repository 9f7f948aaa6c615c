/*
 * IoT Hub over HTTPS, for devices that wake, send and sleep, and for networks where only port 443 is open. A client uses it in
 * place of MQTT, and everything after that is the same: the outbox, mote_send, messages from the cloud, mote_hold and
 * mote_accept, the journal. What HTTPS has not: twin and methods, which are refused with MOTE_ERROR_OVER_HTTPS.
 *
 * A message is one POST, with its properties as headers; its payload, of any length, passes through the send buffer. Several
 * messages can be one POST too (mote_send_batch): they share a request's head, and one answer. At most one request is under way,
 * over a connection that is kept as long as the hub keeps it. Messages from the cloud are polled for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MOTE_HTTPS_H
#define MOTE_HTTPS_H

#include "mote.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Size of mote_https in bytes. */
#if UINTPTR_MAX > 0xFFFFFFFFu
#define MOTE_HTTPS_SIZE 704
#else
#define MOTE_HTTPS_SIZE 448
#endif

/** What a client needs for HTTPS. Opaque; owned by the caller. */
typedef struct mote_https {
  uint64_t opaque[MOTE_HTTPS_SIZE / 8];
} mote_https;

/** Memory and limits. Buffers are borrowed for the client's life. */
typedef struct mote_https_options {
  size_t size;              /**< sizeof(mote_https_options), set by the caller. */
  uint8_t *receive_buffer;  /**< Holds a message from the cloud, or a piece of one: as of mote_mqtt_options. At least 128. */
  size_t receive_capacity;
  uint8_t *outbox;          /**< Holds what waits to be sent or acknowledged: as of mote_mqtt_options. At least 128. */
  size_t outbox_capacity;
  int32_t when_full;        /**< MOTE_FULL_* */
  /** Holds a line of a response's head, or a piece of its body; each half one property of a message. At least 128. */
  uint8_t *response_buffer;
  size_t response_capacity;
  /**
   * Holds the token, and a request's head or a piece of its body; then the properties of a message from the cloud. At least 128 and
   * the token. A message that a server or a proxy sends in chunks, without its length, has to fit in whole: else it is told by
   * MOTE_EVENT_SKIPPED and rejected, as is one whose properties do not fit.
   */
  uint8_t *request_buffer;
  size_t request_capacity;
  uint32_t response_milliseconds; /**< Patience for an answer. Default 30,000. */
  /**
   * How often the hub is asked for messages, in seconds, with `receives_messages`. Default 1,500: a hub does not want to be asked
   * more often than every 25 minutes by each device, and answers those who do with 429 sooner. It is asked at once after
   * mote_connect, and after each message.
   */
  uint32_t poll_seconds;
} mote_https_options;

/**
 * In place of mote_use_mqtt: makes the client speak HTTPS (port 443). `size` is sizeof(mote_https), which this initialises. Once,
 * before connecting. MOTE_OK, MOTE_ERROR_SIZE, MOTE_ERROR_ARGUMENT, MOTE_ERROR_STATE, or MOTE_ERROR_OVER_HTTPS with a twin or
 * methods.
 *
 * MOTE_EVENT_CONNECTED then says that TLS is open; what the hub thinks of the token is seen with the first request. A hub that
 * closes a connection which nothing is asked over is not told: with the next request the client comes back, as it does for a new
 * token (MOTE_ERROR_TOKEN_EXPIRES). A hub that refuses ends the connection: 401, 403 and 404 with
 * MOTE_ERROR_REFUSED_AUTHORISATION, 429 and 500 and more with MOTE_ERROR_REFUSED_UNAVAILABLE, after which the client waits at
 * least as long as `Retry-After` said in seconds, up to a day (five minutes where that is no such number, as a date is none); what it does not take as a
 * message (400, 413, 415) is told by MOTE_EVENT_FAILED with MOTE_ERROR_HUB_REFUSED. mote_error.library_code is then the hub's own
 * code, such as 404001, or the status and 000. A message that does not fit the request buffer is told with MOTE_ERROR_TOO_LARGE.
 * After either the client connects again and goes on.
 *
 * Property names and values are ASCII over HTTPS.
 */
mote_status mote_use_https(mote_client *client, mote_https *https, size_t size, const mote_https_options *options);

/* ---- Several messages in one request ------------------------------------------------------------------------------------- */

/**
 * A message of a batch. Its properties, each name once, are as those of a message over HTTPS: names of letters, digits and
 * !#$%&'*+-.^_`|~, values of printable ASCII and tabs.
 */
typedef struct mote_batch_message {
  const uint8_t *payload;
  size_t payload_length;
  const mote_property *properties;
  size_t property_count;
} mote_batch_message;

/**
 * Messages that go to the hub in one request. It, its messages, and their payloads and properties are borrowed, and stay as they
 * are, until MOTE_EVENT_SENT or MOTE_EVENT_FAILED tells its token.
 */
typedef struct mote_batch {
  size_t size; /**< sizeof(mote_batch), set by the caller. */
  const mote_batch_message *messages;
  size_t message_count; /**< At least 1. */
  uint64_t expires;     /**< As of mote_telemetry, for all of them. */
  size_t next_message;  /**< Mote's own: how far it has been read. */
  size_t next_offset;   /**< Mote's own. */
} mote_batch;

/**
 * Sends the messages of a batch, at least once: the hub takes all of them or none. The result is the batch's token, above zero.
 * Its JSON is written while it leaves, from the messages where they stand, and is never in memory; the outbox holds the topic, and
 * up to 256 bytes. So the batch is a payload source: one is under way at a time, and a journal does not keep it.
 *
 * MOTE_ERROR_STATE: the client does not speak HTTPS. MOTE_ERROR_TOO_LARGE: the JSON has more than 256 KiB (payloads go in base64,
 * four bytes for three), or the sum of the payloads, of 384 bytes a message, and of 16 bytes and name and value a property is not
 * below 261,119, as the service's own SDKs count. MOTE_ERROR_PROPERTY: a name that is empty, or begins with `$.` and is no system
 * property; MOTE_ERROR_HTTP_FIELD: a character that HTTP does not allow there. MOTE_ERROR_ARGUMENT: no messages.
 * MOTE_ERROR_SOURCE_BUSY and MOTE_ERROR_OUTBOX_FULL: again later. A hub that refuses the batch is told by MOTE_EVENT_FAILED with
 * MOTE_ERROR_HUB_REFUSED.
 */
int32_t mote_send_batch(mote_client *client, mote_batch *batch);

/**
 * The property, without a value, that makes a message a batch whose JSON the application writes itself: its payload is an array, as
 * of `[{"body":"eyJ0IjoyMX0=","properties":{"iothub-app-alert":"true"}}]`, with bodies in base64. At most 256 KiB together.
 */
#define MOTE_BATCH "$.batch"

/* ---- Messages from the cloud --------------------------------------------------------------------------------------------- */

#define MOTE_COMPLETE 1 /**< The hub forgets the message. What mote_accept does without more. */
#define MOTE_REJECT 2   /**< The hub forgets it, and tells its sender that it was rejected. */
#define MOTE_ABANDON 3  /**< The hub gives it out again, ten times at most. */

/**
 * How the message from the cloud is settled that is accepted next, by mote_accept or by the mote_poll after it was complete:
 * MOTE_COMPLETE and others. A message has a minute for that, then the hub gives it out again.
 */
mote_status mote_settle(mote_client *client, int32_t settlement);

/**
 * Writes the tracking identifier of the hub's last refusal to `text` (MOTE_TRACKING_LENGTH bytes), by which Microsoft's support
 * finds it. The result is its length, 0 when there is none; MOTE_ERROR_STATE without HTTPS.
 */
int32_t mote_hub_tracking(mote_client *client, char *text);

#ifdef __cplusplus
}
#endif

#endif
