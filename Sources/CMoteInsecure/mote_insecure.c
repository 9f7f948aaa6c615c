#include "mote_insecure.h"

#include "mote_tls.h"

void mote_tls_verify_nothing(mote_tls *tls) {
  mbedtls_ssl_conf_authmode(&tls->configuration, MBEDTLS_SSL_VERIFY_NONE);
}
