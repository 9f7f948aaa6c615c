/*
 * Connections of the hub: TCP, TLS, and when each ends.
 */
#include "hub.h"

#include "peers.h"

#include <mbedtls/version.h>
#if MBEDTLS_VERSION_NUMBER >= 0x03020000
#include <psa/crypto.h>
#endif

#include <stdio.h>
#include <string.h>

/** The hub's random numbers: the same with each run, and nobody's secret. */
static int give_random(void *context, unsigned char *bytes, size_t length) {
  for (size_t index = 0; index < length; index++) bytes[index] = (unsigned char)(next_random(context) >> 56);
  return 0;
}

static void read_identity(struct hub_identity *identity, const char *name, uint64_t *random) {
  char certificate[64], key[64];
  snprintf(certificate, sizeof certificate, "%s.pem", name);
  snprintf(key, sizeof key, "%s.key", name);
  mbedtls_x509_crt_init(&identity->chain);
  mbedtls_pk_init(&identity->key);
  mbedtls_ssl_config_init(&identity->configuration);
  mbedtls_ssl_cache_init(&identity->cache);
  need(mbedtls_x509_crt_parse_file(&identity->chain, certificate) == 0, certificate);
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
  need(mbedtls_pk_parse_keyfile(&identity->key, key, NULL, give_random, random) == 0, key);
#else
  need(mbedtls_pk_parse_keyfile(&identity->key, key, NULL) == 0, key);
#endif
  need(mbedtls_ssl_config_defaults(&identity->configuration, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                   MBEDTLS_SSL_PRESET_DEFAULT) == 0,
       "a TLS server");
  mbedtls_ssl_conf_rng(&identity->configuration, give_random, random);
  mbedtls_ssl_conf_session_cache(&identity->configuration, &identity->cache, mbedtls_ssl_cache_get, mbedtls_ssl_cache_set);
  need(mbedtls_ssl_conf_own_cert(&identity->configuration, &identity->chain, &identity->key) == 0, "its certificate");
}

static void free_identity(struct hub_identity *identity) {
  mbedtls_ssl_cache_free(&identity->cache);
  mbedtls_ssl_config_free(&identity->configuration);
  mbedtls_x509_crt_free(&identity->chain);
  mbedtls_pk_free(&identity->key);
}

void hub_start(struct hub *hub, uint64_t seed) {
  memset(hub, 0, sizeof *hub);
  hub->random = seed;
#if MBEDTLS_VERSION_NUMBER >= 0x03020000
  need(psa_crypto_init() == PSA_SUCCESS, "PSA");
#endif
  read_identity(&hub->own, "server", &hub->random);
  read_identity(&hub->stranger, "stranger", &hub->random);
}

void hub_leave(struct hub_connection *connection) {
  struct hub_session *session = connection->session;
  for (size_t index = 0; session != NULL && index < session->queue_length; index++) session->queue[index].is_in_flight = 0;
  connection->session = NULL;
}

static void forget(struct hub_connection *connection) {
  hub_leave(connection);
  mbedtls_ssl_free(&connection->tls);
  connection->line.is_open[HUB_END] = 0;
  /* The device's end stays as long as that is open. */
  connection->is_used = connection->line.is_open[DEVICE_END];
}

static void close_now(struct hub_connection *connection, int32_t status) {
  if (!connection->line.is_open[HUB_END]) return;
  if (status == MOTE_ERROR_CLOSED && connection->tls_state == 1) (void)mbedtls_ssl_close_notify(&connection->tls);
  line_close(&connection->line, HUB_END, status);
  forget(connection);
}

void hub_end_connection(struct hub_connection *connection, int32_t status) { close_now(connection, status); }

void hub_reset(struct hub *hub) {
  for (size_t index = 0; index < HUB_CONNECTIONS; index++) close_now(&hub->connections[index], MOTE_ERROR_RESET);
  char *begin = (char *)&hub->is_stopped;
  memset(begin, 0, (size_t)((char *)hub->connections - begin));
  memset(hub->sessions, 0, sizeof hub->sessions);
}

void hub_forget_tls(struct hub *hub) {
  struct hub_identity *identities[2] = {&hub->own, &hub->stranger};
  for (int index = 0; index < 2; index++) {
    mbedtls_ssl_cache_free(&identities[index]->cache);
    mbedtls_ssl_cache_init(&identities[index]->cache);
  }
}

void hub_end(struct hub *hub) {
  hub_reset(hub);
  free_identity(&hub->own);
  free_identity(&hub->stranger);
}

static int tls_send(void *context, const unsigned char *bytes, size_t length) {
  struct hub_connection *connection = context;
  int32_t count = line_send(&connection->line, HUB_END, bytes, length);
  return count > 0 ? count : count == 0 ? MBEDTLS_ERR_SSL_WANT_WRITE : MBEDTLS_ERR_SSL_CONN_EOF;
}

static int tls_receive(void *context, unsigned char *bytes, size_t capacity) {
  struct hub_connection *connection = context;
  int32_t count = line_receive(&connection->line, HUB_END, bytes, capacity);
  return count > 0 ? count : count == 0 ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_SSL_CONN_EOF;
}

