/*
 * MD5 in pieces.
 */
#include "mote_hub_md5.h"

#include <mbedtls/md.h>

#include <stdlib.h>

struct mote_hub_md5 {
  mbedtls_md_context_t context;
};

mote_hub_md5 *mote_hub_md5_begin(void) {
  mote_hub_md5 *md5 = malloc(sizeof *md5);
  if (md5 == NULL) return NULL;
  mbedtls_md_init(&md5->context);
  const mbedtls_md_info_t *kind = mbedtls_md_info_from_type(MBEDTLS_MD_MD5);
  if (kind != NULL && mbedtls_md_setup(&md5->context, kind, 0) == 0 && mbedtls_md_starts(&md5->context) == 0) return md5;
  mote_hub_md5_free(md5);
  return NULL;
}

int32_t mote_hub_md5_take(mote_hub_md5 *md5, const uint8_t *bytes, size_t length) {
  return mbedtls_md_update(&md5->context, bytes, length);
}

int32_t mote_hub_md5_end(mote_hub_md5 *md5, uint8_t *hash) { return mbedtls_md_finish(&md5->context, hash); }

void mote_hub_md5_free(mote_hub_md5 *md5) {
  mbedtls_md_free(&md5->context);
  free(md5);
}
