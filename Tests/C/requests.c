/*
 * Twin and direct methods on a virtual clock. Run by requests.sh in a folder of certificates.
 */
#include "requests.h"

#include <stdio.h>
#include <string.h>

struct hub hub;
struct device device;
struct world world = {&hub, {&device}, 1};
struct heard heard;

static mote_twin twin;
static mote_methods methods;
static mote_call calls[CALLS];

/** Takes a piece of the document or of a change. Whether it was the last. */
static int take_text(const mote_event *event) {
  if (event->offset == 0) heard.length = 0;
  if (event->offset != heard.length || heard.length + event->payload_length > sizeof heard.text) {
    heard.faults++;
    return 0;
  }
  if (event->payload_length > 0) memcpy(heard.text + heard.length, event->payload, event->payload_length);
  heard.length += event->payload_length;
  return heard.length == event->total;
}

static void take_call(const mote_event *event) {
  if (event->offset == 0) {
    need(heard.call_count < 2048, "room for a call");
    struct call *call = &heard.calls[heard.call_count++];
    memset(call, 0, sizeof *call);
    call->token = event->token;
    snprintf(call->name, sizeof call->name, "%.*s", (int)event->name_length, event->name_length > 0 ? event->name : "");
    snprintf(call->component, sizeof call->component, "%.*s", (int)event->component_length, event->component_length > 0 ? event->component : "");
  }
  struct call *call = &heard.calls[heard.call_count - 1];
  if (heard.call_count == 0 || event->token != call->token || event->offset != call->length) heard.faults++;
  call->length += event->payload_length;
  call->is_complete = call->length == event->total;
}

static void hear(struct device *told, const mote_event *event) {
  (void)told;
  if (event->kind == MOTE_EVENT_TWIN && take_text(event)) {
    heard.documents++;
    heard.document_status = event->status;
    heard.document_version = (uint32_t)event->version;
  } else if (event->kind == MOTE_EVENT_DESIRED && take_text(event)) {
    heard.changes++;
    heard.change_version = (uint32_t)event->version;
  } else if (event->kind == MOTE_EVENT_REPORTED) {
    heard.reports++;
    heard.report_status = event->status;
    heard.report_version = (uint32_t)event->version;
  } else if (event->kind == MOTE_EVENT_METHOD) {
    take_call(event);
  }
  heard.aborted += event->kind == MOTE_EVENT_ABORTED;
  heard.skipped += event->kind == MOTE_EVENT_SKIPPED;
}

void begin_apart(uint32_t properties, const mote_twin_options *options) {
  static uint64_t seed;
  now += 12345 + random_below(&hub.random, 10 * MINUTE);
  memset(&heard, 0, sizeof heard);
  hub_reset(&hub);
  hub.requests.properties = properties;
  hub.requests.desired = 5;
  device_start(&device, &hub, IDENTITY, NULL, NULL, ++seed);
  device.hear = hear;
  need(mote_use_twin(&device.client, &twin, sizeof twin, options) == MOTE_OK, "a twin");
  need(mote_use_methods(&device.client, &methods, sizeof methods, calls, CALLS) == MOTE_OK, "methods");
}

int come_back(void) {
  uint32_t before = heard.documents;
  if (!run_until_connected(&world, &device, now + 10 * MINUTE)) return 0;
  run_until(&world, now + SECOND);
  return heard.documents == before + 1;
}

void begin(uint32_t properties) {
  begin_apart(properties, NULL);
  device_connect(&device);
  need(come_back(), "a document");
}

void finish(const char *name) {
  char text[160];
  snprintf(text, sizeof text, "%s: counted right, and as MQTT says", name);
  check(device_counts_right(&device) && device.token_faults == 0 && hub.violations == 0 && heard.faults == 0, text);
  device_end(&device);
}

mote_status respond(int32_t token, int32_t status, size_t length) {
  static uint8_t payload[4096];
  device.is_touched = 1;
  return mote_respond(&device.client, token, status, payload, length);
}

mote_status report(const char *patch) {
  device.is_touched = 1;
  return mote_report(&device.client, (const uint8_t *)patch, strlen(patch));
}

/** What cannot be attached is refused, and a client that has a feature gets no second one. */
static void check_attaching(void) {
  mote_client other;
  mote_twin_options odd = {.size = sizeof odd, .only_reports = 2};
  begin_apart(3, NULL);
  memset(&other, 0, sizeof other);
  check(mote_use_twin(&device.client, &twin, sizeof twin, NULL) == MOTE_ERROR_STATE &&
            mote_use_methods(&device.client, &methods, sizeof methods, calls, CALLS) == MOTE_ERROR_STATE,
        "twin and methods are attached once");
  check(mote_use_twin(&device.client, &twin, sizeof twin - 32, NULL) == MOTE_ERROR_SIZE &&
            mote_use_methods(&device.client, &methods, 8, calls, CALLS) == MOTE_ERROR_SIZE,
        "to memory that is large enough");
  check(mote_use_twin(&device.client, NULL, sizeof twin, NULL) == MOTE_ERROR_ARGUMENT &&
            mote_use_twin(&device.client, &twin, sizeof twin, &odd) == MOTE_ERROR_ARGUMENT &&
            mote_use_methods(&device.client, NULL, sizeof methods, calls, CALLS) == MOTE_ERROR_ARGUMENT &&
            mote_use_methods(&device.client, &methods, sizeof methods, calls, 0) == MOTE_ERROR_ARGUMENT &&
            mote_use_methods(&device.client, &methods, sizeof methods, calls, 256) == MOTE_ERROR_ARGUMENT &&
            mote_use_methods(&device.client, &methods, sizeof methods, NULL, 1) == MOTE_ERROR_ARGUMENT,
        "with arguments that can be");
  check(mote_use_twin(&other, &twin, sizeof twin, NULL) == MOTE_ERROR_NOT_INITIALISED && mote_get_twin(NULL) == MOTE_ERROR_ARGUMENT &&
            mote_report(&device.client, NULL, 1) == MOTE_ERROR_ARGUMENT && mote_respond(&device.client, 1, 200, NULL, 1) == MOTE_ERROR_ARGUMENT &&
            mote_report(&device.client, (const uint8_t *)"{}", sizeof device.outbox) == MOTE_ERROR_TOO_LARGE,
        "and to a client that is one");
  device_connect(&device);
  check(come_back(), "after which it works");
  finish("attaching");
}

int main(void) {
  hub_start(&hub, 1);
  check_attaching();
  check_twin();
  check_methods();
  hub_end(&hub);
  return checks_end();
}
