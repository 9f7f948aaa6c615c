/*
 * Right and wrong use of mote_tls, without a server; the built-in roots; and the arithmetic of dates.
 */
#include "tls_tests.h"

#include "mote_tls_private.h"

#include <mbedtls/sha256.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#if MBEDTLS_VERSION_NUMBER < 0x03000000
#define sha256 mbedtls_sha256_ret
#else
#define sha256 mbedtls_sha256
#endif

static mote_status initialise_with(mote_tls *tls, mote_tls_options options) {
  if (options.size == 0) options.size = sizeof options;
  mote_status status = mote_tls_init(tls, sizeof *tls, &options);
  mote_tls_deinit(tls);
  return status;
}

static void check_order(void) {
  static mote_tls tls;
  struct scripted_port state = {NULL, 0, 0, MOTE_OK};
  mote_port port = scripted_port(&state);
  mote_tls_options options = {.size = sizeof options, .roots_file = "ca.pem"};
  uint8_t byte = 0;
  char long_name[254];
  memset(long_name, 'a', sizeof long_name);

  memset(&tls, 0xA5, sizeof tls);
  check_number(mote_tls_start(&tls, &port, "a", 1, WALL), MOTE_ERROR_NOT_INITIALISED, "start before init");
  check_number(mote_tls_handshake(&tls), MOTE_ERROR_NOT_INITIALISED, "handshake before init");
  check_number(mote_tls_send(&tls, &byte, 1), MOTE_ERROR_NOT_INITIALISED, "send before init");
  check_number(mote_tls_receive(&tls, &byte, 1), MOTE_ERROR_NOT_INITIALISED, "receive before init");
  mote_tls_close(&tls);
  mote_tls_deinit(&tls);
  check_number(mote_tls_init(&tls, sizeof tls - 1, &options), MOTE_ERROR_SIZE, "init with another size");
  check_number(mote_tls_init(&tls, sizeof tls, NULL), MOTE_ERROR_ARGUMENT, "init without options");
  mote_tls_root root = {0};
  mote_tls_options absurd = {.size = sizeof absurd, .root_list = &root, .root_count = SIZE_MAX};
  check_number(mote_tls_init(&tls, sizeof tls, &absurd), MOTE_ERROR_ARGUMENT, "init with more roots than there can be");
  absurd = (mote_tls_options){.size = sizeof absurd, .roots = (const uint8_t *)"", .roots_length = SIZE_MAX / 2 + 1};
  check_number(mote_tls_init(&tls, sizeof tls, &absurd), MOTE_ERROR_ARGUMENT, "init with longer roots than there can be");
  check_number(initialise_with(&tls, (mote_tls_options){.size = 4096}), MOTE_ERROR_SIZE, "init with options of later");
  check_number(initialise_with(&tls, (mote_tls_options){.roots_file = "ca.pem", .root_list = mote_iot_hub_roots(), .root_count = MOTE_IOT_HUB_ROOTS}), MOTE_ERROR_ARGUMENT,
               "init with two kinds of roots");
  check_number(initialise_with(&tls, (mote_tls_options){.roots_file = "ca.pem", .max_fragment_length = 1000}),
               MOTE_ERROR_ARGUMENT, "init with an impossible fragment length");
  check_number(initialise_with(&tls, (mote_tls_options){.roots_file = "none.pem"}), MOTE_ERROR_TLS_CREDENTIALS,
               "init without the file of roots");
  check_number(initialise_with(&tls, (mote_tls_options){.roots = (const uint8_t *)"no", .roots_length = 3}),
               MOTE_ERROR_TLS_CREDENTIALS, "init with roots that are none");
  check_number(initialise_with(&tls, (mote_tls_options){.size = 0}), MOTE_OK, "init with the system's roots");

  check_number(mote_tls_init(&tls, sizeof tls, &options), MOTE_OK, "init");
  check_number(mote_tls_handshake(&tls), MOTE_ERROR_STATE, "handshake before start");
  check_number(mote_tls_start(&tls, &port, "", 0, WALL), MOTE_ERROR_ARGUMENT, "an empty name");
  check_number(mote_tls_start(&tls, &port, "a\0b", 3, WALL), MOTE_ERROR_ARGUMENT, "a name with a zero in it");
  check_number(mote_tls_start(&tls, &port, long_name, sizeof long_name, WALL), MOTE_ERROR_ARGUMENT, "a name too long");
  check_number(mote_tls_start(&tls, &port, long_name, sizeof long_name - 1, WALL), MOTE_OK, "a name as long as can be");
  check_number(mote_tls_start(&tls, &port, "a", 1, WALL), MOTE_ERROR_STATE, "start twice");
  check_number(mote_tls_send(&tls, &byte, 1), MOTE_ERROR_STATE, "send before the handshake is done");
  mote_tls_close(&tls);
  mote_tls_close(&tls);
  mote_tls_deinit(&tls);
  mote_tls_deinit(&tls);
  check_number(mote_tls_start(&tls, &port, "a", 1, WALL), MOTE_ERROR_NOT_INITIALISED, "start after deinit");
}

