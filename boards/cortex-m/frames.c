/*
 * Frames between lwIP and the board's Ethernet controller. Polled: lwIP runs in main alone.
 *
 * A test build (FRAME_LOSS: percent) loses frames both ways, the same ones for the same seed and traffic, and says so.
 */
#include "frames.h"

#include "board.h"

#include <lwip/etharp.h>
#include <lwip/pbuf.h>
#include <netif/ethernet.h>

#define LONGEST_FRAME 1514
#define CABLE_INTERVAL 250

#if FRAME_LOSS > 0
static int is_lost(void) {
  static uint32_t state = FRAME_LOSS_SEED;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  int lost = (state >> 8) % 100 < FRAME_LOSS;
  if (lost) board_print("frame lost\n");
  return lost;
}
#else
static int is_lost(void) { return 0; }
#endif

static err_t send_frame(struct netif *interface, struct pbuf *frame) {
  (void)interface;
  if (is_lost()) return ERR_OK;
  if (!ethernet_begin_send(frame->tot_len)) return ERR_MEM;
  for (struct pbuf *part = frame; part != NULL; part = part->next) ethernet_write(part->payload, part->len);
  ethernet_end_send();
  return ERR_OK;
}

/** The frame that waits, in lwIP's memory; null when it is lost, too long or there is no memory. */
static struct pbuf *receive_frame(size_t length) {
  struct pbuf *frame = NULL;
  if (!is_lost() && length <= LONGEST_FRAME) frame = pbuf_alloc(PBUF_RAW, (u16_t)length, PBUF_POOL);
  for (struct pbuf *part = frame; part != NULL; part = part->next) ethernet_read(part->payload, part->len);
  ethernet_end_receive();
  return frame;
}

err_t frames_start(struct netif *interface) {
  interface->name[0] = 'e';
  interface->name[1] = 'n';
  interface->output = etharp_output;
  interface->linkoutput = send_frame;
  interface->mtu = 1500;
  interface->hwaddr_len = 6;
  interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
  return ethernet_start(interface->hwaddr) ? ERR_OK : ERR_IF;
}

void frames_poll(struct netif *interface) {
  static uint64_t next_look;
  if (board_now() >= next_look) {
    next_look = board_now() + CABLE_INTERVAL;
    int has_link = ethernet_has_link();
    if (has_link != (netif_is_link_up(interface) != 0)) {
      board_print(has_link ? "cable: in\n" : "cable: out\n");
      if (has_link) netif_set_link_up(interface);
      else netif_set_link_down(interface);
    }
  }
  for (size_t length; (length = ethernet_begin_receive()) > 0;) {
    struct pbuf *frame = receive_frame(length);
    if (frame != NULL && interface->input(frame, interface) != ERR_OK) pbuf_free(frame);
  }
}
