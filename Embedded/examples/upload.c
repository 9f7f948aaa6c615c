/*
 * Puts a file into the storage account of an IoT Hub, through a buffer of 4 KiB. All memory it uses for Mote is here.
 *
 *   upload CONNECTION_STRING FILE [ENDPOINT PORT CA_FILE]
 *
 * ENDPOINT, PORT and CA_FILE stand for a hub of one's own. A FILE of - is standard input, whose length is seen at its end.
 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mote.h"
#include "mote_linux.h"
#include "mote_tls.h"
#include "mote_upload.h"

static mote_client client;
static mote_upload upload;
static mote_linux network;
static mote_tls tls;
static uint8_t buffer[4096];

static int fail(const char *what, mote_status status) {
  fprintf(stderr, "%s: %s (%d)\n", what, mote_status_text(status), (int)status);
  return EXIT_FAILURE;
}

/* A block that has to be put once more is read once more: by its offset. */
static int32_t read_file(void *context, uint64_t offset, uint8_t *bytes, size_t capacity) {
  ssize_t count = pread(*(const int *)context, bytes, capacity, (off_t)offset);
  return count > 0 ? (int32_t)count : -1;
}

static int32_t read_input(void *context, uint64_t offset, uint8_t *bytes, size_t capacity) {
  (void)context, (void)offset;
  ssize_t count = read(STDIN_FILENO, bytes, capacity);
  return count == 0 ? MOTE_UPLOAD_END : (int32_t)count;
}

int main(int argc, char **argv) {
  if (argc < 3) return fprintf(stderr, "usage: upload CONNECTION_STRING FILE [ENDPOINT PORT CA_FILE]\n"), 64;
  int is_input = strcmp(argv[2], "-") == 0;
  int descriptor = is_input ? STDIN_FILENO : open(argv[2], O_RDONLY);
  struct stat status_of_file;
  if (descriptor < 0 || fstat(descriptor, &status_of_file) != 0) return perror(argv[2]), EXIT_FAILURE;

  mote_linux_init(&network);
  mote_port port = mote_port_linux(&network);
  mote_tls_options trust = {0};
  trust.size = sizeof trust;
  if (argc > 5) trust.roots_file = argv[5];
  mote_status status = mote_tls_init(&tls, sizeof tls, &trust);
  if (status < 0) return fail("TLS", status);

  /* Who the device is. It needs no connection of its own for an upload. */
  mote_client_options device = {0};
  device.size = sizeof device;
  device.connection_string = argv[1];
  device.connection_string_length = strlen(argv[1]);
  device.port = &port;
  device.tls = &tls;
  if (argc > 5) {
    device.endpoint = argv[3];
    device.endpoint_length = strlen(argv[3]);
  }
  status = mote_client_init(&client, sizeof client, &device);
  if (status < 0) return fail("connection string", status);

  mote_upload_options options = {0};
  options.size = sizeof options;
  options.port = &port;
  options.tls = &tls;
  if (argc > 5) options.port_number = (uint32_t)atoi(argv[4]);
  options.buffer = buffer;
  options.capacity = sizeof buffer;
  options.block_size = 4 << 20;
  status = mote_upload_init(&upload, sizeof upload, &client, &options);
  if (status < 0) return fail("upload", status);

  const char *slash = strrchr(argv[2], '/');
  mote_upload_file file = {0};
  file.size = sizeof file;
  file.blob_name = is_input ? "input" : slash ? slash + 1 : argv[2];
  file.blob_name_length = strlen(file.blob_name);
  file.length = is_input ? MOTE_UPLOAD_UNKNOWN : (uint64_t)status_of_file.st_size;
  file.read = is_input ? read_input : read_file;
  file.context = &descriptor;
  status = mote_upload_start(&upload, &file, mote_linux_now());
  if (status < 0) return fail("file", status);

  for (;;) {
    mote_upload_event event;
    int32_t polled = mote_upload_poll(&upload, mote_linux_now(), &event);
    if (polled < 0) return fail("poll", polled);
    if (polled == 0) mote_linux_wait(&network, event.wait, event.deadline, -1);
    else if (event.kind == MOTE_UPLOAD_RETRYING) fail("again after", event.status);
    else if (event.kind >= MOTE_UPLOAD_DONE) {
      mote_tls_deinit(&tls);
      return event.kind == MOTE_UPLOAD_DONE ? EXIT_SUCCESS : fail("upload", event.status);
    }
  }
}
