/*
 * A device without an operating system: a reading each second to IoT Hub over MQTT and verified TLS, and what the hub
 * sends to the console. All memory that Mote and mbedTLS use is here; board.h (boards/cortex-m) is the rest of the machine.
 */
#include "board.h"

#include <mbedtls/memory_buffer_alloc.h>

#include <string.h>

#define READING_INTERVAL 1000
#define REPORT_INTERVAL 10000

static mote_client client;
static mote_tls tls;
static uint8_t receive_buffer[1024], outbox[4096];
static uint8_t arena[ARENA_SIZE]; /* The memory of mbedTLS. */

static void check(const char *what, mote_status status) {
  if (status >= 0) return;
  board_print(what);
  board_print(": ");
  board_stop(mote_status_text(status));
}

static void print_line(const char *before, uint32_t number, const char *after) {
  board_print(before);
  board_print_number(number);
  board_print(after);
}

static void report_memory(void) {
  size_t bytes, blocks;
  mbedtls_memory_buffer_alloc_max_get(&bytes, &blocks);
  print_line("memory: static ", (uint32_t)(board_static_size() - sizeof arena), "");
  print_line(", arena ", (uint32_t)bytes, "");
  print_line(" in ", (uint32_t)blocks, "");
  print_line(" blocks of ", sizeof arena, "");
  print_line(", stack ", (uint32_t)board_stack_used(), "");
  print_line(" of ", (uint32_t)board_stack_size(), "\n");
}

/** Sends reading number `number`. MOTE_ERROR_OUTBOX_FULL: nothing was stored, and it has to be sent later. */
static mote_status send_reading(uint32_t number) {
  char text[64] = "{\"reading\":", *end = text + strlen(text), digits[10];
  size_t count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  while (count > 0) *end++ = digits[--count];
  *end++ = '}';

  static const mote_property properties[] = {
      {MOTE_TEXT(MOTE_CONTENT_TYPE), MOTE_TEXT("application/json")},
      {MOTE_TEXT(MOTE_CONTENT_ENCODING), MOTE_TEXT("utf-8")},
  };
  mote_telemetry telemetry = {.size = sizeof telemetry,
                              .payload = (const uint8_t *)text,
                              .payload_length = (size_t)(end - text),
                              .properties = properties,
                              .property_count = sizeof properties / sizeof *properties};
  return mote_send(&client, &telemetry);
}

static void print_event(const mote_event *event) {
  mote_error error;
  switch (event->kind) {
  case MOTE_EVENT_CONNECTED: board_print("connected\n"); break;
  case MOTE_EVENT_MESSAGE:
    if (event->offset == 0) board_print("message: ");
    board_print_bytes(event->payload, event->payload_length);
    if (event->offset + event->payload_length == event->total) board_print("\n");
    break;
  case MOTE_EVENT_FAILED: print_line("a reading is lost: ", (uint32_t)event->token, "\n"); break;
  case MOTE_EVENT_DISCONNECTED:
    mote_client_last_error(&client, &error);
    print_line("disconnected in step ", (uint32_t)error.step, ": ");
    board_print(mote_status_text(error.status));
    if (error.library_code != 0) print_line(" (mbedTLS -", (uint32_t)-error.library_code, ")");
    board_print("\n");
    break;
  default: break;
  }
}

static void start_client(void) {
  mbedtls_memory_buffer_alloc_init(arena, sizeof arena);
  mote_tls_root root = board_root();
  mote_tls_options trust = {.size = sizeof trust, .root_list = &root, .root_count = 1};
#if RECORD_SIZE < 16384
  trust.max_fragment_length = RECORD_SIZE;
#endif
  if (root.length == 0) { /* The real hub's. */
    trust.root_list = mote_iot_hub_roots();
    trust.root_count = MOTE_IOT_HUB_ROOTS;
  }
  check("TLS", mote_tls_init(&tls, sizeof tls, &trust));

  board_setting string = board_setting_of("connection_string"), endpoint = board_setting_of("endpoint");
  mote_client_options options = {.size = sizeof options,
                                 .connection_string = string.text,
                                 .connection_string_length = string.length,
                                 .port = board_port(),
                                 .tls = &tls,
                                 .endpoint = endpoint.text,
                                 .endpoint_length = endpoint.length,
                                 .endpoint_port = board_setting_number("port", 8883),
                                 .receives_messages = 1};
  check("connection string", mote_client_init(&client, sizeof client, &options));
  mote_mqtt_options mqtt = {.size = sizeof mqtt,
                            .receive_buffer = receive_buffer,
                            .receive_capacity = sizeof receive_buffer,
                            .outbox = outbox,
                            .outbox_capacity = sizeof outbox};
  check("MQTT", mote_use_mqtt(&client, &mqtt));
}

int main(void) {
  board_start();
  start_client();

  /* Certificates have dates: nothing is begun before the time is known. */
  const mote_port *port = board_port();
  while (port->wall_seconds(port->context) == 0) board_wait(0, board_now() + 100);
  check("connect", mote_connect(&client, board_now()));

  uint32_t readings = 0;
  uint64_t next_reading = board_now(), next_report = next_reading + REPORT_INTERVAL;
  for (;;) {
    uint64_t now = board_now();
    if (now >= next_reading) {
      next_reading = now + READING_INTERVAL;
      mote_status stored = send_reading(readings + 1);
      if (stored >= 0) readings += 1;
      /* No reading is taken that cannot be kept. */
      else if (stored != MOTE_ERROR_OUTBOX_FULL) check("send", stored);
    }
    if (now >= next_report) {
      next_report = now + REPORT_INTERVAL;
      report_memory();
    }
    mote_event event;
    int32_t polled = mote_poll(&client, board_now(), &event);
    check("poll", polled);
    if (polled > 0) {
      print_event(&event);
    } else {
      uint64_t until = next_reading < next_report ? next_reading : next_report;
      board_wait(event.wait, event.deadline < until ? event.deadline : until);
    }
  }
}
