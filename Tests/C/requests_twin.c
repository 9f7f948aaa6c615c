/*
 * The twin: what is told after each connect, and what becomes of requests when hub and network fail.
 */
#include "requests.h"

#include <stdio.h>
#include <string.h>

static char expected[HUB_OUTPUT - 256];

/** Whether the document that was told is the hub's. */
static int is_hubs(void) {
  size_t length = hub_document(&hub, expected, sizeof expected);
  return heard.length == length && memcmp(heard.text, expected, length) == 0 && heard.document_version == hub.requests.desired;
}

static void check_procedure(void) {
  begin(3);
  check(hub.requests.subscribes == 1 && hub.requests.filters == 4, "one SUBSCRIBE with all four filters");
  check(hub.requests.gets == 1 && heard.document_status == 200 && is_hubs(), "the document is asked for once, and told with its version");
  hub_desire(&hub, "d", 0);
  run_until(&world, now + SECOND);
  check(heard.changes == 1 && heard.change_version == 6 && memcmp(heard.text, "{\"v\":6,", 7) == 0, "a change that follows is told");
  hub_desire(&hub, "d", 6);
  hub_desire(&hub, "d", 2);
  run_until(&world, now + SECOND);
  check(heard.changes == 1 && hub.requests.gets == 1, "what is older, or told again, is dropped");

  hub.requests.loses_desired = 1;
  hub_desire(&hub, "d", 0);
  hub.requests.loses_desired = 0;
  hub_desire(&hub, "d", 0);
  run_until(&world, now + SECOND);
  check(heard.changes == 1 && heard.documents == 2 && hub.requests.gets == 2 && is_hubs(), "after a gap the document is asked for again");
  hub_desire(&hub, "d", 0);
  run_until(&world, now + SECOND);
  check(heard.changes == 2 && heard.change_version == 9 && hub.requests.gets == 2, "and changes follow on it");

  hub.requests.loses_desired = 1;
  hub_desire(&hub, "d", 0);
  hub_close(&hub, NULL, MOTE_ERROR_RESET);
  check(run_until_ended(&world, &device, now + MINUTE) != NULL && come_back() && is_hubs() && hub.requests.gets == 3,
        "what changed while it was away is in the next connection's document");
  finish("the procedure");
}

/** 64 KiB through a receive buffer of 1 KiB. */
static void check_large(void) {
  begin(1000);
  check(is_hubs() && heard.length > 32 * 1024, "a document of many properties, each of which looks like a version");
  hub.requests.properties = 1600;
  mote_get_twin(&device.client);
  device.is_touched = 1;
  run_until(&world, now + SECOND);
  check(heard.documents == 2 && is_hubs() && heard.length > 62 * 1024, "64 KiB through a receive buffer of 1 KiB");
  finish("a large document");
}

static void check_reconnect(void) {
  begin(1000);
  /* The request has left, and no answer comes. */
  hub.requests.withholds_answers = 1;
  mote_get_twin(&device.client);
  need(report("{\"a\":1}") == MOTE_OK, "a report");
  run_until(&world, now + SECOND);
  check(hub.requests.gets == 2 && hub.requests.patches == 1 && heard.reports == 0, "the hub keeps the answers to itself");
  hub.requests.withholds_answers = 0;
  hub_close(&hub, NULL, MOTE_ERROR_RESET);
  run_until_ended(&world, &device, now + MINUTE);
  check(come_back() && hub.requests.gets == 3 && heard.document_version == 5, "a connection that ends with a request under way: it is asked again");
  check(hub.requests.patches == 2 && heard.reports == 1 && heard.report_status == 204 && heard.report_version == 1,
        "a patch goes again, and is told once");

  /* The document comes in part: more than TLS's first record. */
  hub.milliseconds = 50;
  hub_close(&hub, NULL, MOTE_ERROR_RESET);
  run_until_ended(&world, &device, now + MINUTE);
  uint32_t subscribes = hub.requests.subscribes;
  while (hub.requests.subscribes == subscribes) run_until(&world, now + 1);
  device.connection->line.pipes[DEVICE_END].rest = 20000;
  device.connection->line.ends_with = MOTE_ERROR_RESET;
  uint32_t documents = heard.documents;
  for (uint64_t end = now + MINUTE; heard.aborted == 0 && now < end;) run_until(&world, now + 1);
  check(heard.aborted == 1 && heard.documents == documents, "a document that is cut off is told as aborted");
  hub.milliseconds = 0;
  check(come_back() && is_hubs(), "and comes whole with the next connection");

  /* What was never sent waits as well. */
  hub.is_stopped = 1;
  hub_close(&hub, NULL, MOTE_ERROR_RESET);
  run_until(&world, now + 5 * MINUTE);
  need(report("{\"b\":2}") == MOTE_OK && report("{}") == MOTE_ERROR_STATE, "a report while away");
  run_until(&world, now + 40 * DAY);
  hub.is_stopped = 0;
  uint32_t reports = heard.reports;
  check(come_back() && heard.reports == reports + 1 && strcmp(hub.requests.patch, "{\"b\":2}") == 0, "a patch of forty days ago leaves");
  finish("over reconnects");
}

