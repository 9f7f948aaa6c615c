/*
 * What the size of file upload is measured with: the hub client, and beside it an upload over a TLS of its own.
 */
#include "board.h"

#include <mote_tls.h>
#include <mote_upload.h>

static mote_upload upload;
static mote_tls upload_tls;
static uint8_t upload_buffer[4096];

static int32_t read_file(void *context, uint64_t offset, uint8_t *bytes, size_t capacity) {
  (void)context, (void)offset;
  return (int32_t)board_read_sensor(bytes, capacity);
}

static int32_t use_upload(mote_client *client, const mote_port *port) {
  const mote_tls_options trust = {.size = sizeof trust, .max_fragment_length = 4096};
  const mote_upload_options options = {.size = sizeof options, .port = port, .tls = &upload_tls, .buffer = upload_buffer,
                                       .capacity = sizeof upload_buffer};
  const mote_upload_file file = {
      .size = sizeof file, .blob_name = "log", .blob_name_length = 3, .length = 100000, .read = read_file};
  if (mote_tls_init(&upload_tls, sizeof upload_tls, &trust) < 0) return -1;
  if (mote_upload_init(&upload, sizeof upload, client, &options) < 0) return -1;
  return mote_upload_start(&upload, &file, board_now());
}

static void go_on(void) {
  mote_upload_event event;
  while (mote_upload_poll(&upload, board_now(), &event) > 0)
    if (event.kind == MOTE_UPLOAD_FAILED) board_use(&event, sizeof event);
}

#define USE_MORE(client) use_upload(client, &port)
#define GO_ON go_on
#include "hub.c"
