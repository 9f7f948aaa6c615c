/*
 * A thermostat as IoT Plug and Play describes it (dtmi:com:example:Thermostat;1): sends its temperature, is told its target
 * by the desired property targetTemperature and acknowledges it, reports maxTempSinceLastReboot, and answers the command
 * getMaxMinReport. The room is a simulated one. Temperatures are whole hundredths of a degree: no floating point.
 *
 *   thermostat CONNECTION_STRING [ENDPOINT PORT CA_FILE [MILLISECONDS]]
 *
 * ENDPOINT, PORT and CA_FILE stand for a hub of one's own; MILLISECONDS is the time between two readings (1000). It takes its
 * leave on SIGTERM and SIGINT.
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>

#include "mote.h"
#include "mote_json.h"
#include "mote_linux.h"
#include "mote_tls.h"

static mote_client client;
static mote_twin twin;
static mote_methods methods;
static mote_call calls[2];
static mote_linux network;
static mote_tls tls;
static uint8_t receive_buffer[1024], outbox[2048];

static struct {
  int64_t temperature, target, lowest, highest, sum;
  int64_t readings;
  time_t since;
} room = {.temperature = 1800, .target = 2100, .lowest = 1800, .highest = 1800};

static int fail(const char *what, mote_status status) {
  fprintf(stderr, "%s: %s (%d)\n", what, mote_status_text(status), (int)status);
  return EXIT_FAILURE;
}

/** The room comes closer to the target. */
static void live(void) {
  room.temperature += (room.target - room.temperature) / 4;
  if (room.temperature < room.lowest) room.lowest = room.temperature;
  if (room.temperature > room.highest) room.highest = room.temperature;
  room.sum += room.temperature;
  room.readings += 1;
}

static void begin_json(mote_json_writer *writer, uint8_t *buffer, size_t capacity) {
  mote_json_writer_init(writer, sizeof *writer, buffer, capacity);
  mote_json_begin_object(writer);
}

static int32_t end_json(mote_json_writer *writer) {
  mote_json_end(writer);
  return mote_json_finish(writer);
}

static mote_status send_temperature(void) {
  uint8_t text[64];
  mote_json_writer writer;
  begin_json(&writer, text, sizeof text);
  mote_json_name(&writer, MOTE_TEXT("temperature"));
  mote_json_decimal(&writer, room.temperature, 2);
  int32_t length = end_json(&writer);
  if (length < 0) return length;

  static const mote_property properties[] = {
      {MOTE_TEXT(MOTE_CONTENT_TYPE), MOTE_TEXT("application/json")},
      {MOTE_TEXT(MOTE_CONTENT_ENCODING), MOTE_TEXT("utf-8")},
  };
  mote_telemetry telemetry = {0};
  telemetry.size = sizeof telemetry;
  telemetry.payload = text;
  telemetry.payload_length = (size_t)length;
  telemetry.properties = properties;
  telemetry.property_count = sizeof properties / sizeof *properties;
  return mote_send(&client, &telemetry);
}

/* ---- The target, a writable property ---------------------------------------------------------------------- */

static struct {
  mote_json_reader reader;
  char text[32];
  int is_document; /* The whole twin, in which desired properties stand one level deeper. */
  int is_next;     /* The next token is the target. */
  int is_new;
  int is_refused;
  int64_t value;
} wanted;

static uint8_t patch[192];
static int is_reporting, is_report_due;
static int32_t target_version; /* 0: the hub has not set it. */

/** Reports what the room is set to, when no other report is under way. */
static mote_status report(void) {
  is_report_due = is_reporting;
  if (is_reporting) return MOTE_OK;
  mote_json_writer writer;
  begin_json(&writer, patch, sizeof patch);
  mote_json_begin_acknowledgement(&writer, MOTE_TEXT("targetTemperature"));
  mote_json_decimal(&writer, room.target, 2);
  if (target_version == 0) mote_json_end_acknowledgement(&writer, 203, 0, MOTE_TEXT("initial"));
  else if (wanted.is_refused) mote_json_end_acknowledgement(&writer, 400, target_version, MOTE_TEXT("5 to 30 degrees"));
  else mote_json_end_acknowledgement(&writer, 200, target_version, MOTE_TEXT("set"));
  mote_json_name(&writer, MOTE_TEXT("maxTempSinceLastReboot"));
  mote_json_decimal(&writer, room.highest, 2);
  int32_t length = end_json(&writer);
  if (length < 0) return length;
  mote_status status = mote_report(&client, patch, (size_t)length);
  is_reporting = status == MOTE_OK;
  return status;
}

