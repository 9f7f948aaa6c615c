/*
 * SAS tokens, renewed in time.
 */
#include "life.h"

#include <stdio.h>

#define LIFE (3600 * SECOND)

static uint16_t incoming[NUMBERS];

/** Whether an end was a renewal of the token of a connection that began at `start`, which took at most `drain`. */
static int is_renewal(const struct told *told, uint64_t start, uint64_t drain) {
  if (told == NULL || told->kind != MOTE_EVENT_DISCONNECTED) return 0;
  uint64_t lasted = told->at - start;
  return told->status == MOTE_ERROR_TOKEN_EXPIRES && told->deadline == told->at && told->step == MOTE_STEP_CLOSING &&
         lasted >= LIFE * 80 / 100 && lasted <= LIFE * 85 / 100 + drain;
}

/* It takes four seconds there and back, so that something is always in flight. */
#define TELEMETRY_INTERVAL (1500)
#define SAY_INTERVAL (7 * SECOND)

static void check_day(void) {
  begin(NULL, NULL);
  hub.milliseconds = 2 * SECOND;
  device.incoming = incoming;
  device_connect(&device);
  uint64_t end = now + day, send_at = now, say_at = now, start = 0, last_lasted = 0;
  uint32_t said = 0, full = 0, renewals = 0, others = 0, different = 0;
  while (now < end) {
    if (now >= send_at && device_send(&device, 32, 0) < 0) full++;
    if (now >= say_at && hub_say(&hub, "d", said)) said++;
    if (now >= send_at) send_at += TELEMETRY_INTERVAL;
    if (now >= say_at) say_at += SAY_INTERVAL;
    size_t told_count = device.told_count;
    run_until_told(&world, &device, send_at < say_at ? send_at : say_at);
    if (device.told_count == told_count) continue;
    const struct told *told = device_told(&device, 0);
    if (told->kind == MOTE_EVENT_CONNECTED) {
      start = told->at;
      int64_t expiry = hub.greetings[hub.greeting_count - 1].expiry;
      others += expiry < true_seconds() + 3600 - 30 || expiry > true_seconds() + 3600;
    } else if (is_renewal(told, start, 8 * SECOND)) {
      different += renewals > 0 && told->at - start != last_lasted;
      last_lasted = told->at - start;
      renewals++;
    } else {
      others++;
    }
  }
  run_until(&world, now + 5 * MINUTE);
  printf("  %u renewals, %u messages sent and %u received, %u refused for want of room\n", renewals, hub.first_arrivals,
         device.incoming_first, full);
  check(others == 0 && hub.expired == 0, "every connection ends as a renewal, after 80 to 85 % of its token's life");
  check(renewals >= day / (LIFE * 86 / 100) && renewals <= day / (LIFE * 80 / 100), "again and again");
  check(renewals < 2 || different > 0, "not always after the same time");
  check(hub.first_arrivals == device.next_number && device.outstanding == 0 && hub.disordered == 0,
        "every message arrives meanwhile, in order");
  check_number(hub.repeated, 0, "and none twice");
  check(device.incoming_first == said && device.incoming_disordered == 0, "every message comes to the device, in order");
  check(device.counted.longest_gap_milliseconds < 30 * SECOND, "without a connection it is only for as long as it takes to connect");
  finish("a day of renewals");
  for (uint32_t number = 0; number < said; number++) incoming[number] = 0;
}

/** Devices that began together do not come back together. */
static void check_jitter(void) {
  uint64_t least = UINT64_MAX, most = 0;
  int is_right = 1;
  for (int index = 0; index < (is_quick ? 2 : 6); index++) {
    begin_connected(NULL, NULL);
    uint64_t start = device_told(&device, 0)->at;
    const struct told *told = run_until_ended(&world, &device, now + HOUR);
    is_right &= is_renewal(told, start, 0);
    uint64_t lasted = told != NULL ? told->at - start : 0;
    if (lasted < least) least = lasted;
    if (lasted > most) most = lasted;
    is_right &= run_until_connected(&world, &device, now);
    finish("one of several devices");
  }
  check(is_right && most - least >= LIFE / 1000, "devices that began together renew at different times");
}

static void check_certificate_device(void) {
  begin_as("HostName=" HUB_NAME ";DeviceId=d;x509=true", NULL, NULL);
  device_connect(&device);
  run_until(&world, now + 2 * DAY);
  check(device.is_connected && device.counted.connects == 1 && device.told_count == 1, "a device with a certificate renews nothing");
  check(hub.greetings[0].expiry == 0 && hub.pings >= 2 * DAY / (241 * SECOND), "it shows no token, and keeps alive");
  finish("a device with a certificate");
}

/** The life of a token is the application's choice. */
static void check_short(void) {
  mote_client_options options = {.receives_messages = 0, .token_seconds = 60};
  begin_connected(&options, NULL);
  uint64_t start = device_told(&device, 0)->at;
  const struct told *told = run_until_ended(&world, &device, now + MINUTE);
  check(told != NULL && told->status == MOTE_ERROR_TOKEN_EXPIRES && told->at - start >= 48 * SECOND && told->at - start <= 51 * SECOND,
        "a token of a minute is renewed after 48 to 51 seconds");
  finish("a short token");
}

/** A hub that acknowledges nothing must not keep a client that has to leave. */
static void check_drain_limit(void) {
  mote_client_options options = {.receives_messages = 1, .token_seconds = 60};
  mote_mqtt_options mqtt = {.response_milliseconds = 5000};
  begin_connected(&options, &mqtt);
  run_until(&world, device_told(&device, 0)->at + 47 * SECOND);
  hub.withholds_puback = 1;
  need(device_send(&device, 32, 0) > 0, "a message");
  uint64_t sent_at = now;
  check(is_end(run_until_ended(&world, &device, now + MINUTE), MOTE_STEP_CLOSING, MOTE_ERROR_MQTT_ACKNOWLEDGEMENT, SECOND) &&
          now == sent_at + 5 * SECOND,
        "to renew its token it waits for acknowledgements, and not longer than for any");
  hub.withholds_puback = 0;
  check(run_until_connected(&world, &device, now + SECOND) && device.outstanding == 0 && hub.arrivals[0] == 2 && hub.expired == 0,
        "what was not acknowledged goes again by the next connection");
  finish("nothing acknowledged");
}

void check_token(void) {
  check_day();
  check_jitter();
  check_short();
  check_drain_limit();
  check_certificate_device();
}
