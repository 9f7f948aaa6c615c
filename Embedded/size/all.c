/*
 * What the size of everything is measured with: the hub client, which may speak any protocol, by way of a proxy, and has all that can
 * be attached to it.
 */
#define HUB_LATER
#include "journal.c"
#undef USE_MORE
#include "requests.c"
#undef USE_MORE
#include "json.c"
#include "proxy.c"
#include "upload.c"
#undef USE_MORE
#include "batch.c"
#undef USE_MORE
#undef USE_PROTOCOL
#include "websocket.c"
#undef USE_PROTOCOL
#undef HUB_LATER

static mote_status use_any(mote_client *client, const mote_mqtt_options *options) {
  switch (board_wall_seconds(NULL)) {
  case 1:
    return use_https(client, options);
  case 2:
    return mote_use_mqtt_websocket(client, options, &websocket, sizeof websocket);
  default:
    return mote_use_mqtt(client, options);
  }
}

static int32_t use_all(mote_client *client, const mote_port *port) {
  send_batch(client);
  if (use_journal(client) < 0 || use_requests(client) < 0) return -1;
  return use_upload(client, port);
}

#define USE_PROTOCOL use_any
#define USE_MORE(client) use_all(client, &port)
#include "hub.c"
