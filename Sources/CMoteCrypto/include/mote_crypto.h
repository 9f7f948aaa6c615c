/*
 * Cryptography that the client needs outside TLS, over mbedTLS. Internal to Mote.
 */
#ifndef MOTE_CRYPTO_H
#define MOTE_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

/** HMAC-SHA256 (RFC 2104) of `data` with `key`, to `signature` (32 bytes). 0, or mbedTLS's error. */
int32_t mote_hmac_sha256(const uint8_t *key, size_t key_length, const uint8_t *data, size_t length, uint8_t *signature);

/** Overwrites memory in a way that no optimiser removes. */
void mote_wipe(void *bytes, size_t length);

#endif
