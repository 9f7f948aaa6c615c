/*
 * A service for a board that runs Linux: sends the board's readings to IoT Hub over MQTT and verified TLS, prints the
 * cloud-to-device messages that come, and takes its leave on SIGTERM. A reading is kept in the journal until the hub
 * has it; when there is no more room, the oldest makes way, and it says so.
 *
 *   readings SECRET_FILE JOURNAL [SECONDS [ENDPOINT PORT CA_FILE]]
 *
 * SECRET_FILE holds the device's connection string, SECONDS is the time between two readings (60); ENDPOINT, PORT and
 * CA_FILE stand for a hub of one's own. It ends with 0 when asked to, 78 when its configuration is wrong, else with 1.
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>

#include "mote.h"
#include "mote_linux.h"
#include "mote_tls.h"

#define WRONG_CONFIGURATION 78

static mote_client client;
static mote_linux network;
static mote_tls tls;
static mote_journal journal;
static mote_linux_file file;
static uint8_t receive_buffer[2048], outbox[8192];
static char secret[1024];

static int fail(const char *what, mote_status status) {
  fprintf(stderr, "%s: %s (%d)\n", what, mote_status_text(status), (int)status);
  return WRONG_CONFIGURATION;
}

/** The length of the connection string in a file, read into `secret`; 0: there is none. */
static size_t read_secret(const char *path) {
  FILE *stream = fopen(path, "r");
  if (stream == NULL) return perror(path), 0;
  size_t length = fread(secret, 1, sizeof secret, stream);
  fclose(stream);
  if (length == sizeof secret) return fprintf(stderr, "%s: too long\n", path), 0;
  length = strcspn(secret, "\r\n");
  if (length == 0) fprintf(stderr, "%s: empty\n", path);
  return length;
}

/** The number in a file of the kernel's, on the line that begins with `name`; -1: there is none. */
static double kernel_says(const char *path, const char *name) {
  char line[128];
  double number = -1;
  FILE *stream = fopen(path, "r");
  if (stream == NULL) return -1;
  while (number < 0 && fgets(line, sizeof line, stream) != NULL)
    if (strncmp(line, name, strlen(name)) == 0) number = strtod(line + strlen(name), NULL);
  fclose(stream);
  return number;
}

/** Stores a reading of this board for the hub: its token, or an error. */
static int32_t send_reading(void) {
  char when[40] = "", temperature[40] = "", text[256];
  time_t now = time(NULL);
  struct tm parts;
  if (now >= MOTE_EARLIEST_SECONDS)
    strftime(when, sizeof when, "\"time\":\"%Y-%m-%dT%H:%M:%SZ\",", gmtime_r(&now, &parts));
  double celsius = kernel_says("/sys/class/thermal/thermal_zone0/temp", "") / 1000;
  if (celsius >= 0) snprintf(temperature, sizeof temperature, "\"celsius\":%.1f,", celsius);
  double load = kernel_says("/proc/loadavg", ""), uptime = kernel_says("/proc/uptime", "");
  double available = kernel_says("/proc/meminfo", "MemAvailable:");
  int length = snprintf(text, sizeof text, "{%s%s\"load1\":%.2f,\"memoryAvailableKiB\":%.0f,\"uptimeSeconds\":%.0f}",
                        when, temperature, load, available, uptime);
  if (length < 0 || (size_t)length >= sizeof text) return MOTE_ERROR_TOO_LARGE;

  static const mote_property properties[] = {
      {MOTE_TEXT(MOTE_CONTENT_TYPE), MOTE_TEXT("application/json")},
      {MOTE_TEXT(MOTE_CONTENT_ENCODING), MOTE_TEXT("utf-8")},
  };
  mote_telemetry telemetry = {0};
  telemetry.size = sizeof telemetry;
  telemetry.payload = (const uint8_t *)text;
  telemetry.payload_length = (size_t)length;
  telemetry.properties = properties;
  telemetry.property_count = sizeof properties / sizeof *properties;
  return mote_send(&client, &telemetry);
}

