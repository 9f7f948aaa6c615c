/*
 * lwIP's network interface over the board's Ethernet controller.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <lwip/netif.h>

/** For netif_add: starts the controller. ERR_IF when it does not answer. */
err_t frames_start(struct netif *interface);

/** Hands every frame that came to lwIP, and tells it of the cable. */
void frames_poll(struct netif *interface);

#endif
