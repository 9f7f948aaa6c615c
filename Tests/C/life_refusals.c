/*
 * What the hub refuses, and a hub that is refused: once more with a fresh token, slowly, or not at all.
 */
#include "life.h"

#include <stdio.h>

/** Whether the last token was made when it left. */
static int is_fresh(void) {
  return hub.greeting_count > 0 && hub.greetings[hub.greeting_count - 1].expiry == true_seconds() + 3600;
}

static void check_token_refused(int32_t code, int32_t status) {
  char name[96];
  snprintf(name, sizeof name, "CONNACK %d", (int)code);
  begin(NULL, NULL);
  hub.connack = code;
  device_connect(&device);
  int is_right = is_end(run_until_ended(&world, &device, now), MOTE_STEP_GREETING, status, SECOND) && is_fresh();
  check(is_right, "a refused token is told, and another follows within a second");
  int64_t expiry = hub.greetings[0].expiry;
  for (int attempt = 1; attempt < 4; attempt++) {
    is_right &= is_end(run_until_ended(&world, &device, now + HOUR), MOTE_STEP_GREETING, status, 10 * MINUTE) && is_fresh();
    /* A second later it would be the same token. */
    is_right &= hub.greetings[attempt].expiry >= expiry && (attempt == 1 || hub.greetings[attempt].expiry > expiry);
    expiry = hub.greetings[attempt].expiry;
  }
  check(is_right && hub.greeting_count == 4, "when that is refused too, fresh tokens follow after 5 to 10 minutes each");
  hub.connack = 0;
  check(run_until_connected(&world, &device, now + 10 * MINUTE), "until one is accepted");
  run_until(&world, now + 2 * MINUTE);
  hub.connack = code;
  hub_close(&hub, NULL, MOTE_ERROR_RESET);
  run_until_ended(&world, &device, now);
  check(is_end(run_until_ended(&world, &device, now + MINUTE), MOTE_STEP_GREETING, status, 2 * SECOND), "then another is tried soon again");
  finish(name);
}

/** A device whose clock is wrong makes tokens that have expired. */
static void check_wrong_clock(void) {
  begin(NULL, NULL);
  device.clock_shift = -7200;
  device_connect(&device);
  run_until(&world, now + MINUTE);
  check(hub.greeting_count == 2 && hub.accepted == 0, "a clock that is two hours late: both tokens are refused");
  device.clock_shift = 0;
  check(run_until_connected(&world, &device, now + 10 * MINUTE), "and it connects when the clock is right");
  finish("a wrong clock");
}

/** What asks nothing of the network for a day, and connects again when told to. */
static void check_stopped(int32_t step, int32_t status, const char *name) {
  char text[128];
  device_connect(&device);
  const struct told *told = run_until_ended(&world, &device, now + MINUTE);
  int is_right = told != NULL && told->step == step && told->status == status && told->deadline == UINT64_MAX;
  uint32_t resolves = device.resolve_count, attempts = device.attempts;
  run_until(&world, now + DAY);
  is_right &= device.resolve_count == resolves && device.attempts == attempts && device.deadline == UINT64_MAX;
  snprintf(text, sizeof text, "%s is told as the last attempt, and nothing is asked of the network for a day", name);
  check(is_right, text);
  hub.connack = hub.refuses_subscription = 0;
  device_connect(&device);
  snprintf(text, sizeof text, "%s: it connects when told to", name);
  check(run_until_connected(&world, &device, now), text);
  finish(name);
}

static void check_configuration(void) {
  begin(NULL, NULL);
  hub.connack = 1;
  check_stopped(MOTE_STEP_GREETING, MOTE_ERROR_REFUSED_PROTOCOL, "CONNACK 1");
  begin(NULL, NULL);
  hub.connack = 2;
  check_stopped(MOTE_STEP_GREETING, MOTE_ERROR_REFUSED_IDENTIFIER, "CONNACK 2");
  begin(NULL, NULL);
  hub.refuses_subscription = 1;
  check_stopped(MOTE_STEP_SUBSCRIBE, MOTE_ERROR_SUBSCRIPTION_REFUSED, "a refused subscription");
}

static void check_certificate(int32_t status, const char *name) {
  char text[128];
  mote_error error;
  int is_right = 1;
  device_connect(&device);
  for (int attempt = 0; attempt < 3; attempt++) {
    is_right &= is_end(run_until_ended(&world, &device, now + HOUR), MOTE_STEP_HANDSHAKE, status, 10 * MINUTE);
  }
  need(mote_client_last_error(&device.client, &error) == MOTE_OK, "the last error");
  is_right &= error.library_code != 0 && error.status == status && hub.greeting_count == 0;
  snprintf(text, sizeof text, "%s: nothing is said to it, and it is tried again after 5 to 10 minutes each", name);
  check(is_right, text);
  hub.is_stranger = 0;
  device.clock_shift = 0;
  snprintf(text, sizeof text, "%s: it connects to the right one", name);
  check(run_until_connected(&world, &device, now + 10 * MINUTE), text);
  finish(name);
}

void check_refusals(void) {
  if (!is_quick) check_token_refused(4, MOTE_ERROR_REFUSED_CREDENTIALS);
  check_token_refused(5, MOTE_ERROR_REFUSED_AUTHORISATION);
  check_wrong_clock();
  check_configuration();
  begin(NULL, NULL);
  hub.is_stranger = 1;
  check_certificate(MOTE_ERROR_CERTIFICATE_UNTRUSTED, "a hub whom nobody vouches for");
  if (is_quick) return;
  begin(NULL, NULL);
  device.clock_shift = (int64_t)30 * 365 * 24 * 3600;
  check_certificate(MOTE_ERROR_CERTIFICATE_EXPIRED, "a certificate that has expired");
}
