/*
 * Turns certificate verification off, for the command line's --insecure and nothing else: this target is linked
 * into no device archive.
 */
#ifndef MOTE_INSECURE_H
#define MOTE_INSECURE_H

#include "mote.h"

/** From now on `tls` accepts any server. Between mote_tls_init and the first connection. */
void mote_tls_verify_nothing(mote_tls *tls);

#endif
