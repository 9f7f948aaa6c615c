/*
 * The Ethernet controller of the LM3S6965. Register names are the data sheet's. In both FIFOs a frame follows its length,
 * two bytes that come first.
 */
#include "board.h"
#include "fifo.h"

#define BASE 0x40048000
#define REGISTER(offset) (*(volatile uint32_t *)(BASE + (offset)))
#define MACIM REGISTER(0x04)
#define MACRCTL REGISTER(0x08)
#define MACTCTL REGISTER(0x0C)
#define MACDATA REGISTER(0x10)
#define MACIA0 REGISTER(0x14)
#define MACIA1 REGISTER(0x18)
#define MACMCTL REGISTER(0x20)
#define MACMDV REGISTER(0x24)
#define MACMRXD REGISTER(0x30)
#define MACNP REGISTER(0x34)
#define MACTR REGISTER(0x38)
#define RCGC2 (*(volatile uint32_t *)0x400FE108)
#define USER_REGISTER_0 (*(volatile uint32_t *)0x400FE1E0)
#define USER_REGISTER_1 (*(volatile uint32_t *)0x400FE1E4)

#define RCGC2_ETHERNET_AND_PHY (1u << 28 | 1u << 30)
#define RCTL_RESET_FIFO (1u << 4)
#define RCTL_BAD_CRC_REFUSED (1u << 3)
#define RCTL_ON 1u
#define TCTL_DUPLEX_CRC_PAD_ON (1u << 4 | 1u << 2 | 1u << 1 | 1u)
#define TR_NEW 1u
#define MCTL_START 1u
#define PHY_STATUS 1
#define PHY_IDENTIFIER 2
#define PHY_STATUS_LINK (1u << 2)
#define LENGTH_AND_CHECKSUM 6
#define LONGEST_RECEIVED 2048
#define PATIENCE 100000

static fifo received = {.port = &MACDATA};
static fifo sending = {.port = &MACDATA};
static size_t left; /* Bytes of the frame being read, with its checksum, that are still in the FIFO. */

int ethernet_start(uint8_t address[6]) {
  RCGC2 |= RCGC2_ETHERNET_AND_PHY;
  (void)RCGC2;
  MACIM = 0;
  MACMDV = 9; /* The PHY's clock: 50 MHz / (2 × (9 + 1)) is its limit of 2.5 MHz. */
  MACRCTL = RCTL_RESET_FIFO;

  /* Written to the chip by its maker, three bytes each; erased in one that was not, and then of our own (locally administered). */
  uint32_t low = USER_REGISTER_0, high = USER_REGISTER_1;
  if ((low & 0xFFFFFF) == 0xFFFFFF || (low & high & 0xFFFFFF) == 0) low = 0x000002, high = 0x010000;
  for (int i = 0; i < 3; i++) {
    address[i] = (uint8_t)(low >> 8 * i);
    address[3 + i] = (uint8_t)(high >> 8 * i);
  }
  MACIA0 = (uint32_t)address[0] | (uint32_t)address[1] << 8 | (uint32_t)address[2] << 16 | (uint32_t)address[3] << 24;
  MACIA1 = (uint32_t)address[4] | (uint32_t)address[5] << 8;
  MACTCTL = TCTL_DUPLEX_CRC_PAD_ON;
  MACRCTL = RCTL_BAD_CRC_REFUSED | RCTL_ON;
  return 1;
}

static uint32_t phy_read(uint32_t number) {
  MACMCTL = number << 3 | MCTL_START;
  for (int turns = 0; turns < PATIENCE && (MACMCTL & MCTL_START) != 0; turns++) {}
  return MACMRXD & 0xFFFF;
}

int ethernet_has_link(void) {
  /* A PHY that does not answer, as QEMU's, is taken to have a cable: the network finds out. */
  if (phy_read(PHY_IDENTIFIER) == 0) return 1;
  phy_read(PHY_STATUS); /* A loss is shown once, even if it is over. */
  return (phy_read(PHY_STATUS) & PHY_STATUS_LINK) != 0;
}

size_t ethernet_begin_receive(void) {
  while ((MACNP & 0x3F) > 0) {
    received.held = 0;
    size_t length = fifo_get(&received);
    length |= (size_t)fifo_get(&received) << 8;
    if (length > LENGTH_AND_CHECKSUM && length <= LONGEST_RECEIVED) {
      left = length - 2;
      return length - LENGTH_AND_CHECKSUM;
    }
    /* Without its length, nobody knows where the next frame begins. */
    MACRCTL = RCTL_RESET_FIFO;
    MACRCTL = RCTL_BAD_CRC_REFUSED | RCTL_ON;
  }
  return 0;
}

void ethernet_read(uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length && left > 0; i++, left--) bytes[i] = fifo_get(&received);
}

void ethernet_end_receive(void) {
  for (; left > 0; left--) fifo_get(&received);
}

int ethernet_begin_send(size_t length) {
  if ((MACTR & TR_NEW) != 0) return 0;
  /* The length is that of what follows the header of 14 bytes. */
  size_t payload = length - 14;
  fifo_put(&sending, (uint8_t)payload);
  fifo_put(&sending, (uint8_t)(payload >> 8));
  return 1;
}

void ethernet_write(const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) fifo_put(&sending, bytes[i]);
}

void ethernet_end_send(void) {
  fifo_flush(&sending);
  MACTR = TR_NEW;
}
