/*
 * What the size of batches is measured with: the HTTPS client, which sends one too.
 */
#include <mote_https.h>

static mote_status send_batch(mote_client *client) {
  static const mote_property alert = {MOTE_TEXT("alert"), MOTE_TEXT("true")};
  static const mote_batch_message messages[] = {{(const uint8_t *)"1", 1, &alert, 1}, {(const uint8_t *)"2", 1, &alert, 1}};
  static mote_batch batch = {.size = sizeof batch, .messages = messages, .message_count = 2};
  return mote_send_batch(client, &batch);
}

#define USE_MORE send_batch
#include "https.c"
