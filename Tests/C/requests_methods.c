/*
 * Direct methods: many at once, late responses, and topics that no hub sends.
 */
#include "requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_calls(void) {
  begin(3);
  hub_call(&hub, "d", "thermostat1%2AgetMaxMin", 1, 0);
  hub_call(&hub, "d", "re%62oot", 2, 3000);
  run_until(&world, now + SECOND);
  const struct call *calls = heard.calls;
  check(heard.call_count == 2 && strcmp(calls[0].name, "getMaxMin") == 0 && strcmp(calls[0].component, "thermostat1") == 0 && calls[0].is_complete,
        "a component's command");
  check(strcmp(calls[1].name, "reboot") == 0 && calls[1].component[0] == '\0' && calls[1].length == 3000 && calls[1].is_complete,
        "a payload in pieces");
  check(respond(calls[1].token, 200, 1000) == MOTE_OK && respond(calls[0].token, 404, 0) == MOTE_OK, "answered in another order");
  check(respond(calls[0].token, 200, 0) == MOTE_ERROR_STATE && respond(77, 200, 0) == MOTE_ERROR_STATE && respond(0, 200, 0) == MOTE_ERROR_STATE &&
            respond(calls[0].token, -1, 0) == MOTE_ERROR_ARGUMENT,
        "twice, or to nobody, is an error");
  run_until(&world, now + SECOND);
  check(hub.requests.calls[1].count == 1 && hub.requests.calls[1].status == 404 && hub.requests.calls[1].length == 0 &&
            hub.requests.calls[2].count == 1 && hub.requests.calls[2].status == 200 && hub.requests.calls[2].length == 1000,
        "each response reaches its caller");
  finish("calls");
}

/** Far more at once than may be pending, some with payloads beyond the receive buffer. */
static void check_storm(void) {
  begin(3);
  uint32_t answered = 0;
  for (uint32_t round = 0; round < 50; round++) {
    for (uint32_t index = 0; index < 20; index++) hub_call(&hub, "d", "m", round * 20 + index, index % 5 == 0 ? 2500 : 10);
    run_until(&world, now + 100);
    for (; answered < heard.call_count; answered++) {
      need(heard.calls[answered].is_complete && respond(heard.calls[answered].token, 200, 10) == MOTE_OK, "a response");
    }
    run_until(&world, now + 100);
  }
  uint32_t once = 0, done = 0, refused = 0;
  for (uint32_t number = 0; number < 1000; number++) {
    once += hub.requests.calls[number].count == 1;
    done += hub.requests.calls[number].status == 200;
    refused += hub.requests.calls[number].status == 503;
  }
  check(once == 1000 && done + refused == 1000, "a storm: every call is answered once");
  check(done == 50 * CALLS && done == heard.call_count && device.is_connected && device.counted.connects == 1, "as many as may be pending at once by the application");
  finish("a storm");
}

static void check_late(void) {
  begin(3);
  hub_call(&hub, "d", "m", 1, 0);
  run_until(&world, now + SECOND);
  int32_t token = heard.calls[0].token;
  hub_close(&hub, NULL, MOTE_ERROR_RESET);
  run_until_ended(&world, &device, now + MINUTE);
  check(respond(token, 200, 0) == MOTE_ERROR_LATE, "a response after the connection has ended is late");
  check(come_back() && respond(token, 200, 0) == MOTE_ERROR_LATE, "and stays so by the next");
  hub_call(&hub, "d", "m", 2, 0);
  run_until(&world, now + SECOND);
  check(heard.call_count == 2 && heard.calls[1].token != token && respond(heard.calls[1].token, 200, 0) == MOTE_OK, "which has calls of its own");
  run_until(&world, now + SECOND);
  check(hub.requests.calls[1].count == 0 && hub.requests.calls[2].count == 1, "the caller of the first hears nothing");

  /* Stored, and not sent when the connection ends. */
  hub_call(&hub, "d", "m", 3, 0);
  run_until(&world, now + SECOND);
  device.connection->line.is_silent = 1;
  need(respond(heard.calls[2].token, 200, 0) == MOTE_OK, "a response");
  hub_close(&hub, NULL, MOTE_ERROR_RESET);
  run_until_ended(&world, &device, now + 20 * MINUTE);
  check(come_back() && hub.requests.calls[3].count == 0, "a response that had not left does not leave by the next connection");

  /* A payload in pieces that is cut off. */
  hub.milliseconds = 50;
  hub_close(&hub, NULL, MOTE_ERROR_RESET);
  run_until_ended(&world, &device, now + MINUTE);
  need(come_back(), "a connection");
  uint32_t aborted = heard.aborted;
  hub_call(&hub, "d", "m", 4, 24000);
  device.connection->line.pipes[DEVICE_END].rest = 20000;
  device.connection->line.ends_with = MOTE_ERROR_RESET;
  for (uint64_t end = now + MINUTE; heard.aborted == aborted && now < end;) run_until(&world, now + 1);
  check(heard.aborted == aborted + 1 && respond(heard.calls[heard.call_count - 1].token, 200, 0) == MOTE_ERROR_LATE, "a call that is cut off");
  finish("late responses");
}

