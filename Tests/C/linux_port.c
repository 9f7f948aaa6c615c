/*
 * The Linux port by itself: names, connections that come about and that do not, waiting, and the wall clock.
 */
#define _GNU_SOURCE
#include "checks.h"
#include "mote_linux.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static mote_linux state;
static mote_port port;

static int32_t resolve(const char *name) {
  uint64_t deadline = mote_linux_now() + 20000;
  int32_t result;
  while ((result = port.resolve(&state, name, strlen(name))) == 0 && mote_linux_now() < deadline) {
    mote_linux_wait(&state, MOTE_WAIT_READ, deadline, -1);
  }
  return result;
}

static int32_t connect_to(int32_t index, uint16_t number) {
  uint64_t deadline = mote_linux_now() + 5000;
  int32_t result;
  while ((result = port.connect(&state, index, number)) == 0 && mote_linux_now() < deadline) {
    mote_linux_wait(&state, MOTE_WAIT_WRITE, deadline, -1);
  }
  return result;
}

/** A socket bound to a free port of `address`, listening or not. */
static int bound_socket(const char *address, int is_listening, uint16_t *number) {
  struct sockaddr_in name = {.sin_family = AF_INET};
  socklen_t length = sizeof name;
  inet_pton(AF_INET, address, &name.sin_addr);
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(descriptor, (struct sockaddr *)&name, sizeof name) != 0) perror("bind");
  if (is_listening && listen(descriptor, 1) != 0) perror("listen");
  getsockname(descriptor, (struct sockaddr *)&name, &length);
  *number = ntohs(name.sin_port);
  return descriptor;
}

static int count_entries(const char *path) {
  int count = 0;
  DIR *folder = opendir(path);
  while (folder != NULL && readdir(folder) != NULL) count += 1;
  if (folder != NULL) closedir(folder);
  return count;
}

/** Whether, within some seconds, there are no more threads than `count`. */
static int threads_end(int count) {
  for (int attempt = 0; attempt < 2000 && count_entries("/proc/self/task") > count; attempt++) poll(NULL, 0, 10);
  return count_entries("/proc/self/task") <= count;
}

static void check_names(void) {
  char long_name[254];
  memset(long_name, 'a', sizeof long_name);
  check(resolve("127.0.0.1") == 1 && state.resolver == -1 && state.addresses[0].family == 4 &&
          memcmp(state.addresses[0].bytes, "\x7f\0\0\1", 4) == 0,
        "takes an IPv4 address as it is");
  check(resolve("::1") == 1 && state.addresses[0].family == 6 && state.addresses[0].bytes[15] == 1,
        "takes an IPv6 address as it is");
  check(port.resolve(&state, "localhost", 9) == 0 && state.resolver >= 0 && state.address_count == 0,
        "looks a name up meanwhile");
  check(resolve("localhost") >= 1 && state.address_count >= 1, "finds a name");
  int threads = count_entries("/proc/self/task");
  check(resolve("no such host") < 0, "finds no name that is none");
  check(port.resolve(&state, long_name, sizeof long_name) == MOTE_ERROR_NAME_NOT_FOUND, "knows that a name is too long");
  check(port.resolve(&state, "", 0) == MOTE_ERROR_NAME_NOT_FOUND, "knows that a name is empty");
  for (int attempt = 0; attempt < 20; attempt++) {
    port.resolve(&state, "localhost", 9);
    port.close(&state);
  }
  check(threads_end(threads) && state.resolver == -1, "may be left before the answer");
}

