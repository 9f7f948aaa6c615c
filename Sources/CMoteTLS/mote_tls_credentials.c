/*
 * Reading whom to trust and who the device is.
 */
#include "mote_tls_connection.h"

#ifndef MOTE_NO_MBEDTLS

#include "mote_tls_private.h"

#if MBEDTLS_VERSION_NUMBER >= 0x03000000 && MBEDTLS_VERSION_NUMBER < 0x04000000
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#define MOTE_TLS_KEY_NEEDS_RANDOM
#endif

/* Where Linux distributions keep the bundle of the roots that the system trusts. */
#if defined(__linux__) && defined(MBEDTLS_FS_IO)
#define SYSTEM_ROOTS "/etc/ssl/certs/ca-certificates.crt"
#endif

/** Reads a bundle, which may hold certificates of kinds that this mbedTLS does not know, beside others. */
static int read_bundle(mbedtls_x509_crt *chain, const char *path) {
#ifdef MBEDTLS_FS_IO
  int result = mbedtls_x509_crt_parse_file(chain, path);
  return result > 0 ? 0 : result;
#else
  (void)chain;
  (void)path;
  return MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE;
#endif
}

/** Reads those roots of a list that this mbedTLS knows the keys of: it could use no other. */
static int read_list(mbedtls_x509_crt *chain, const mote_tls_root *roots, size_t count) {
  int is_read = 0;
  int code = MBEDTLS_ERR_X509_BAD_INPUT_DATA;
  for (; count > 0; count--, roots++) {
    int result = mbedtls_x509_crt_parse_der_nocopy(chain, roots->bytes, roots->length);
    if (result == 0) is_read = 1;
    else if (mote_tls_is_out_of_memory(result)) return result;
    else code = result;
  }
  return is_read ? 0 : code;
}

static int read_roots(mbedtls_x509_crt *chain, const mote_tls_options *options) {
  if (options->roots != NULL) return mbedtls_x509_crt_parse(chain, options->roots, options->roots_length);
  if (options->roots_file != NULL) return read_bundle(chain, options->roots_file);
#ifdef SYSTEM_ROOTS
  if (options->root_list == NULL) return read_bundle(chain, SYSTEM_ROOTS);
#endif
  return read_list(chain, options->root_list, options->root_list != NULL ? options->root_count : 0);
}

#ifdef MOTE_TLS_KEY_NEEDS_RANDOM

/**
 * Random numbers as secret as the key, since they come from it. mbedTLS asks for them to blind its arithmetic on the key
 * against an observer, at a time when there is no port to ask. `context` is the key's SHA-256.
 */
static int random_of_key(void *context, unsigned char *bytes, size_t length) {
  for (size_t index = 0; index < length; index++) bytes[index] = ((const unsigned char *)context)[index % 32];
  return 0;
}

static int read_key(mote_tls *tls, const mote_tls_options *options) {
  unsigned char digest[32];
  mbedtls_ctr_drbg_init(&tls->random);
  int code = mbedtls_sha256(options->key, options->key_length, digest, 0);
  if (code == 0) code = mbedtls_ctr_drbg_seed(&tls->random, random_of_key, digest, NULL, 0);
  if (code == 0) {
    code = mbedtls_pk_parse_key(&tls->key, options->key, options->key_length, NULL, 0, mbedtls_ctr_drbg_random,
                                &tls->random);
  }
  if (code == 0) {
    code = mbedtls_pk_check_pair(&tls->certificate.pk, &tls->key, mbedtls_ctr_drbg_random, &tls->random);
  }
  mbedtls_ctr_drbg_free(&tls->random);
  mbedtls_platform_zeroize(digest, sizeof digest);
  return code;
}

#else

static int read_key(mote_tls *tls, const mote_tls_options *options) {
  int code = mbedtls_pk_parse_key(&tls->key, options->key, options->key_length, NULL, 0);
  return code != 0 ? code : mbedtls_pk_check_pair(&tls->certificate.pk, &tls->key);
}

#endif

mote_status mote_tls_read_credentials(mote_tls *tls, const mote_tls_options *options) {
  int sources = (options->roots != NULL) + (options->roots_file != NULL) + (options->root_list != NULL);
  if (sources > 1 || (options->certificate == NULL) != (options->key == NULL)) return MOTE_ERROR_ARGUMENT;

  int code = read_roots(&tls->roots, options);
  if (code == 0 && options->certificate != NULL) {
    code = mbedtls_x509_crt_parse(&tls->certificate, options->certificate, options->certificate_length);
    if (code == 0) code = read_key(tls, options);
  }
  if (code == 0) return MOTE_OK;
  /* So many certificates were not read: what was given for this purpose and is lost in part is an error. */
  if (code > 0) code = MBEDTLS_ERR_X509_CERT_UNKNOWN_FORMAT;
  tls->library_code = code;
  return mote_tls_is_out_of_memory(code) ? MOTE_ERROR_TLS_MEMORY : MOTE_ERROR_TLS_CREDENTIALS;
}

#endif
