/*
 * The board of board.h: registers that nobody drives, start-up, and the vector table.
 */
#include "board.h"

#include <string.h>

static volatile uint32_t device[4];

uint64_t board_now(void) { return device[0]; }

int64_t board_wall_seconds(void *context) {
  (void)context;
  return device[1];
}

int32_t board_send(void *context, const uint8_t *bytes, size_t length) {
  (void)context;
  board_use(bytes, length);
  return (int32_t)length;
}

int32_t board_receive(void *context, uint8_t *bytes, size_t capacity) {
  (void)context;
  return (int32_t)board_read_sensor(bytes, capacity);
}

int32_t board_resolve(void *context, const char *name, size_t length) {
  (void)context;
  board_use(name, length);
  return (int32_t)device[2];
}

int32_t board_connect(void *context, int32_t index, uint16_t port_number) {
  (void)context;
  device[2] = (uint32_t)index + port_number;
  return (int32_t)device[2];
}

void board_close(void *context) {
  (void)context;
  device[2] = 0;
}

int32_t board_entropy(void *context, uint8_t *bytes, size_t length) {
  (void)context;
  while (length > 0) bytes[--length] = (uint8_t)device[3];
  return 0;
}

int32_t board_read_flash(void *context, uint32_t offset, uint8_t *bytes, size_t length) {
  (void)context, (void)offset;
  while (length > 0) bytes[--length] = (uint8_t)device[3];
  return 0;
}

int32_t board_write_flash(void *context, uint32_t offset, const uint8_t *bytes, size_t length) {
  (void)context, (void)offset;
  board_use(bytes, length);
  return 0;
}

void board_use(const void *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) device[3] = ((const uint8_t *)bytes)[i];
}

size_t board_read_sensor(uint8_t *bytes, size_t capacity) {
  size_t length = device[3] < capacity ? device[3] : capacity;
  for (size_t i = 0; i < length; i++) bytes[i] = (uint8_t)device[3];
  return length;
}

int main(void);

extern uint32_t image_data[], image_data_end[], image_data_load[], image_bss[], image_bss_end[], image_stack[];

void board_reset(void) {
  memcpy(image_data, image_data_load, (size_t)((char *)image_data_end - (char *)image_data));
  memset(image_bss, 0, (size_t)((char *)image_bss_end - (char *)image_bss));
  main();
  for (;;) {}
}

__attribute__((section(".vectors"), used)) static const struct {
  void *stack;
  void (*reset)(void);
} vectors = {image_stack, board_reset};
