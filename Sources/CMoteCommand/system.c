/*
 * Addresses and times, for people to read.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "mote_command.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/timex.h>
#include <time.h>

void mote_command_address_text(const mote_linux *network, int32_t index, char *text, size_t capacity) {
  if (index < 0 || index >= network->address_count) {
    snprintf(text, capacity, "?");
    return;
  }
  const mote_linux_address *address = &network->addresses[index];
  char number[INET6_ADDRSTRLEN] = "?";
  inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->bytes, number, sizeof number);
  snprintf(text, capacity, "%s", number);
}

void mote_command_time_text(int64_t seconds, char *text, size_t capacity) {
  time_t time = (time_t)seconds;
  struct tm parts;
  if (gmtime_r(&time, &parts) == NULL || strftime(text, capacity, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0) {
    snprintf(text, capacity, "?");
  }
}

int64_t mote_command_http_date(const char *text) {
  struct tm parts = {0};
  return strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &parts) != NULL ? timegm(&parts) : 0;
}

int32_t mote_command_clock_is_kept(void) {
  struct timex state = {.modes = 0};
  return adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
}
