#include "tls_tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t *read_file(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  uint8_t *bytes = calloc(1, 65536);
  *length = file != NULL ? fread(bytes, 1, 65535, file) + 1 : 0;
  if (file != NULL) fclose(file);
  return bytes;
}

mote_status initialise(struct client *client, const char *roots, const char *identity, uint32_t max_fragment_length) {
  mote_tls_options options = {.size = sizeof options, .roots_file = roots, .max_fragment_length = max_fragment_length};
  uint8_t *certificate = NULL, *key = NULL;
  if (identity != NULL) {
    char path[64];
    snprintf(path, sizeof path, "%s.pem", identity);
    options.certificate = certificate = read_file(path, &options.certificate_length);
    snprintf(path, sizeof path, "%s.key", identity);
    options.key = key = read_file(path, &options.key_length);
  }
  mote_status status = mote_tls_init(&client->tls, sizeof client->tls, &options);
  free(certificate);
  free(key);
  mote_linux_init(&client->linux_port);
  client->port = mote_port_linux(&client->linux_port);
  return status;
}

int32_t reach(struct client *client, const char *host, uint16_t port_number) {
  uint64_t deadline = mote_linux_now() + 5000;
  int32_t result;
  while ((result = client->port.resolve(client->port.context, host, strlen(host))) == 0 && mote_linux_now() < deadline) {
    mote_linux_wait(&client->linux_port, MOTE_WAIT_READ, deadline, -1);
  }
  if (result <= 0) return result;
  int32_t count = result;
  for (int32_t index = 0; index < count; index++) {
    while ((result = client->port.connect(client->port.context, index, port_number)) == 0 && mote_linux_now() < deadline) {
      mote_linux_wait(&client->linux_port, MOTE_WAIT_WRITE, deadline, -1);
    }
    if (result == 1) return 1;
  }
  return result;
}

int32_t shake_hands(struct client *client, const mote_port *port, const char *name, int64_t wall_seconds) {
  int32_t result = mote_tls_start(&client->tls, port, name, strlen(name), wall_seconds);
  uint64_t deadline = mote_linux_now() + 10000;
  if (result != MOTE_OK) return result;
  while ((result = mote_tls_handshake(&client->tls)) != 1 && result >= 0 && mote_linux_now() < deadline) {
    int32_t wait = result == MOTE_TLS_WANTS_READ ? MOTE_WAIT_READ : result == MOTE_TLS_WANTS_WRITE ? MOTE_WAIT_WRITE : 0;
    if (wait != 0 && port == &client->port) mote_linux_wait(&client->linux_port, wait, deadline, -1);
  }
  return result;
}

int32_t connect_to(struct client *client, const struct server *server, const char *name, int64_t wall_seconds) {
  int32_t result = reach(client, "localhost", server->port_number);
  return result == 1 ? shake_hands(client, &client->port, name, wall_seconds) : result;
}

void leave(struct client *client) {
  mote_tls_close(&client->tls);
  client->port.close(client->port.context);
}

int32_t await(struct client *client, uint8_t *bytes, size_t capacity) {
  uint64_t deadline = mote_linux_now() + 5000;
  int32_t result;
  while ((result = mote_tls_receive(&client->tls, bytes, capacity)) == 0 && mote_linux_now() < deadline) {
    mote_linux_wait(&client->linux_port, MOTE_WAIT_READ, deadline, -1);
  }
  return result;
}
