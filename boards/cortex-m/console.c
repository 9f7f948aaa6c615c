/*
 * Text on the serial line. No printf, which would bring a heap.
 */
#include "board.h"

void board_print(const char *text) {
  for (; *text != 0; text++) {
    if (*text == '\n') console_put('\r');
    console_put(*text);
  }
}

void board_print_bytes(const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) console_put(bytes[i] >= 0x20 && bytes[i] < 0x7F ? (char)bytes[i] : '.');
}

void board_print_number(uint32_t number) {
  char digits[11];
  char *first = digits + sizeof digits - 1;
  *first = 0;
  do {
    *--first = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  board_print(first);
}
