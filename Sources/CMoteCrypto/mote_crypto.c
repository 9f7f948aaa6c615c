/*
 * HMAC-SHA256 as RFC 2104 defines it, on mbedTLS's SHA-256: mbedTLS's own HMAC would allocate.
 */
#include "mote_crypto.h"

#ifndef MOTE_NO_MBEDTLS

#include <mbedtls/platform_util.h>
#include <mbedtls/version.h>

#if MBEDTLS_VERSION_NUMBER >= 0x04000000

#include <psa/crypto.h>

int32_t mote_hmac_sha256(const uint8_t *key, size_t key_length, const uint8_t *data, size_t length, uint8_t *signature) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_type(&attributes, PSA_KEY_TYPE_HMAC);
  psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_MESSAGE);
  psa_set_key_algorithm(&attributes, PSA_ALG_HMAC(PSA_ALG_SHA_256));

  psa_key_id_t imported = PSA_KEY_ID_NULL;
  psa_status_t status = psa_crypto_init();
  if (status == PSA_SUCCESS) status = psa_import_key(&attributes, key, key_length, &imported);
  if (status != PSA_SUCCESS) return status;
  size_t written = 0;
  status = psa_mac_compute(imported, PSA_ALG_HMAC(PSA_ALG_SHA_256), data, length, signature, 32, &written);
  psa_destroy_key(imported);
  return status;
}

#else

#include <mbedtls/sha256.h>

#include <string.h>

/* The names that return a status. 3.0 dropped the older ones, which returned nothing, and took over their names. */
#if MBEDTLS_VERSION_NUMBER < 0x03000000
#define sha256 mbedtls_sha256_ret
#define sha256_starts mbedtls_sha256_starts_ret
#define sha256_update mbedtls_sha256_update_ret
#define sha256_finish mbedtls_sha256_finish_ret
#else
#define sha256 mbedtls_sha256
#define sha256_starts mbedtls_sha256_starts
#define sha256_update mbedtls_sha256_update
#define sha256_finish mbedtls_sha256_finish
#endif

#define BLOCK 64
#define DIGEST 32

/** SHA-256 of the key, each byte of which becomes itself exclusive or `change`, followed by `data`. */
static int padded_hash(uint8_t key[BLOCK], uint8_t change, const uint8_t *data, size_t length, uint8_t *digest) {
  for (size_t index = 0; index < BLOCK; index++) key[index] ^= change;

  mbedtls_sha256_context context;
  mbedtls_sha256_init(&context);
  int code = sha256_starts(&context, 0);
  if (code == 0) code = sha256_update(&context, key, BLOCK);
  if (code == 0) code = sha256_update(&context, data, length);
  if (code == 0) code = sha256_finish(&context, digest);
  mbedtls_sha256_free(&context);
  return code;
}

int32_t mote_hmac_sha256(const uint8_t *key, size_t key_length, const uint8_t *data, size_t length, uint8_t *signature) {
  uint8_t block[BLOCK] = {0};
  int code = 0;
  if (key_length > BLOCK) code = sha256(key, key_length, block, 0);
  else if (key_length > 0) memcpy(block, key, key_length);

  /* The inner hash stands where the outer one is to: SHA-256 has read it before it writes. */
  if (code == 0) code = padded_hash(block, 0x36, data, length, signature);
  if (code == 0) code = padded_hash(block, 0x36 ^ 0x5C, signature, DIGEST, signature);
  mbedtls_platform_zeroize(block, sizeof block);
  return code;
}

#endif

void mote_wipe(void *bytes, size_t length) {
  mbedtls_platform_zeroize(bytes, length);
}

#endif