static void take_token(const mote_json_token *token) {
  int depth = wanted.is_document ? 2 : 1;
  if (wanted.is_next) {
    wanted.is_next = 0;
    /* A target that is gone is no target. */
    wanted.is_new = token->kind != MOTE_JSON_NULL;
    wanted.is_refused = mote_json_fixed_point(token, 2, &wanted.value) < 0 || wanted.value < 500 || wanted.value > 3000;
    if (token->kind == MOTE_JSON_BEGIN_OBJECT || token->kind == MOTE_JSON_BEGIN_ARRAY || !token->complete)
      mote_json_skip(&wanted.reader);
  } else if (token->kind == MOTE_JSON_NAME) {
    if (token->depth < depth && mote_json_equals(token, MOTE_TEXT("desired"))) return;
    if (token->depth == depth && mote_json_equals(token, MOTE_TEXT("targetTemperature"))) wanted.is_next = 1;
    else mote_json_skip(&wanted.reader);
  }
}

/** A piece of the twin, or of a change of its desired properties. */
static mote_status take_properties(const mote_event *event) {
  int is_last = event->offset + event->payload_length == event->total;
  if (event->offset == 0) {
    wanted.is_document = event->kind == MOTE_EVENT_TWIN;
    wanted.is_next = wanted.is_new = 0;
    mote_json_reader_init(&wanted.reader, sizeof wanted.reader, wanted.text, sizeof wanted.text, MOTE_JSON_DEPTH);
  }
  mote_status status = mote_json_feed(&wanted.reader, event->payload, event->payload_length, is_last);
  if (status < 0) return status;
  mote_json_token token;
  while ((status = mote_json_next(&wanted.reader, &token)) > 0) take_token(&token);
  if (status < 0 || !is_last) return status;

  if (wanted.is_new) {
    target_version = event->version;
    if (!wanted.is_refused) room.target = wanted.value;
    printf("target %s: %lld.%02lld, version %d\n", wanted.is_refused ? "kept" : "set", (long long)room.target / 100,
           (long long)room.target % 100, (int)target_version);
  }
  return wanted.is_new || wanted.is_document ? report() : MOTE_OK;
}

/* ---- The command ------------------------------------------------------------------------------------------- */

static void write_time(mote_json_writer *writer, const char *name, time_t seconds) {
  char text[32];
  struct tm parts;
  size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &parts));
  mote_json_name(writer, name, strlen(name));
  mote_json_string(writer, text, length);
}

static void write_degrees(mote_json_writer *writer, const char *name, int64_t hundredths) {
  mote_json_name(writer, name, strlen(name));
  mote_json_decimal(writer, hundredths, 2);
}

/** Answers a method once all of it is there. */
static mote_status answer(const mote_event *event) {
  static int is_known;
  if (event->offset == 0) {
    static const char known[] = "getMaxMinReport";
    is_known = event->component == NULL && event->name_length == sizeof known - 1 &&
               memcmp(event->name, known, event->name_length) == 0;
    printf("method %.*s\n", (int)event->name_length, event->name);
  }
  if (event->offset + event->payload_length < event->total) return MOTE_OK;
  if (!is_known) return mote_respond(&client, event->token, 404, NULL, 0);

  uint8_t text[192];
  mote_json_writer writer;
  begin_json(&writer, text, sizeof text);
  write_degrees(&writer, "maxTemp", room.highest);
  write_degrees(&writer, "minTemp", room.lowest);
  write_degrees(&writer, "avgTemp", room.readings > 0 ? room.sum / room.readings : room.temperature);
  write_time(&writer, "startTime", room.since);
  write_time(&writer, "endTime", time(NULL));
  int32_t length = end_json(&writer);
  if (length < 0) return length;
  return mote_respond(&client, event->token, 200, text, (size_t)length);
}

/* ---- The device --------------------------------------------------------------------------------------------- */

