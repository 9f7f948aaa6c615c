/*
 * The Ethernet controller of the MPS2 boards: a LAN9220, which is driven as a LAN9118. Register names are the data sheet's.
 */
#include "board.h"
#include "fifo.h"

#define BASE 0x40200000
#define REGISTER(offset) (*(volatile uint32_t *)(BASE + (offset)))
#define RX_DATA_FIFO REGISTER(0x00)
#define TX_DATA_FIFO REGISTER(0x20)
#define RX_STATUS_FIFO REGISTER(0x40)
#define TX_STATUS_FIFO REGISTER(0x48)
#define BYTE_TEST REGISTER(0x64)
#define RX_CFG REGISTER(0x6C)
#define TX_CFG REGISTER(0x70)
#define HW_CFG REGISTER(0x74)
#define RX_FIFO_INF REGISTER(0x7C)
#define TX_FIFO_INF REGISTER(0x80)
#define MAC_CSR_CMD REGISTER(0xA4)
#define MAC_CSR_DATA REGISTER(0xA8)
#define AFC_CFG REGISTER(0xAC)

#define TX_CFG_TX_ON (1u << 1)
#define HW_CFG_SRST 1u
#define HW_CFG_MUST_BE_ONE (1u << 20)
#define HW_CFG_TX_FIFO_5_KIB (5u << 16)
#define CSR_BUSY (1u << 31)
#define CSR_READ (1u << 30)
#define RX_STATUS_ERROR (1u << 15)
#define TX_FIRST_AND_LAST (1u << 13 | 1u << 12)
#define CHECKSUM 4

/* Registers of the MAC, and of the PHY behind it. */
#define MAC_CR 1
#define MAC_ADDRH 2
#define MAC_ADDRL 3
#define MAC_MII_ACC 6
#define MAC_MII_DATA 7
#define MAC_CR_FULL_DUPLEX_RX_TX (1u << 20 | 1u << 3 | 1u << 2)
#define MII_BUSY 1u
#define MII_PHY_1 (1u << 11)
#define PHY_CONTROL 0
#define PHY_STATUS 1
#define MII_WRITE 2u
#define PHY_CONTROL_NEGOTIATE (1u << 12 | 1u << 9)
#define PHY_STATUS_LINK (1u << 2)

/* A controller that answers needs microseconds; what does not answer is not waited for. */
#define PATIENCE 100000

static fifo received = {.port = &RX_DATA_FIFO};
static fifo sending = {.port = &TX_DATA_FIFO};
static size_t left; /* Bytes of the frame being read, with its checksum, that are still in the FIFO. */

static void wait_for_mac(void) {
  for (int turns = 0; turns < PATIENCE && (MAC_CSR_CMD & CSR_BUSY) != 0; turns++) {}
}

static uint32_t mac_read(uint32_t number) {
  wait_for_mac();
  MAC_CSR_CMD = CSR_BUSY | CSR_READ | number;
  wait_for_mac();
  return MAC_CSR_DATA;
}

static void mac_write(uint32_t number, uint32_t value) {
  wait_for_mac();
  MAC_CSR_DATA = value;
  MAC_CSR_CMD = CSR_BUSY | number;
  wait_for_mac();
}

static void wait_for_phy(void) {
  for (int turns = 0; turns < PATIENCE && (mac_read(MAC_MII_ACC) & MII_BUSY) != 0; turns++) {}
}

static uint32_t phy_read(uint32_t number) {
  mac_write(MAC_MII_ACC, MII_PHY_1 | number << 6 | MII_BUSY);
  wait_for_phy();
  return mac_read(MAC_MII_DATA);
}

static void phy_write(uint32_t number, uint32_t value) {
  mac_write(MAC_MII_DATA, value);
  mac_write(MAC_MII_ACC, MII_PHY_1 | number << 6 | MII_WRITE | MII_BUSY);
  wait_for_phy();
}

int ethernet_start(uint8_t address[6]) {
  if (BYTE_TEST != 0x87654321) return 0;
  HW_CFG = HW_CFG_SRST;
  for (int turns = 0; turns < PATIENCE && (HW_CFG & HW_CFG_SRST) != 0; turns++) {}
  HW_CFG = HW_CFG_MUST_BE_ONE | HW_CFG_TX_FIFO_5_KIB;
  AFC_CFG = 0x006E3740; /* Flow control as the data sheet sets it for these FIFO sizes. */
  phy_write(PHY_CONTROL, PHY_CONTROL_NEGOTIATE);

  /* Loaded from the EEPROM at reset. */
  uint32_t low = mac_read(MAC_ADDRL), high = mac_read(MAC_ADDRH);
  for (int i = 0; i < 4; i++) address[i] = (uint8_t)(low >> 8 * i);
  for (int i = 0; i < 2; i++) address[4 + i] = (uint8_t)(high >> 8 * i);

  RX_CFG = 0;
  TX_CFG = TX_CFG_TX_ON;
  mac_write(MAC_CR, MAC_CR_FULL_DUPLEX_RX_TX);
  return 1;
}

int ethernet_has_link(void) {
  phy_read(PHY_STATUS); /* A loss is shown once, even if it is over. */
  return (phy_read(PHY_STATUS) & PHY_STATUS_LINK) != 0;
}

size_t ethernet_begin_receive(void) {
  while ((RX_FIFO_INF >> 16 & 0xFF) > 0) {
    uint32_t status = RX_STATUS_FIFO;
    left = status >> 16 & 0x3FFF;
    received.held = 0;
    if ((status & RX_STATUS_ERROR) == 0 && left > CHECKSUM) return left - CHECKSUM;
    ethernet_end_receive();
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
  /* How frames left does not matter here; their places do. */
  for (uint32_t count = TX_FIFO_INF >> 16 & 0xFF; count > 0; count--) (void)TX_STATUS_FIFO;
  if ((TX_FIFO_INF & 0xFFFF) < length + 12) return 0;
  TX_DATA_FIFO = TX_FIRST_AND_LAST | (uint32_t)length;
  TX_DATA_FIFO = (uint32_t)length;
  return 1;
}

void ethernet_write(const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) fifo_put(&sending, bytes[i]);
}

void ethernet_end_send(void) { fifo_flush(&sending); }
