/*
 * The Linux port: one TCP connection that never blocks, random bytes, clocks, and waiting for all of it.
 */
#include "mote_linux_private.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static mote_status status_of(int error) {
  switch (error) {
  case ECONNREFUSED:
    return MOTE_ERROR_REFUSED;
  case ENETUNREACH:
  case EHOSTUNREACH:
  case ENETDOWN:
  case EHOSTDOWN:
  case EADDRNOTAVAIL:
  case EAFNOSUPPORT:
    return MOTE_ERROR_UNREACHABLE;
  case ECONNRESET:
  case ECONNABORTED:
  case EPIPE:
    return MOTE_ERROR_RESET;
  case ETIMEDOUT:
    return MOTE_ERROR_TIMED_OUT;
  default:
    return MOTE_ERROR_NETWORK;
  }
}

void mote_linux_close_descriptor(int32_t *descriptor) {
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
}

static void close_socket(mote_linux *state) {
  mote_linux_close_descriptor(&state->socket);
  state->connecting = -1;
}

static int32_t resolve(void *context, const char *name, size_t length) {
  return mote_linux_resolve(context, name, length);
}

/** Fills in what connect(2) takes; the result is its length. */
static socklen_t socket_address(const mote_linux_address *address, uint16_t port_number, struct sockaddr_storage *storage) {
  memset(storage, 0, sizeof *storage);
  if (address->family == 4) {
    struct sockaddr_in internet = {.sin_family = AF_INET, .sin_port = htons(port_number)};
    memcpy(&internet.sin_addr, address->bytes, sizeof internet.sin_addr);
    memcpy(storage, &internet, sizeof internet);
    return sizeof internet;
  }
  struct sockaddr_in6 internet = {.sin6_family = AF_INET6, .sin6_port = htons(port_number)};
  internet.sin6_scope_id = address->scope;
  memcpy(&internet.sin6_addr, address->bytes, sizeof internet.sin6_addr);
  memcpy(storage, &internet, sizeof internet);
  return sizeof internet;
}

/** 1: connected; 0: under way; below zero: an error, and there is no socket. */
static int32_t open_socket(mote_linux *state, int32_t index, uint16_t port_number) {
  struct sockaddr_storage storage;
  socklen_t length = socket_address(&state->addresses[index], port_number, &storage);
  int error = 0;
  int at_once = 1;
  int unsent_limit = 16384;
  state->socket = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (state->socket < 0) return status_of(errno);
  /* What the kernel has not sent yet counts as sent here, and its answer is awaited: so it is seconds' worth of a slow line, not
   * minutes'. A kernel that knows no such limit has its own. */
  (void)setsockopt(state->socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_limit, sizeof unsent_limit);
  if (setsockopt(state->socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once) != 0 ||
      connect(state->socket, (const struct sockaddr *)&storage, length) != 0) {
    error = errno;
  }
  if (error == 0) return 1;
  if (error == EINPROGRESS || error == EINTR) {
    state->connecting = index;
    return 0;
  }
  close_socket(state);
  return status_of(error);
}

static int32_t finish_connecting(mote_linux *state) {
  struct pollfd descriptor = {.fd = state->socket, .events = POLLOUT};
  if (poll(&descriptor, 1, 0) <= 0) return 0;
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(state->socket, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  state->connecting = -1;
  if (error == 0) return 1;
  close_socket(state);
  return status_of(error);
}

static int32_t open_connection(void *context, int32_t index, uint16_t port_number) {
  mote_linux *state = context;
  if (index < 0 || index >= state->address_count || port_number == 0) return MOTE_ERROR_ARGUMENT;
  if (state->connecting == index) return finish_connecting(state);
  close_socket(state);
  return open_socket(state, index, port_number);
}

static int32_t send_bytes(void *context, const uint8_t *bytes, size_t length) {
  const mote_linux *state = context;
  if (state->socket < 0) return MOTE_ERROR_STATE;
  ssize_t sent;
  do {
    sent = send(state->socket, bytes, length > INT32_MAX ? INT32_MAX : length, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return (int32_t)sent;
  return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : status_of(errno);
}

static int32_t receive_bytes(void *context, uint8_t *bytes, size_t capacity) {
  const mote_linux *state = context;
  if (state->socket < 0) return MOTE_ERROR_STATE;
  if (capacity == 0) return 0;
  ssize_t received;
  do {
    received = recv(state->socket, bytes, capacity > INT32_MAX ? INT32_MAX : capacity, 0);
  } while (received < 0 && errno == EINTR);
  if (received > 0) return (int32_t)received;
  if (received == 0) return MOTE_ERROR_CLOSED;
  return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : status_of(errno);
}

static void close_everything(void *context) {
  mote_linux *state = context;
  mote_linux_close_descriptor(&state->resolver);
  close_socket(state);
}

/** Fails rather than waits early in the boot, while the kernel has not gathered enough itself. */
static int32_t fill_with_entropy(void *context, uint8_t *bytes, size_t length) {
  (void)context;
  while (length > 0) {
    ssize_t filled = getrandom(bytes, length, GRND_NONBLOCK);
    if (filled < 0 && errno == EINTR) continue;
    if (filled <= 0) return MOTE_ERROR_NO_ENTROPY;
    bytes += filled;
    length -= (size_t)filled;
  }
  return MOTE_OK;
}

static int64_t wall_seconds(void *context) {
  (void)context;
  struct timespec time;
  return clock_gettime(CLOCK_REALTIME, &time) == 0 ? (int64_t)time.tv_sec : 0;
}

void mote_linux_init(mote_linux *state) {
  if (state == NULL) return;
  memset(state, 0, sizeof *state);
  state->socket = -1;
  state->resolver = -1;
  state->connecting = -1;
}

mote_port mote_port_linux(mote_linux *state) {
  return (mote_port){
    .context = state,
    .resolve = resolve,
    .connect = open_connection,
    .send = send_bytes,
    .receive = receive_bytes,
    .close = close_everything,
    .entropy = fill_with_entropy,
    .wall_seconds = wall_seconds,
  };
}

/* The clock that goes on while the system sleeps: servers and tokens do not wait for a device that is suspended. */
uint64_t mote_linux_now(void) {
  struct timespec time;
  if (clock_gettime(CLOCK_BOOTTIME, &time) != 0) return 0;
  return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/** What poll(2) waits at most: -1 for no end. Milliseconds of `now` are cut off, so the wait ends no earlier. */
static int patience(uint64_t deadline) {
  if (deadline == UINT64_MAX) return -1;
  uint64_t now = mote_linux_now();
  if (deadline <= now) return 0;
  return deadline - now > INT_MAX ? INT_MAX : (int)(deadline - now);
}

int32_t mote_linux_wait(const mote_linux *state, int32_t wait, uint64_t deadline, int32_t other) {
  if (state == NULL) return MOTE_ERROR_ARGUMENT;
  short events = (short)((wait & MOTE_WAIT_READ ? POLLIN : 0) | (wait & MOTE_WAIT_WRITE ? POLLOUT : 0));
  /* A descriptor below zero is passed over by poll: one that is waited for in no way must not wake it with POLLHUP. */
  int descriptor = state->resolver >= 0 ? state->resolver : state->socket;
  struct pollfd descriptors[2] = {
    {.fd = events != 0 ? descriptor : -1, .events = state->resolver >= 0 ? POLLIN : events},
    {.fd = other, .events = POLLIN},
  };
  return poll(descriptors, 2, patience(deadline)) > 0 && descriptors[1].revents != 0;
}
