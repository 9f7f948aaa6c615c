/*
 * What the size of MQTT over a WebSocket is measured with: the hub client, attached to that in place of MQTT over TLS.
 */
#include <mote.h>

static mote_websocket websocket;

#define USE_PROTOCOL(client, options) mote_use_mqtt_websocket(client, options, &websocket, sizeof websocket)
#include "hub.c"
