/*
 * MD5 (RFC 1321) of what comes in pieces, over mbedTLS: headers `Content-MD5` have it. Internal to Mote; host only.
 */
#ifndef MOTE_HUB_MD5_H
#define MOTE_HUB_MD5_H

#include <stddef.h>
#include <stdint.h>

typedef struct mote_hub_md5 mote_hub_md5;

/** Begins; NULL when there is no memory, or no MD5 in mbedTLS. It is the caller's, who frees it. */
mote_hub_md5 *mote_hub_md5_begin(void);

/** Takes the next bytes. 0, or mbedTLS's error. */
int32_t mote_hub_md5_take(mote_hub_md5 *md5, const uint8_t *bytes, size_t length);

/** Writes the hash, 16 bytes, after which nothing is taken. 0, or mbedTLS's error. */
int32_t mote_hub_md5_end(mote_hub_md5 *md5, uint8_t *hash);

void mote_hub_md5_free(mote_hub_md5 *md5);

#endif
