/*
 * Name resolution that never blocks. getaddrinfo blocks, so it runs on a thread of its own, which shares no memory with
 * anyone: it has one end of a socket pair, reads the name there, and writes its answer back. Whoever no longer wants
 * the answer closes the other end.
 */
#include "mote_linux_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The longest name that DNS knows, in text (RFC 1035, 2.3.4). */
#define LONGEST_NAME 253

/* Enough for the C library's resolver and what it loads (the default, 8 MiB, counts on a small board). */
#define THREAD_STACK ((size_t)256 * 1024)

/** What the thread answers. One message, since the pair keeps the boundaries of messages. */
struct answer {
  int32_t result; /**< As mote_port's resolve. */
  mote_linux_address addresses[MOTE_LINUX_ADDRESSES];
};

static int32_t status_of(int code) {
  switch (code) {
  case EAI_NONAME:
#ifdef EAI_NODATA
  case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
  case EAI_ADDRFAMILY:
#endif
    return MOTE_ERROR_NAME_NOT_FOUND;
  default:
    return MOTE_ERROR_NAME_SERVER;
  }
}

/** Whether `found` is an address of a family that is known here. */
static int take_address(const struct addrinfo *found, mote_linux_address *address) {
  if (found->ai_family == AF_INET) {
    struct sockaddr_in socket_address;
    memcpy(&socket_address, found->ai_addr, sizeof socket_address);
    address->family = 4;
    memcpy(address->bytes, &socket_address.sin_addr, sizeof socket_address.sin_addr);
    return 1;
  }
  if (found->ai_family == AF_INET6) {
    struct sockaddr_in6 socket_address;
    memcpy(&socket_address, found->ai_addr, sizeof socket_address);
    address->family = 6;
    memcpy(address->bytes, &socket_address.sin6_addr, sizeof socket_address.sin6_addr);
    address->scope = socket_address.sin6_scope_id;
    return 1;
  }
  return 0;
}

static void look_up(const char *name, struct answer *answer) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *list = NULL;
  int code = getaddrinfo(name, NULL, &hints, &list);
  if (code != 0) {
    answer->result = status_of(code);
    return;
  }
  for (struct addrinfo *found = list; found != NULL && answer->result < MOTE_LINUX_ADDRESSES; found = found->ai_next) {
    answer->result += take_address(found, &answer->addresses[answer->result]);
  }
  freeaddrinfo(list);
  if (answer->result == 0) answer->result = MOTE_ERROR_NAME_NOT_FOUND;
}

static void *run(void *argument) {
  int end = (int)(intptr_t)argument;
  char name[LONGEST_NAME + 1];
  struct answer answer;
  memset(&answer, 0, sizeof answer);
  ssize_t length = recv(end, name, LONGEST_NAME, 0);
  if (length > 0) {
    name[length] = '\0';
    look_up(name, &answer);
    (void)!send(end, &answer, sizeof answer, MSG_NOSIGNAL);
  }
  close(end);
  return NULL;
}

/** Starts the thread with all signals blocked: they are the program's, to be handled on its own threads. */
static int start_thread(int end) {
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return 0;
  sigset_t all, before;
  sigfillset(&all);
  pthread_t thread;
  int is_started = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
                   pthread_attr_setstacksize(&attributes, THREAD_STACK) == 0 &&
                   pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
  if (is_started) {
    is_started = pthread_create(&thread, &attributes, run, (void *)(intptr_t)end) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
  }
  pthread_attr_destroy(&attributes);
  return is_started;
}

static int32_t begin(mote_linux *state, const char *name, size_t length) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) return MOTE_ERROR_NAME_SERVER;
  if (send(pair[0], name, length, MSG_NOSIGNAL) != (ssize_t)length || !start_thread(pair[1])) {
    close(pair[0]);
    close(pair[1]);
    return MOTE_ERROR_NAME_SERVER;
  }
  state->resolver = pair[0];
  return 0;
}

static int32_t take_answer(mote_linux *state) {
  struct answer answer;
  ssize_t length = recv(state->resolver, &answer, sizeof answer, 0);
  if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return 0;
  mote_linux_close_descriptor(&state->resolver);
  if (length != (ssize_t)sizeof answer) return MOTE_ERROR_NAME_SERVER;
  if (answer.result > 0) {
    state->address_count = answer.result;
    memcpy(state->addresses, answer.addresses, sizeof answer.addresses);
  }
  return answer.result;
}

/** An address in text needs no looking up: 1 when `name` is one. */
static int32_t take_literal(mote_linux *state, const char *name) {
  mote_linux_address *address = &state->addresses[0];
  memset(address, 0, sizeof *address);
  if (inet_pton(AF_INET, name, address->bytes) == 1) address->family = 4;
  else if (inet_pton(AF_INET6, name, address->bytes) == 1) address->family = 6;
  else return 0;
  state->address_count = 1;
  return 1;
}

int32_t mote_linux_resolve(mote_linux *state, const char *name, size_t length) {
  if (state->resolver >= 0) return take_answer(state);
  if (length == 0 || length > LONGEST_NAME || memchr(name, '\0', length) != NULL) return MOTE_ERROR_NAME_NOT_FOUND;

  char terminated[LONGEST_NAME + 1];
  memcpy(terminated, name, length);
  terminated[length] = '\0';
  state->address_count = 0;
  if (take_literal(state, terminated)) return 1;
  return begin(state, name, length);
}