static mote_status start(char **arguments, int count, const mote_port *port) {
  mote_client_options options = {0};
  options.size = sizeof options;
  options.connection_string = arguments[1];
  options.connection_string_length = strlen(arguments[1]);
  options.port = port;
  options.tls = &tls;
  options.model_id = "dtmi:com:example:Thermostat;1";
  options.model_id_length = strlen(options.model_id);
  if (count > 4) {
    options.endpoint = arguments[2];
    options.endpoint_length = strlen(arguments[2]);
    options.endpoint_port = (uint32_t)atoi(arguments[3]);
  }
  mote_status status = mote_client_init(&client, sizeof client, &options);
  if (status < 0) return status;

  mote_mqtt_options mqtt = {0};
  mqtt.size = sizeof mqtt;
  mqtt.receive_buffer = receive_buffer;
  mqtt.receive_capacity = sizeof receive_buffer;
  mqtt.outbox = outbox;
  mqtt.outbox_capacity = sizeof outbox;
  mqtt.when_full = MOTE_FULL_DROPS_OLDEST;
  status = mote_use_mqtt(&client, &mqtt);
  if (status == MOTE_OK) status = mote_use_twin(&client, &twin, sizeof twin, NULL);
  if (status == MOTE_OK)
    status = mote_use_methods(&client, &methods, sizeof methods, calls, sizeof calls / sizeof *calls);
  if (status == MOTE_OK) status = mote_connect(&client, mote_linux_now());
  return status;
}

static mote_status take(const mote_event *event) {
  switch (event->kind) {
  case MOTE_EVENT_CONNECTED: puts("connected"); break;
  case MOTE_EVENT_DISCONNECTED: printf("disconnected: %s\n", mote_status_text(event->status)); break;
  case MOTE_EVENT_FAILED: printf("a reading is lost: %s\n", mote_status_text(event->status)); break;
  case MOTE_EVENT_METHOD: return answer(event);
  case MOTE_EVENT_TWIN:
    if (event->status == 200) return take_properties(event);
    printf("the hub does not give the twin: %d\n", (int)event->status);
    break;
  case MOTE_EVENT_DESIRED: return take_properties(event);
  case MOTE_EVENT_REPORTED:
    if (event->offset > 0) break;
    is_reporting = 0;
    if (event->status < 200 || event->status > 299) printf("the hub does not take the report: %d\n", (int)event->status);
    else printf("reported, version %d\n", (int)event->version);
    return is_report_due ? report() : MOTE_OK;
  default: break;
  }
  return MOTE_OK;
}

int main(int argc, char **argv) {
  int milliseconds = argc > 5 ? atoi(argv[5]) : 1000;
  if ((argc != 2 && argc != 5 && argc != 6) || milliseconds < 1)
    return fprintf(stderr, "usage: thermostat CONNECTION_STRING [ENDPOINT PORT CA_FILE [MILLISECONDS]]\n"), 64;
  setvbuf(stdout, NULL, _IOLBF, 0);

  /* SIGTERM and SIGINT are waited for beside the network. */
  sigset_t asked;
  sigemptyset(&asked);
  sigaddset(&asked, SIGTERM);
  sigaddset(&asked, SIGINT);
  sigprocmask(SIG_BLOCK, &asked, NULL);
  int signals = signalfd(-1, &asked, SFD_CLOEXEC);
  if (signals < 0) return perror("signalfd"), EXIT_FAILURE;

  mote_tls_options trust = {0};
  trust.size = sizeof trust;
  if (argc > 4) trust.roots_file = argv[4];
  mote_status status = mote_tls_init(&tls, sizeof tls, &trust);
  if (status < 0) return fail("TLS", status);
  mote_linux_init(&network);
  mote_port port = mote_port_linux(&network);
  status = start(argv, argc, &port);
  if (status < 0) return fail("client", status);
  room.since = time(NULL);

  uint64_t due = mote_linux_now();
  for (;;) {
    uint64_t now = mote_linux_now();
    if (now >= due) {
      live();
      status = send_temperature();
      if (status < 0) printf("a reading is lost: %s\n", mote_status_text(status));
      due = now + (uint64_t)milliseconds;
    }
    mote_event event;
    int32_t polled = mote_poll(&client, now, &event);
    if (polled < 0) return fail("poll", polled);
    if (polled == 0) {
      if (mote_linux_wait(&network, event.wait, event.deadline < due ? event.deadline : due, signals)) {
        signals = -1;
        due = UINT64_MAX;
        mote_disconnect(&client, mote_linux_now());
      }
      continue;
    }
    status = take(&event);
    if (status < 0) printf("event %d: %s\n", (int)event.kind, mote_status_text(status));
    if (event.kind == MOTE_EVENT_DISCONNECTED && event.deadline == UINT64_MAX) {
      mote_tls_deinit(&tls);
      return event.status == MOTE_OK ? EXIT_SUCCESS : EXIT_FAILURE;
    }
  }
}
