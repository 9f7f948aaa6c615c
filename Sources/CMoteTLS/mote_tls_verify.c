/*
 * Judging a server's chain: the dates by the caller's clock, and what to call the outcome.
 */
#include "mote_tls_connection.h"

#ifndef MOTE_NO_MBEDTLS

#include "mote_tls_private.h"

/**
 * UTC in seconds since 1970. Own arithmetic, since time_t has 32 bits on some platforms, which end in 2038 as
 * some of the roots do.
 */
static int64_t seconds_of(const mbedtls_x509_time *time) {
  /* Of years that begin in March the leap day is the last, and the months' lengths have a rule: 31, 30, 31, 30, 31, again. */
  int32_t month = time->mon - 3;
  int32_t year = time->year;
  if (month < 0) {
    month += 12;
    year -= 1;
  }
  int32_t days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + time->day;
  /* From the day before March began in the year 0. */
  days -= 719469;
  return (int64_t)days * 86400 + (time->hour * (int32_t)3600 + time->min * 60 + time->sec);
}

int mote_tls_verify_dates(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flags) {
  mote_tls *tls = context;
  int64_t until = seconds_of(&certificate->valid_to);
  (void)depth;
  /* mbedTLS asked the C library's clock, where there is one, which is not the clock that the caller vouches for. */
  *flags &= ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
  if (tls->wall_seconds > until) *flags |= MBEDTLS_X509_BADCERT_EXPIRED;
  if (tls->wall_seconds < seconds_of(&certificate->valid_from)) *flags |= MBEDTLS_X509_BADCERT_FUTURE;
  /* With the first certificate of a chain, what is noted is of another. */
  if (tls->proof != MOTE_TLS_VERIFIED || until < tls->valid_until) tls->valid_until = until;
#ifdef MBEDTLS_SSL_SESSION_TICKETS
  if (tls->proof == MOTE_TLS_RESUMED) mote_tls_forget_ticket(tls);
#endif
  tls->proof = MOTE_TLS_VERIFIED;
  return 0;
}

mote_status mote_tls_status_of_flags(uint32_t flags) {
  const uint32_t dates = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;
  const uint32_t named = dates | MBEDTLS_X509_BADCERT_NOT_TRUSTED | MBEDTLS_X509_BADCERT_CN_MISMATCH;
  /*
   * Several may be wrong at once. First comes what makes the rest not worth hearing: what an untrusted certificate
   * says means nothing; one made for another use or host is the wrong one whatever its dates; and dates come last, since
   * there the device's own clock may be at fault.
   */
  if (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) return MOTE_ERROR_CERTIFICATE_UNTRUSTED;
  if (flags & ~named) return MOTE_ERROR_CERTIFICATE_REJECTED;
  if (flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) return MOTE_ERROR_CERTIFICATE_HOST;
  if (flags & MBEDTLS_X509_BADCERT_EXPIRED) return MOTE_ERROR_CERTIFICATE_EXPIRED;
  if (flags & MBEDTLS_X509_BADCERT_FUTURE) return MOTE_ERROR_CERTIFICATE_NOT_YET_VALID;
  return MOTE_ERROR_CERTIFICATE_REJECTED;
}

#endif