struct hub_connection *hub_accept(struct hub *hub) {
  if (hub->tcp_second != now / SECOND) hub->tcp_in_second = 0;
  hub->tcp_second = now / SECOND;
  hub->tcp_count++;
  hub->tcp_in_second++;
  if (hub->is_stopped || (hub->tcp_limit > 0 && hub->tcp_in_second > hub->tcp_limit)) {
    hub->tcp_refused++;
    return NULL;
  }
  struct hub_connection *connection = hub->connections;
  while (connection < hub->connections + HUB_CONNECTIONS && connection->is_used) connection++;
  need(connection < hub->connections + HUB_CONNECTIONS, "room for a connection");
  line_open(&connection->line, hub->milliseconds);
  connection->hub = hub;
  connection->is_used = 1;
  connection->is_greeted = 0;
  connection->tls_state = 0;
  connection->session = NULL;
  connection->expiry = INT64_MAX;
  connection->silent_at = now + MINUTE;
  connection->ending = 0;
  connection->input_length = 0;
  connection->output_length = 0;
  connection->front.is_open = connection->front.stage = 0;
  connection->front.said = connection->front.length = 0;
  mbedtls_ssl_init(&connection->tls);
  struct hub_identity *identity = hub->is_stranger ? &hub->stranger : &hub->own;
  need(mbedtls_ssl_setup(&connection->tls, &identity->configuration) == 0, "a TLS connection");
  mbedtls_ssl_set_bio(&connection->tls, connection, tls_send, tls_receive, NULL);
  return connection;
}

void hub_write(struct hub_connection *connection, const uint8_t *bytes, size_t length) {
  struct hub *hub = connection->hub;
  if (connection->ending != 0) return;
  if (hub->cuts_packet > 0) {
    if (length > hub->cuts_packet) length = hub->cuts_packet;
    hub->cuts_packet = 0;
    connection->ending = MOTE_ERROR_RESET;
  }
  need(connection->output_length + length + 4 <= HUB_OUTPUT, "room for what the hub says");
  if (front_frames(connection) && connection->front.is_open) front_head(connection, length);
  memcpy(connection->output + connection->output_length, bytes, length);
  connection->output_length += length;
}

/** Whether anything was done. */
static int run_connection(struct hub_connection *connection) {
  struct hub *hub = connection->hub;
  if (!connection->line.is_open[HUB_END]) {
    if (!connection->line.is_open[DEVICE_END]) connection->is_used = 0;
    return 0;
  }
  if (true_seconds() >= connection->expiry) {
    hub->expired++;
    return close_now(connection, MOTE_ERROR_CLOSED), 1;
  }
  if (now >= connection->silent_at) {
    hub->dead++;
    return close_now(connection, MOTE_ERROR_RESET), 1;
  }
  int was_done = 0, result = 0;
  if (!front_frames(connection) && hub->front.kind != FRONT_NONE && !connection->front.is_open) return front_run(connection);
  if (connection->tls_state == 0) {
    if (hub->withholds_handshake || !line_is_readable(&connection->line, HUB_END)) return 0;
    result = mbedtls_ssl_handshake(&connection->tls);
    connection->tls_state = result == 0;
    was_done = 1;
  }
  while (connection->tls_state == 1 && connection->ending == 0) {
    uint8_t *bytes = front_frames(connection) ? connection->front.bytes : connection->input;
    size_t *length = front_frames(connection) ? &connection->front.length : &connection->input_length;
    result = mbedtls_ssl_read(&connection->tls, bytes + *length, HUB_BUFFER - *length);
    if (result <= 0) break;
    *length += (size_t)result;
    hub->bytes_received += (uint64_t)result;
    was_done = 1;
    if (front_frames(connection)) front_take(connection);
    while (hub_take(connection)) continue;
  }
  if (result == 0 && connection->tls_state == 1 && connection->ending == 0) result = MBEDTLS_ERR_SSL_CONN_EOF;
  if (connection->session != NULL && connection->tls_state == 1) hub_push(connection);
  while (connection->output_length > 0 && connection->tls_state == 1) {
    int count = mbedtls_ssl_write(&connection->tls, connection->output, connection->output_length);
    if (count <= 0) break;
    connection->output_length -= (size_t)count;
    hub->bytes_sent += (uint64_t)count;
    memmove(connection->output, connection->output + count, connection->output_length);
    was_done = 1;
  }
  if (connection->ending != 0 && connection->output_length == 0) {
    close_now(connection, connection->ending);
    was_done = 1;
  } else if (result < 0 && result != MBEDTLS_ERR_SSL_WANT_READ && result != MBEDTLS_ERR_SSL_WANT_WRITE) {
    close_now(connection, MOTE_ERROR_RESET);
    was_done = 1;
  }
  return was_done;
}

int hub_run(struct hub *hub) {
  int was_done = 0;
  for (size_t index = 0; index < HUB_CONNECTIONS; index++) {
    if (hub->connections[index].is_used) was_done |= run_connection(&hub->connections[index]);
  }
  return was_done;
}

uint64_t hub_next(const struct hub *hub) {
  uint64_t next = UINT64_MAX;
  for (size_t index = 0; index < HUB_CONNECTIONS; index++) {
    const struct hub_connection *connection = &hub->connections[index];
    if (!connection->is_used || !connection->line.is_open[HUB_END]) continue;
    uint64_t times[3] = {line_next(&connection->line, HUB_END), connection->silent_at, UINT64_MAX};
    if (connection->expiry < INT64_MAX) times[2] = (uint64_t)(connection->expiry - WALL) * SECOND;
    for (int time = 0; time < 3; time++) {
      if (times[time] > now && times[time] < next) next = times[time];
    }
  }
  return next;
}

struct hub_connection *hub_find(struct hub *hub, const char *client_identifier) {
  for (size_t index = 0; index < HUB_CONNECTIONS; index++) {
    struct hub_connection *connection = &hub->connections[index];
    if (!connection->is_used || connection->session == NULL) continue;
    if (strcmp(connection->session->client_identifier, client_identifier) == 0) return connection;
  }
  return NULL;
}

void hub_close(struct hub *hub, struct hub_connection *connection, int32_t status) {
  for (size_t index = 0; index < HUB_CONNECTIONS; index++) {
    struct hub_connection *one = &hub->connections[index];
    if (one->is_used && (connection == NULL || connection == one)) close_now(one, status);
  }
}
