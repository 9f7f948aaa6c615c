/*
 * The life of a connection where two things meet that seldom do.
 */
#include "life.h"

/** A message for somebody else, of which a part has come when the connection is lost: nothing is told of its end, and the
 * client wakes for its next attempt all the same. */
static void check_foreign_part(void) {
  static const uint8_t part[600] = {0x30, 0xA0, 0x1F, 0, 5, 'o', 't', 'h', 'e', 'r'};
  begin_connected(NULL, NULL);
  run_until(&world, now + SECOND);
  uint32_t attempts = device.attempts;
  struct hub_connection *connection = hub_find(&hub, "d");
  hub_write(connection, part, sizeof part);
  run_until(&world, now + SECOND);
  hub_close(&hub, connection, MOTE_ERROR_RESET);
  need(run_until_ended(&world, &device, now + MINUTE) != NULL, "the loss is told");
  check(run_until_connected(&world, &device, now + MINUTE) && device.attempts > attempts,
        "part of a message for somebody else, and a loss: it comes back");
  finish("a foreign part");
}

/** The token has to be renewed while SUBACK is awaited: the world ends the test when the client spins. */
static void check_renewal_meanwhile(void) {
  mote_client_options options = {.receives_messages = 1, .token_seconds = 35};
  begin(&options, NULL);
  hub.withholds_suback = 1;
  device_connect(&device);
  check(is_end(run_until_ended(&world, &device, now + 2 * MINUTE), MOTE_STEP_SUBSCRIBE, MOTE_ERROR_MQTT_ACKNOWLEDGEMENT, SECOND),
        "the token's time comes while SUBACK is awaited: it sleeps until that is overdue");
  finish("a renewal meanwhile");
}

static int32_t (*receive_below)(void *, uint8_t *, size_t);
static int fails;
static int32_t receive_or_fail(void *context, uint8_t *bytes, size_t capacity) {
  if (!fails) return receive_below(context, bytes, capacity);
  fails = 0;
  return MOTE_ERROR_ARGUMENT;
}

/** A port whose error is a number of its own, which means something else in mote.h. */
static void check_port_number(void) {
  begin_connected(NULL, NULL);
  receive_below = device.port.receive;
  device.port.receive = receive_or_fail;
  fails = 1;
  check(is_end(run_until_ended(&world, &device, now + HOUR), MOTE_STEP_WORK, MOTE_ERROR_NETWORK, SECOND),
        "a port's own error number is an error of the network");
  check(run_until_connected(&world, &device, now + MINUTE), "after which it comes back");
  finish("a port's own number");
}

void check_corners(void) {
  check_foreign_part();
  check_renewal_meanwhile();
  check_port_number();
}
