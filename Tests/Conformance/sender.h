/*
 * A device that sends numbered messages and takes others, whatever happens to its connections. A process of its own, that
 * can be killed: what it has done is in files.
 */
#ifndef SENDER_H
#define SENDER_H

#include <stdint.h>

#define SENDER_DEVICE "dev1"

/** Most messages unacknowledged. */
#define SENDER_WINDOW 8

/**
 * The number of each message that was stored, a line of SENDER_STORED_LINE bytes each, once its token was returned. The
 * next life goes on after the last.
 */
#define SENDER_STORED "stored"
#define SENDER_STORED_LINE 8

/** Each message that came from the hub, a line each: written before it is acknowledged. */
#define SENDER_TAKEN "taken"

/** The address that the hub's name has now, in text. */
#define SENDER_ADDRESS "address"

/**
 * Starts the process, which sends messages up to number `count` to a port, and keeps them in a journal, unless its path is
 * null. It leaves in good order at SIGTERM, with 0.
 */
int sender_start(uint16_t port_number, int count, const char *journal_path);

#endif
