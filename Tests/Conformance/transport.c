#include "transport.h"

#include "peers.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

void transport_open(struct transport *transport, uint16_t port_number) {
  char number[8];
  snprintf(number, sizeof number, "%d", port_number);
  memset(transport, 0, sizeof *transport);
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
  need(psa_crypto_init() == PSA_SUCCESS, "PSA");
#endif
  mbedtls_net_init(&transport->socket);
  mbedtls_ssl_init(&transport->tls);
  mbedtls_ssl_config_init(&transport->configuration);
  mbedtls_entropy_init(&transport->entropy);
  mbedtls_ctr_drbg_init(&transport->random);
  mbedtls_x509_crt_init(&transport->roots);
  need(mbedtls_ctr_drbg_seed(&transport->random, mbedtls_entropy_func, &transport->entropy, NULL, 0) == 0 &&
         mbedtls_x509_crt_parse_file(&transport->roots, "ca.pem") == 0 &&
         mbedtls_ssl_config_defaults(&transport->configuration, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                     MBEDTLS_SSL_PRESET_DEFAULT) == 0,
       "TLS");
  mbedtls_ssl_conf_ca_chain(&transport->configuration, &transport->roots, NULL);
  mbedtls_ssl_conf_rng(&transport->configuration, mbedtls_ctr_drbg_random, &transport->random);
  need(mbedtls_ssl_setup(&transport->tls, &transport->configuration) == 0 &&
         mbedtls_ssl_set_hostname(&transport->tls, "localhost") == 0 &&
         mbedtls_net_connect(&transport->socket, "localhost", number, MBEDTLS_NET_PROTO_TCP) == 0,
       "a TCP connection");
  mbedtls_ssl_set_bio(&transport->tls, &transport->socket, mbedtls_net_send, mbedtls_net_recv, NULL);
  need(mbedtls_ssl_handshake(&transport->tls) == 0, "a TLS connection");
  mbedtls_net_set_nonblock(&transport->socket);
  transport->is_open = 1;
}

static int result_of(int result) {
  if (result > 0) return result;
  return result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE ? 0 : -1;
}

int transport_send(struct transport *transport, const uint8_t *bytes, size_t length) {
  return transport->is_open ? result_of(mbedtls_ssl_write(&transport->tls, bytes, length)) : -1;
}

int transport_receive(struct transport *transport, uint8_t *bytes, size_t capacity) {
  return transport->is_open ? result_of(mbedtls_ssl_read(&transport->tls, bytes, capacity)) : -1;
}

int transport_wait(struct transport *transport, int milliseconds) {
  if (mbedtls_ssl_get_bytes_avail(&transport->tls) > 0) return 1;
  struct pollfd descriptor = {.fd = transport->socket.fd, .events = POLLIN};
  return poll(&descriptor, 1, milliseconds) > 0;
}

void transport_cut(struct transport *transport) {
  if (!transport->is_open) return;
  transport->is_open = 0;
  mbedtls_net_free(&transport->socket);
  mbedtls_ssl_free(&transport->tls);
  mbedtls_ssl_config_free(&transport->configuration);
  mbedtls_ctr_drbg_free(&transport->random);
  mbedtls_entropy_free(&transport->entropy);
  mbedtls_x509_crt_free(&transport->roots);
}
