/*
 * What this one device is told: lines `name=value` up to the first NUL of a page of flash, and in the next page the root
 * that its hub's certificate ends at (DER). The firmware is the same for every device.
 */
#include "board.h"

#include <string.h>

extern const char image_settings[], image_settings_end[];
extern const uint8_t image_root[], image_root_end[];

board_setting board_setting_of(const char *name) {
  size_t name_length = strlen(name);
  const char *line = image_settings;
  while (line < image_settings_end && *line != 0 && (uint8_t)*line != 0xFF) {
    size_t room = (size_t)(image_settings_end - line), length = 0;
    while (length < room && line[length] != 0 && line[length] != '\n') length++;
    if (length > name_length && memcmp(line, name, name_length) == 0 && line[name_length] == '=')
      return (board_setting){line + name_length + 1, length - name_length - 1};
    if (length == room || line[length] == 0) break;
    line += length + 1;
  }
  return (board_setting){0, 0};
}

uint32_t board_setting_number(const char *name, uint32_t otherwise) {
  board_setting setting = board_setting_of(name);
  uint32_t number = 0;
  if (setting.length == 0) return otherwise;
  for (size_t i = 0; i < setting.length; i++) {
    if (setting.text[i] < '0' || setting.text[i] > '9') return otherwise;
    number = number * 10 + (uint32_t)(setting.text[i] - '0');
    if (number > 65535) return otherwise;
  }
  return number;
}

mote_tls_root board_root(void) {
  /* SEQUENCE with a length of two bytes, as every certificate of 256 to 65,535 bytes begins. */
  const uint8_t *der = image_root;
  if (der[0] != 0x30 || der[1] != 0x82) return (mote_tls_root){0, 0};
  size_t length = 4 + ((size_t)der[2] << 8 | der[3]);
  if (length > (size_t)(image_root_end - image_root)) return (mote_tls_root){0, 0};
  return (mote_tls_root){der, length};
}
