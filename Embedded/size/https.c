/*
 * What the size of HTTPS is measured with: the hub client, which speaks it in place of MQTT.
 */
#include <mote.h>
#include <mote_https.h>

static mote_https https;
static uint8_t response_buffer[512], request_buffer[1024];

static mote_status use_https(mote_client *client, const mote_mqtt_options *mqtt) {
  mote_https_options options = {.size = sizeof options};
  options.receive_buffer = mqtt->receive_buffer, options.receive_capacity = mqtt->receive_capacity;
  options.outbox = mqtt->outbox, options.outbox_capacity = mqtt->outbox_capacity;
  options.response_buffer = response_buffer, options.response_capacity = sizeof response_buffer;
  options.request_buffer = request_buffer, options.request_capacity = sizeof request_buffer;
  return mote_use_https(client, &https, sizeof https, &options);
}

#define USE_PROTOCOL use_https
#include "hub.c"