static void check_built_in_roots(void) {
  static const char *const fingerprints[MOTE_IOT_HUB_ROOTS] = {
    "cb3ccbb76031e5e0138f8dd39a23f9de47ffc35e43c1144cea27d46a5ab1cb5f",
    "c741f70f4b2a8d88bf2e71c14122ef53ef10eba0cfa5e64cfa20f418853073e0",
    "31ad6648f8104138c738f39ea4320133393e3a18cc02296ef97c2ac9ef6731d0",
    "358df39d764af9e1b766e9c972df352ee15cfac227af6ad1d70e8e4a6edcba02",
  };
  static mote_tls tls;
  mote_tls_options options = {.size = sizeof options, .root_list = mote_iot_hub_roots(), .root_count = MOTE_IOT_HUB_ROOTS};
  check_number(mote_tls_init(&tls, sizeof tls, &options), MOTE_OK, "reads the built-in roots");
  const mbedtls_x509_crt *root = &tls.roots;
  for (int index = 0; index < MOTE_IOT_HUB_ROOTS; index++, root = root != NULL ? root->next : NULL) {
    char text[65] = "";
    unsigned char digest[32];
    if (root != NULL && sha256(root->raw.p, root->raw.len, digest, 0) == 0) {
      for (int byte = 0; byte < 32; byte++) snprintf(text + byte * 2, 3, "%02x", digest[byte]);
    }
    check(strcmp(text, fingerprints[index]) == 0, fingerprints[index]);
  }
  check(root == NULL, "has no other built-in root");
  mote_tls_deinit(&tls);
}

static uint32_t dates_at(int64_t wall_seconds, int64_t from, int64_t to) {
  static mote_tls tls;
  mbedtls_x509_crt certificate;
  mbedtls_x509_time *ends[2] = {&certificate.valid_from, &certificate.valid_to};
  for (int end = 0; end < 2; end++) {
    time_t seconds = (time_t)(end == 0 ? from : to);
    struct tm date;
    gmtime_r(&seconds, &date);
    *ends[end] = (mbedtls_x509_time){date.tm_year + 1900, date.tm_mon + 1, date.tm_mday,
                                     date.tm_hour,        date.tm_min,     date.tm_sec};
  }
  uint32_t flags = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;
  tls.wall_seconds = wall_seconds;
  mote_tls_verify_dates(&tls, &certificate, 0, &flags);
  return flags;
}

static void check_dates(void) {
  int is_right = 1;
  for (int64_t day = -30 * 365; day < 8030 * 365; day++) {
    int64_t second = day * 86400 + day * 7919 % 86400;
    is_right &= dates_at(second, second, second) == 0;
    is_right &= dates_at(second, second + 1, second + 1) == MBEDTLS_X509_BADCERT_FUTURE;
    is_right &= dates_at(second, second - 1, second - 1) == MBEDTLS_X509_BADCERT_EXPIRED;
  }
  check(is_right, "judges every day from 1940 to 9999 to the second");
}

void check_use(void) {
  check_order();
  check_built_in_roots();
  check_dates();
}
