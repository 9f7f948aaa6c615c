/*
 * A mote_tls on the heap with credentials from files, and mbedTLS's words for what happens.
 */
#include "mote_command.h"

#include "mote_tls.h"
#include "mote_tls_connection.h"

#include <mbedtls/error.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** A file's bytes on the heap. */
struct content {
  uint8_t *bytes;
  size_t length;
};

/** Wipes and frees: it may be a private key. */
static void forget(struct content *content) {
  if (content->bytes == NULL) return;
  mbedtls_platform_zeroize(content->bytes, MOTE_COMMAND_LONGEST_FILE);
  free(content->bytes);
  content->bytes = NULL;
}

/** Reads a file, PEM with the NUL after it counted, as mbedTLS wants. 0 when it cannot be read. */
static int read_file(const char *path, struct content *content) {
  if (path == NULL) return 1;
  content->bytes = calloc(1, MOTE_COMMAND_LONGEST_FILE);
  FILE *file = content->bytes != NULL ? fopen(path, "rb") : NULL;
  if (file == NULL) return 0;
  /* Unbuffered, so that no copy of a key stays behind in the C library's buffer. */
  setvbuf(file, NULL, _IONBF, 0);
  content->length = fread(content->bytes, 1, MOTE_COMMAND_LONGEST_FILE - 1, file);
  int is_whole = !ferror(file) && content->length < MOTE_COMMAND_LONGEST_FILE - 1;
  fclose(file);
  if (strstr((const char *)content->bytes, "-----BEGIN") != NULL) content->length += 1;
  return is_whole && content->length > 0;
}

mote_tls *mote_command_tls_create(const char *roots_file, const char *certificate_file, const char *key_file,
                                  mote_status *status, int32_t *library_code) {
  struct content certificate = {0};
  struct content key = {0};
  mote_tls *tls = calloc(1, sizeof *tls);
  *library_code = 0;
  if (tls == NULL) {
    *status = MOTE_ERROR_TLS_MEMORY;
  } else if (!read_file(certificate_file, &certificate) || !read_file(key_file, &key)) {
    *library_code = MBEDTLS_ERR_PK_FILE_IO_ERROR;
    *status = MOTE_ERROR_TLS_CREDENTIALS;
  } else {
    mote_tls_options options = {
      .size = sizeof options,
      .roots_file = roots_file,
      .certificate = certificate.bytes,
      .certificate_length = certificate.length,
      .key = key.bytes,
      .key_length = key.length,
    };
    *status = mote_tls_init(tls, sizeof *tls, &options);
    *library_code = mote_tls_library_code(tls);
  }
  forget(&certificate);
  forget(&key);
  if (*status == MOTE_OK) return tls;
  free(tls);
  return NULL;
}

void mote_command_tls_free(mote_tls *tls) {
  mote_tls_deinit(tls);
  free(tls);
}

void mote_command_tls_describe(const mote_tls *tls, char *text, size_t capacity) {
  snprintf(text, capacity, "%s, %s%s", mbedtls_ssl_get_version(&tls->session),
           mbedtls_ssl_get_ciphersuite(&tls->session), mote_tls_was_resumed(tls) ? ", resumed" : "");
}

void mote_command_tls_explain(int32_t library_code, char *text, size_t capacity) {
  mbedtls_strerror(library_code, text, capacity);
}
