/*
 * The Linux port as a module. Its interface is Embedded/include/mote_linux.h.
 */
#ifndef CMOTELINUX_H
#define CMOTELINUX_H

#include "mote_linux.h"

#endif
