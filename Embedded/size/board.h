/*
 * A board that answers nothing: what the programs measured here call in place of a network and clocks.
 */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>
#include <stdint.h>

/** Monotonic milliseconds. */
uint64_t board_now(void);

/** UTC in seconds. */
int64_t board_wall_seconds(void *context);

/** Sends and receives: how many bytes. */
int32_t board_send(void *context, const uint8_t *bytes, size_t length);
int32_t board_receive(void *context, uint8_t *bytes, size_t capacity);

/** The rest of a port. */
int32_t board_resolve(void *context, const char *name, size_t length);
int32_t board_connect(void *context, int32_t index, uint16_t port_number);
void board_close(void *context);
int32_t board_entropy(void *context, uint8_t *bytes, size_t length);

/** Pages of flash. */
int32_t board_read_flash(void *context, uint32_t offset, uint8_t *bytes, size_t length);
int32_t board_write_flash(void *context, uint32_t offset, const uint8_t *bytes, size_t length);

/** Where a program would use what it got. */
void board_use(const void *bytes, size_t length);

/** A reading to send. */
size_t board_read_sensor(uint8_t *bytes, size_t capacity);

#endif