/** Makes the client. `hub`: the endpoint and its port, or null. */
static mote_status prepare(size_t secret_length, char **hub, const mote_port *port) {
  mote_client_options options = {0};
  options.size = sizeof options;
  options.connection_string = secret;
  options.connection_string_length = secret_length;
  options.port = port;
  options.tls = &tls;
  options.receives_messages = 1;
  if (hub != NULL) {
    options.endpoint = hub[0];
    options.endpoint_length = strlen(hub[0]);
    options.endpoint_port = (uint32_t)atoi(hub[1]);
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
  return mote_use_mqtt(&client, &mqtt);
}

/** Keeps the client's readings in a file, which serves one process at a time. */
static mote_status keep_in(const char *path) {
  static mote_storage storage;
  mote_status status = mote_linux_file_open(&file, path, strlen(path), 2 * sizeof outbox);
  if (status < 0) return status;
  storage = mote_storage_linux(&file);
  mote_journal_options pages = {0};
  pages.size = sizeof pages;
  pages.storage = &storage;
  pages.page_size = 2 * sizeof outbox;
  pages.page_count = 2;
  status = mote_journal_init(&journal, sizeof journal, &pages);
  if (status < 0) return status;
  int32_t restored = mote_use_journal(&client, &journal, mote_linux_now());
  if (restored > 0) printf("%d readings from before\n", (int)restored);
  return restored < 0 ? restored : MOTE_OK;
}

/** Prints an event. */
static void tell(const mote_event *event) {
  switch (event->kind) {
  case MOTE_EVENT_CONNECTED: puts("connected"); break;
  case MOTE_EVENT_DISCONNECTED: printf("disconnected: %s\n", mote_status_text(event->status)); break;
  case MOTE_EVENT_FAILED: printf("a reading is lost: %s\n", mote_status_text(event->status)); break;
  case MOTE_EVENT_MESSAGE:
    if (event->offset == 0) fputs("message: ", stdout);
    fwrite(event->payload, 1, event->payload_length, stdout);
    if (event->offset + event->payload_length == event->total) putchar('\n');
    break;
  case MOTE_EVENT_ABORTED: puts(" (broken off)"); break;
  case MOTE_EVENT_SKIPPED: printf("a message was passed over: properties of %zu bytes\n", event->skipped_length); break;
  default: break;
  }
  fflush(stdout);
}

int main(int argc, char **argv) {
  int seconds = argc > 3 ? atoi(argv[3]) : 60;
  if ((argc != 3 && argc != 4 && argc != 7) || seconds < 1)
    return fprintf(stderr, "usage: readings SECRET_FILE JOURNAL [SECONDS [ENDPOINT PORT CA_FILE]]\n"), 64;

  /* SIGTERM and SIGINT are waited for beside the network. */
  sigset_t asked;
  sigemptyset(&asked);
  sigaddset(&asked, SIGTERM);
  sigaddset(&asked, SIGINT);
  sigprocmask(SIG_BLOCK, &asked, NULL);
  int signals = signalfd(-1, &asked, SFD_CLOEXEC);
  if (signals < 0) return perror("signalfd"), EXIT_FAILURE;

  size_t secret_length = read_secret(argv[1]);
  if (secret_length == 0) return WRONG_CONFIGURATION;
  mote_tls_options trust = {0};
  trust.size = sizeof trust;
  if (argc == 7) trust.roots_file = argv[6];
  mote_status status = mote_tls_init(&tls, sizeof tls, &trust);
  if (status < 0) return fail("TLS", status);
  mote_linux_init(&network);
  mote_port port = mote_port_linux(&network);
  status = prepare(secret_length, argc == 7 ? argv + 4 : NULL, &port);
  if (status < 0) return fail("client", status);
  status = keep_in(argv[2]);
  if (status == MOTE_ERROR_STATE)
    return fprintf(stderr, "%s: another process has it open\n", argv[2]), WRONG_CONFIGURATION;
  if (status < 0) return fail(argv[2], status);
  status = mote_connect(&client, mote_linux_now());
  if (status < 0) return fail("connect", status);

  uint64_t due = mote_linux_now();
  for (;;) {
    uint64_t now = mote_linux_now();
    if (now >= due) {
      int32_t token = send_reading();
      if (token < 0) fprintf(stderr, "a reading is lost: %s\n", mote_status_text(token));
      due = now + (uint64_t)seconds * 1000;
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
    tell(&event);
    if (event.kind == MOTE_EVENT_DISCONNECTED && event.deadline == UINT64_MAX) {
      mote_linux_file_close(&file);
      mote_tls_deinit(&tls);
      return event.status == MOTE_OK ? EXIT_SUCCESS : WRONG_CONFIGURATION;
    }
  }
}
