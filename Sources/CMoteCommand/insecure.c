/*
 * Turns certificate verification off, for --insecure: the only place in Mote that does.
 */
#include "mote_command.h"

#include "mote_tls.h"

void mote_command_tls_verify_nothing(mote_tls *tls) {
  mbedtls_ssl_conf_authmode(&tls->configuration, MBEDTLS_SSL_VERIFY_NONE);
}
