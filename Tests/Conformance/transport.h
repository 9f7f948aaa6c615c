/*
 * A TLS transport of the application's own, as one would write it for mote_mqtt: mbedTLS over a socket, without Mote.
 */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>

#include <stdint.h>

struct transport {
  int is_open;
  mbedtls_net_context socket;
  mbedtls_ssl_context tls;
  mbedtls_ssl_config configuration;
  mbedtls_entropy_context entropy;
  mbedtls_ctr_drbg_context random;
  mbedtls_x509_crt roots;
};

/** Connects to `localhost` and shakes hands; after that nothing blocks. Ends the program when it cannot. */
void transport_open(struct transport *transport, uint16_t port_number);

/** Above zero: bytes; 0: none now; below zero: the connection is gone. */
int transport_send(struct transport *transport, const uint8_t *bytes, size_t length);
int transport_receive(struct transport *transport, uint8_t *bytes, size_t capacity);

/** Waits some milliseconds for something to read. Whether there is. */
int transport_wait(struct transport *transport, int milliseconds);

/** Ends TCP without a word, and without reading what has come. */
void transport_cut(struct transport *transport);

#endif
