/*
 * The certificates of the hub emulator, over mbedTLS: its authorities', its server's and its devices' are written, those
 * that devices show are verified. Internal to Mote; host only.
 *
 * Text is ended by a zero. Functions return 0 or more when they succeed, else mbedTLS's error, which is negative.
 */
#ifndef MOTE_HUB_CERTIFICATES_H
#define MOTE_HUB_CERTIFICATES_H

#include <stddef.h>
#include <stdint.h>

/** What a certificate is for. */
#define MOTE_HUB_SERVER_AUTHORITY 0
#define MOTE_HUB_DEVICE_AUTHORITY 1
#define MOTE_HUB_SERVER 2
#define MOTE_HUB_DEVICE 3

typedef struct {
  int32_t purpose;
  /** The subject's common name. */
  const char *subject;
  /** Of a server and its authority: names and IP addresses, separated by commas. The authority is constrained to them. */
  const char *names;
  /** The subject's private key as PEM. */
  const char *key;
  /** The authority's certificate and private key as PEM; NULL for a certificate that signs itself. */
  const char *issuer;
  const char *issuer_key;
  /** UTC, as `20261123083000`. */
  const char *not_before;
  const char *not_after;
} mote_hub_certificate;

/** Writes a new P-256 private key as PEM to `pem`. */
int32_t mote_hub_new_key(uint8_t *pem, size_t capacity);

/** Writes a certificate as PEM to `pem`. Its serial number is random. */
int32_t mote_hub_write_certificate(const mote_hub_certificate *certificate, uint8_t *pem, size_t capacity);

/**
 * Whether one of the authorities in `trusted` (PEM, several in a row) vouches for the first certificate of `chain` (DER, one
 * after the other), as a server's of the name or address `server`, or as a device's when that is NULL: 0 when it does, else
 * mbedTLS's verification flags, or its error.
 */
int32_t mote_hub_verify(const uint8_t *chain, size_t length, const char *trusted, const char *server);

/** Writes the common name of the certificate's subject to `name` (`certificate` is DER). Its length without the zero. */
int32_t mote_hub_common_name(const uint8_t *certificate, size_t length, uint8_t *name, size_t capacity);

/** The hashes that thumbprints are made of: 20 and 32 bytes. */
int32_t mote_hub_sha1(const uint8_t *data, size_t length, uint8_t *hash);
int32_t mote_hub_sha256(const uint8_t *data, size_t length, uint8_t *hash);

#endif