/** A new token while a call waits: it ends with its connection. */
static void check_renewal(void) {
  begin(3);
  run_until(&world, now + 47 * MINUTE);
  hub_call(&hub, "d", "m", 1, 0);
  run_until(&world, now + SECOND);
  need(heard.call_count == 1, "a call");
  run_until(&world, now + 10 * MINUTE);
  check(device.counted.connects == 2 && heard.documents == 2, "a new token: the document comes again");
  check(respond(heard.calls[0].token, 200, 0) == MOTE_ERROR_LATE, "and the call has ended");
  finish("a new token");
}

/** Topics that are nearly right, with any bytes that MQTT lets through: the device stays connected, and works. */
static void check_hostile(void) {
  static const char *const models[] = {
      "$iothub/methods/POST/name/?$rid=1", "$iothub/methods/POST/a%2Ab/?$rid=%zz&x=1", "$iothub/twin/res/200/?$rid=1&$version=7",
      "$iothub/twin/res/429/?$rid=1", "$iothub/twin/PATCH/properties/desired/?$version=6", "$iothub/", "devices/d/messages/devicebound/%24.to=1",
  };
  static const char marks[] = "/?&=$%*+#0123456789ridversonPT";
  const char *given = getenv("MOTE_TOPICS");
  int count = given != NULL && given[0] != '\0' ? atoi(given) : 20000;
  uint64_t random = 7;
  begin(3);
  for (int round = 0; round < count; round++) {
    char topic[400], payload[600];
    strcpy(topic, models[random_below(&random, sizeof models / sizeof models[0])]);
    size_t length = strlen(topic);
    for (uint64_t change = random_below(&random, 4); change > 0 && length > 1; change--) {
      size_t place = (size_t)random_below(&random, length);
      uint64_t kind = random_below(&random, 4);
      if (kind == 0) topic[place] = marks[random_below(&random, sizeof marks - 1)];
      if (kind == 1) topic[place] = (char)(1 + random_below(&random, 127));
      if (kind == 2) length = place + 1;
      if (kind == 3 && length < 350) {
        size_t more = (size_t)random_below(&random, 60);
        memmove(topic + place + more, topic + place, length - place);
        memset(topic + place, marks[random_below(&random, sizeof marks - 1)], more);
        length += more;
      }
    }
    for (size_t index = 0; index < sizeof payload; index++) payload[index] = (char)next_random(&random);
    hub_publish(hub_find(&hub, "d"), topic, length, payload, (size_t)random_below(&random, sizeof payload));
    run_until(&world, now + 1);
    need(device.is_connected, "a device that is still connected");
    while (heard.call_count > 0) (void)respond(heard.calls[--heard.call_count].token, 200, 0);
  }
  run_until(&world, now + 5 * MINUTE);
  check(device.is_connected && device.counted.connects == 1, "topics that no hub sends: it stays connected");
  check(heard.skipped > 0 && hub.requests.responses == 0, "and says which it has passed over");
  hub_call(&hub, "d", "m", 1, 0);
  run_until(&world, now + SECOND);
  check(heard.call_count == 1 && respond(heard.calls[0].token, 200, 0) == MOTE_OK, "and works");
  finish("hostile topics");
}

void check_methods(void) {
  check_calls();
  check_storm();
  check_late();
  check_renewal();
  check_hostile();
}
