/*
 * A server's certificates for people to read, also when they are refused. It watches mbedTLS's verification, and changes
 * nothing about it: the callback that was there still judges first.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "mote_command.h"

#include "mote_tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* From 3.0 on, members that are no part of mbedTLS's interface are named through a macro. */
#ifndef MBEDTLS_PRIVATE
#define MBEDTLS_PRIVATE(member) member
#endif

/* More than mbedTLS follows (its limit of intermediate certificates is 8), and enough of what else a server sends. */
#define LONGEST_CHAIN 16
#define LONGEST_TEXT 512

/* A name in a certificate that is a host's (RFC 5280, 4.2.1.6: dNSName), in the low bits of its tag. */
#define TAG_NUMBER 0x1F
#define DNS_NAME 2

struct entry {
  mote_command_certificate certificate;
  const mbedtls_x509_crt *source; /* To be looked at during verification only. */
  char subject[LONGEST_TEXT];
  char issuer[LONGEST_TEXT];
  char names[LONGEST_TEXT];
  char reasons[LONGEST_TEXT];
};

struct mote_command_chain {
  int (*verify)(void *, mbedtls_x509_crt *, int, uint32_t *);
  void *verify_context;
  int32_t count;
  struct entry entries[LONGEST_CHAIN];
};

static int64_t seconds_of(const mbedtls_x509_time *time) {
  struct tm parts = {
    .tm_year = time->year - 1900,
    .tm_mon = time->mon - 1,
    .tm_mday = time->day,
    .tm_hour = time->hour,
    .tm_min = time->min,
    .tm_sec = time->sec,
  };
  return timegm(&parts);
}

/** The host names that a certificate is for, after each other with commas; as many as have room. */
static void list_names(const mbedtls_x509_crt *certificate, char *text, size_t capacity) {
  size_t length = 0;
  text[0] = '\0';
  for (const mbedtls_x509_sequence *name = &certificate->subject_alt_names; name != NULL; name = name->next) {
    if (name->buf.p == NULL || (name->buf.tag & TAG_NUMBER) != DNS_NAME) continue;
    int count = snprintf(text + length, capacity - length, "%s%.*s", length > 0 ? ", " : "", (int)name->buf.len,
                         (const char *)name->buf.p);
    if (count < 0 || (size_t)count >= capacity - length) return;
    length += (size_t)count;
  }
}

static void fill_in(struct entry *entry, const mbedtls_x509_crt *source) {
  entry->source = source;
  if (mbedtls_x509_dn_gets(entry->subject, LONGEST_TEXT, &source->subject) < 0) entry->subject[0] = '\0';
  if (mbedtls_x509_dn_gets(entry->issuer, LONGEST_TEXT, &source->issuer) < 0) entry->issuer[0] = '\0';
  list_names(source, entry->names, LONGEST_TEXT);
  entry->certificate = (mote_command_certificate){
    .subject = entry->subject,
    .issuer = entry->issuer,
    .names = entry->names,
    .reasons = entry->reasons,
    .valid_from = seconds_of(&source->valid_from),
    .valid_to = seconds_of(&source->valid_to),
  };
}

static int is_same(const mbedtls_x509_crt *one, const mbedtls_x509_crt *other) {
  return one->raw.len == other->raw.len && memcmp(one->raw.p, other->raw.p, one->raw.len) == 0;
}

/** Marks what the server sent of the chain that was followed, and adds what else it sent. */
static void add_sent(mote_command_chain *chain, const mbedtls_x509_crt *sent) {
  for (; sent != NULL; sent = sent->next) {
    int32_t index = 0;
    while (index < chain->count && !is_same(chain->entries[index].source, sent)) index++;
    if (index == LONGEST_CHAIN) return;
    if (index == chain->count) {
      fill_in(&chain->entries[index], sent);
      chain->count += 1;
    }
    /* A trusted root that is also sent is still the trusted one. */
    if (chain->entries[index].source == sent) chain->entries[index].certificate.is_trusted = 0;
  }
}

/** mbedTLS's verify callback: it comes for each certificate of the chain that it could follow, the server's own last. */
static int watch(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags) {
  mote_command_chain *chain = context;
  int result = chain->verify != NULL ? chain->verify(chain->verify_context, certificate, depth, flags) : 0;
  if (depth < 0 || depth >= LONGEST_CHAIN) return result;
  struct entry *entry = &chain->entries[depth];
  if (depth >= chain->count) chain->count = depth + 1;
  fill_in(entry, certificate);
  entry->certificate.is_followed = 1;
  entry->certificate.is_trusted = 1;
  if (*flags != 0 && mbedtls_x509_crt_verify_info(entry->reasons, LONGEST_TEXT, "", *flags) < 0) {
    entry->reasons[0] = '\0';
  }
  if (depth == 0) add_sent(chain, certificate);
  return result;
}

mote_command_chain *mote_command_chain_watch(mote_tls *tls) {
  mote_command_chain *chain = calloc(1, sizeof *chain);
  if (chain == NULL) return NULL;
  chain->verify = tls->configuration.MBEDTLS_PRIVATE(f_vrfy);
  chain->verify_context = tls->configuration.MBEDTLS_PRIVATE(p_vrfy);
  mbedtls_ssl_conf_verify(&tls->configuration, watch, chain);
  return chain;
}

mote_command_chain *mote_command_chain_own(const mote_tls *tls) {
  mote_command_chain *chain = calloc(1, sizeof *chain);
  if (chain != NULL && tls->certificate.raw.p != NULL) add_sent(chain, &tls->certificate);
  return chain;
}

const mote_command_certificate *mote_command_chain_certificate(const mote_command_chain *chain, int32_t index) {
  return index >= 0 && index < chain->count && chain->entries[index].source != NULL ? &chain->entries[index].certificate : NULL;
}

void mote_command_chain_free(mote_command_chain *chain) {
  free(chain);
}
