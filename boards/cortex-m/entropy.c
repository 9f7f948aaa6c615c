/*
 * Random bytes. QEMU's boards have no source of their own, so the host's is read by semihosting. On hardware, this is
 * the one file to replace: by the chip's generator.
 */
#include "board.h"

#ifndef INSECURE_ENTROPY

#define SEMIHOSTING_OPEN 0x01
#define SEMIHOSTING_READ 0x06
#define MODE_RB 1

static int32_t semihosting(int32_t operation, const void *arguments) {
  register int32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = arguments;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

mote_status entropy_fill(uint8_t *bytes, size_t length) {
  static int32_t file = -1;
  if (file < 0) {
    static const char name[] = "/dev/urandom";
    const uintptr_t open[] = {(uintptr_t)name, MODE_RB, sizeof name - 1};
    file = semihosting(SEMIHOSTING_OPEN, open);
    if (file < 0) return MOTE_ERROR_NO_ENTROPY;
  }
  const uintptr_t read[] = {(uintptr_t)file, (uintptr_t)bytes, length};
  return semihosting(SEMIHOSTING_READ, read) == 0 ? MOTE_OK : MOTE_ERROR_NO_ENTROPY;
}

#else

/* Whoever knows when the board started can guess all of it: for trying a board out, and announced at each start. */
mote_status entropy_fill(uint8_t *bytes, size_t length) {
  static uint32_t state = 1;
  for (; length > 0; length--) {
    state ^= *(volatile uint32_t *)0xE000E018; /* SysTick's current value. */
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    *bytes++ = (uint8_t)(state >> 24);
  }
  return MOTE_OK;
}

#endif