static void check_connections(void) {
  uint16_t open_number, closed_number;
  int listener = bound_socket("127.0.0.1", 1, &open_number);
  int closed = bound_socket("127.0.0.1", 0, &closed_number);
  uint8_t bytes[4] = {1, 2, 3, 4};
  resolve("127.0.0.1");
  check(connect_to(0, closed_number) == MOTE_ERROR_REFUSED && state.socket == -1, "is refused");
  check(connect_to(1, open_number) == MOTE_ERROR_ARGUMENT, "has no other address");
  check(connect_to(0, open_number) == 1, "connects");
  int peer = accept(listener, NULL, NULL);
  check(port.receive(&state, bytes, 4) == 0, "receives nothing when there is nothing");
  check(port.send(&state, bytes, 3) == 3 && recv(peer, bytes, 4, 0) == 3, "sends");
  check(send(peer, bytes, 2, 0) == 2 && mote_linux_wait(&state, MOTE_WAIT_READ, UINT64_MAX, -1) == 0 &&
          port.receive(&state, bytes, 4) == 2,
        "receives");
  close(peer);
  mote_linux_wait(&state, MOTE_WAIT_READ, mote_linux_now() + 1000, -1);
  check(port.receive(&state, bytes, 4) == MOTE_ERROR_CLOSED, "notices the end");
  int32_t result = 1;
  for (int attempt = 0; attempt < 10 && result > 0; attempt++) {
    result = port.send(&state, bytes, 1);
    poll(NULL, 0, 10);
  }
  check(result == MOTE_ERROR_RESET, "notices that nobody takes what it sends");
  port.close(&state);
  port.close(&state);
  check(port.send(&state, bytes, 1) == MOTE_ERROR_STATE && port.receive(&state, bytes, 1) == MOTE_ERROR_STATE,
        "knows that it is closed");
  close(listener);
  close(closed);
}

/** A peer that takes nothing: what it has room for is given to it, and the kernel keeps little more. */
static void check_slow_peer(void) {
  uint16_t number;
  int listener = bound_socket("127.0.0.1", 1, &number);
  int room = 4096;
  size_t taken = 0;
  static uint8_t bytes[4096];
  setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  resolve("127.0.0.1");
  check(connect_to(0, number) == 1, "connects to a slow peer");
  for (int32_t count = 1; count > 0; taken += (size_t)count) count = port.send(&state, bytes, sizeof bytes);
  printf("  %zu bytes\n", taken);
  check(taken > 0 && taken <= 128 * 1024, "keeps little that has not left");
  port.close(&state);
  close(listener);
}

static void check_waiting(void) {
  int descriptors[2];
  mote_linux_init(NULL);
  check(mote_linux_wait(NULL, 0, UINT64_MAX, -1) == MOTE_ERROR_ARGUMENT, "nothing is waited for without a port");
  mote_linux_init(&state);
  if (pipe(descriptors) != 0) perror("pipe");
  uint64_t start = mote_linux_now();
  int32_t other = mote_linux_wait(&state, MOTE_WAIT_READ, start + 50, descriptors[0]);
  uint64_t end = mote_linux_now();
  check(other == 0 && end - start >= 50 && end - start < 1000, "waits until the deadline, not less");
  check(mote_linux_wait(&state, 0, start, -1) == 0 && mote_linux_now() - end < 50, "does not wait for what is past");
  if (write(descriptors[1], "", 1) != 1) perror("write");
  check(mote_linux_wait(&state, MOTE_WAIT_READ, UINT64_MAX, descriptors[0]) == 1, "is woken by another descriptor");
  close(descriptors[0]);
  close(descriptors[1]);
}

static void check_clock_and_entropy(void) {
  uint8_t some[512] = {0}, more[512] = {0};
  int64_t difference = port.wall_seconds(&state) - (int64_t)time(NULL);
  check(difference >= -1 && difference <= 1, "tells the time of day");
  check(port.entropy(&state, some, sizeof some) == MOTE_OK && port.entropy(&state, more, sizeof more) == MOTE_OK &&
          memcmp(some, more, sizeof some) != 0 && memcmp(some + 256, more + 256, 256) != 0,
        "gives random bytes");
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  mote_linux_init(&state);
  port = mote_port_linux(&state);
  int before = count_entries("/proc/self/fd");
  check_names();
  check_connections();
  check_slow_peer();
  check_waiting();
  check_clock_and_entropy();
  check(count_entries("/proc/self/fd") == before, "leaves no descriptor open");
  return checks_end();
}
