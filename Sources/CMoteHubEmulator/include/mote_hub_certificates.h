/*
 * The certificates of the hub emulator, over mbedTLS: its authority's and its server's are written, those of devices are
 * verified. Internal to Mote; host only.
 */
#ifndef MOTE_HUB_CERTIFICATES_H
#define MOTE_HUB_CERTIFICATES_H

#include <stddef.h>
#include <stdint.h>

/** Writes a new P-256 private key as PEM, ended by a zero, to `pem`. 0, or mbedTLS's error. */
int32_t mote_hub_new_key(uint8_t *pem, size_t capacity);

#endif
