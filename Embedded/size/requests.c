/*
 * What the size of twin and methods is measured with: the hub client, which hears of desired properties, reports what it set,
 * and answers two methods at once.
 */
#include "board.h"

#include <mote.h>

static mote_twin twin;
static mote_methods methods;
static mote_call calls[2];

/** Gives the client a twin and methods, before it connects. */
static int32_t use_requests(mote_client *client) {
  if (mote_use_twin(client, &twin, sizeof twin, NULL) < 0) return -1;
  return mote_use_methods(client, &methods, sizeof methods, calls, 2);
}

/** Sets what is desired, and answers what is asked. */
static void handle_request(mote_client *client, const mote_event *event) {
  static uint8_t patch[64];
  switch (event->kind) {
  case MOTE_EVENT_TWIN:
  case MOTE_EVENT_DESIRED:
    board_use(event->payload, event->payload_length);
    if (event->offset + event->payload_length == event->total) mote_report(client, patch, board_read_sensor(patch, sizeof patch));
    break;
  case MOTE_EVENT_METHOD:
    board_use(event->name, event->name_length);
    mote_respond(client, event->token, 200, event->payload, event->payload_length);
    break;
  default:
    board_use(&event->status, sizeof event->status);
    break;
  }
}

#define USE_MORE use_requests
#define HANDLE_MORE handle_request
#include "hub.c"
