/*
 * Private keys, and the random bytes that they are made of.
 */
#include "mote_hub_certificates.h"
#include "mote_hub_random.h"

#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>

#include <sys/random.h>

int mote_hub_random(void *context, unsigned char *bytes, size_t length) {
  (void)context;
  while (length > 0) {
    ssize_t count = getrandom(bytes, length, 0);
    if (count < 0) return MBEDTLS_ERR_ECP_RANDOM_FAILED;
    bytes += count;
    length -= (size_t)count;
  }
  return 0;
}

int32_t mote_hub_new_key(uint8_t *pem, size_t capacity) {
  mbedtls_pk_context key;
  mbedtls_pk_init(&key);
  int code = mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
  if (code == 0) code = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key), mote_hub_random, NULL);
  if (code == 0) code = mbedtls_pk_write_key_pem(&key, pem, capacity);
  mbedtls_pk_free(&key);
  return code;
}
