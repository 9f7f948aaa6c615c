/*
 * The network below Mote's port: lwIP without an operating system, an address by DHCP, and the time by SNTP.
 */
#include "board.h"
#include "frames.h"

#include <lwip/apps/sntp.h>
#include <lwip/dhcp.h>
#include <lwip/dns.h>
#include <lwip/init.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>

/* How soon a time server is asked again that gave no believable time. */
#define TIME_AGAIN_MILLISECONDS 2000

static struct netif interface;
static int has_address;
static int64_t wall_at_start; /* UTC when clock_seconds was 0. */

uint32_t sys_now(void) { return (uint32_t)board_now(); }

uint32_t network_random(void) {
  uint32_t number = 0;
  /* Without entropy nothing connects; until then an identifier that can be guessed is better than one that is constant. */
  if (entropy_fill((uint8_t *)&number, sizeof number) != MOTE_OK) number = sys_now() * 2654435761u;
  return number;
}

uint16_t network_name_port(void) { return (uint16_t)board_setting_number("name_port", 53); }

uint16_t network_time_port(void) { return (uint16_t)board_setting_number("time_port", 123); }

/** The setting as a string of its own, for lwIP: at most `capacity` - 1 bytes, else "". */
static const char *string_of(const char *name, char *text, size_t capacity) {
  board_setting setting = board_setting_of(name);
  size_t length = setting.length < capacity ? setting.length : 0;
  for (size_t i = 0; i < length; i++) text[i] = setting.text[i];
  text[length] = 0;
  return text;
}

void network_choose_name_server(void) {
  char text[16];
  ip_addr_t address;
  if (ipaddr_aton(string_of("name_server", text, sizeof text), &address)) dns_setserver(0, &address);
}

static void ask_for_time(void *unused) {
  (void)unused;
  sntp_stop();
  sntp_init();
}

void network_set_time(uint32_t seconds) {
  if (seconds < BUILD_SECONDS || seconds < MOTE_EARLIEST_SECONDS) {
    board_print("time: refused, it is before this firmware was built\n");
    sys_timeout(TIME_AGAIN_MILLISECONDS, ask_for_time, NULL);
    return;
  }
  if (wall_at_start == 0) {
    board_print("time: ");
    board_print_number(seconds);
    board_print("\n");
  }
  wall_at_start = (int64_t)seconds - clock_seconds();
}

int64_t network_wall_seconds(void) { return wall_at_start == 0 ? 0 : wall_at_start + clock_seconds(); }

static void start_time(void) {
  static char name[64];
  sntp_setoperatingmode(SNTP_OPMODE_POLL);
  string_of("time_server", name, sizeof name);
  sntp_setservername(0, name[0] != 0 ? name : "pool.ntp.org");
  sntp_init();
}

void network_start(void) {
  lwip_init();
  if (netif_add_noaddr(&interface, NULL, frames_start, ethernet_input) == NULL) board_stop("no Ethernet controller");
  netif_set_default(&interface);
  netif_set_up(&interface);
  if (dhcp_start(&interface) != ERR_OK) board_stop("no memory for DHCP");
}

void network_poll(void) {
  frames_poll(&interface);
  sys_check_timeouts();
  if (!has_address && dhcp_supplied_address(&interface)) {
    has_address = 1;
    board_print("address: ");
    char text[16];
    board_print(ip4addr_ntoa_r(netif_ip4_addr(&interface), text, sizeof text));
    board_print("\n");
    network_choose_name_server();
    start_time();
  }
}