static void check_busy(void) {
  begin_apart(3, NULL);
  hub.requests.busy = 429;
  hub.requests.busy_count = 3;
  device_connect(&device);
  run_until_connected(&world, &device, now + MINUTE);
  run_until(&world, now + SECOND);
  check(heard.documents == 0, "a hub that is too busy");
  run_until(&world, now + MINUTE);
  check(heard.documents == 1 && hub.requests.gets == 4, "is asked again until it answers");
  hub.requests.busy = 503;
  hub.requests.busy_count = 2;
  need(report("{}") == MOTE_OK, "a report");
  run_until(&world, now + MINUTE);
  check(heard.reports == 1 && heard.report_status == 204 && hub.requests.patches == 3, "a patch too");
  hub.requests.busy = 400;
  hub.requests.busy_count = 1;
  need(report("nonsense") == MOTE_OK, "a report");
  run_until(&world, now + SECOND);
  check(heard.reports == 2 && heard.report_status == 400 && hub.requests.patches == 4, "a patch that the hub refuses is told");
  hub.requests.withholds_answers = 1;
  need(report("{}") == MOTE_OK, "a report");
  run_until(&world, now + 70 * SECOND);
  check(heard.reports == 3 && heard.report_status == MOTE_ERROR_TIMED_OUT && device.is_connected, "an answer that does not come is told too");
  mote_get_twin(&device.client);
  device.is_touched = 1;
  run_until(&world, now + 70 * SECOND);
  hub.requests.withholds_answers = 0;
  run_until(&world, now + 2 * MINUTE);
  check(heard.documents == 2, "and the document is asked for until it comes");
  finish("a busy hub");
}

static void check_only_reports(void) {
  mote_twin_options options = {.size = sizeof options, .only_reports = 1};
  begin_apart(3, &options);
  device_connect(&device);
  run_until_connected(&world, &device, now + MINUTE);
  run_until(&world, now + SECOND);
  check(hub.requests.filters == 3 && hub.requests.gets == 0, "what only reports asks for no document");
  need(report("{\"a\":1}") == MOTE_OK, "a report");
  run_until(&world, now + SECOND);
  check(heard.reports == 1 && heard.report_status == 204, "and reports");
  finish("reports alone");
}

static void check_subscription(void) {
  begin_apart(3, NULL);
  hub.refuses_subscription = 1;
  device_connect(&device);
  const struct told *told = run_until_ended(&world, &device, now + MINUTE);
  check(told != NULL && told->step == MOTE_STEP_SUBSCRIBE && told->status == MOTE_ERROR_SUBSCRIPTION_REFUSED && told->deadline == UINT64_MAX,
        "one refused filter of four ends it");
  check(hub.requests.gets == 0, "and nothing was asked");
  finish("a refused subscription");
}

/** An outbox that is full of what is to be sent again: SUBSCRIBE and GET find room all the same. */
static void check_full(void) {
  begin(3);
  hub_close(&hub, NULL, MOTE_ERROR_RESET);
  run_until_ended(&world, &device, now + MINUTE);
  while (device_send(&device, 64, 0) > 0) continue;
  check(come_back() && device.outstanding == 0 && is_hubs(), "with a full outbox");
  finish("a full outbox");
}

void check_twin(void) {
  check_procedure();
  check_large();
  check_reconnect();
  check_busy();
  check_only_reports();
  check_subscription();
  check_full();
}
