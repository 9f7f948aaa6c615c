#define _GNU_SOURCE
#include "tls_server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void need(int condition, const char *what) {
  if (condition) return;
  perror(what);
  exit(2);
}

/** Starts a process that ends at the latest when this one does. */
static void spawn(struct server *server, char *const arguments[]) {
  int input[2], output[2];
  need(pipe2(input, O_CLOEXEC) == 0 && pipe2(output, O_CLOEXEC) == 0, "pipe");
  server->process = fork();
  need(server->process >= 0, "fork");
  if (server->process == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(input[0], STDIN_FILENO);
    dup2(output[1], STDOUT_FILENO);
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    execvp(arguments[0], arguments);
    _exit(127);
  }
  close(input[0]);
  close(output[1]);
  server->input = input[1];
  server->output = output[0];
}

/** Reads into `seen` until it has `text`, or five seconds have passed. */
static int read_until(struct server *server, const char *text, char *seen, size_t capacity) {
  size_t length = 0;
  struct pollfd output = {.fd = server->output, .events = POLLIN};
  while (length + 1 < capacity && poll(&output, 1, 5000) > 0) {
    ssize_t count = read(server->output, seen + length, capacity - 1 - length);
    if (count <= 0) return 0;
    length += (size_t)count;
    if (memmem(seen, length, text, strlen(text)) != NULL) {
      seen[length] = '\0';
      return 1;
    }
  }
  return 0;
}

void server_start(struct server *server, const char *arguments) {
  char *list[64] = {"openssl", "s_server", "-accept", "127.0.0.1:0"};
  char *copy = strdup(arguments);
  size_t count = 4;
  for (char *word = strtok(copy, " "); word != NULL && count < 63; word = strtok(NULL, " ")) list[count++] = word;
  spawn(server, list);
  free(copy);

  char seen[4096];
  need(read_until(server, "ACCEPT 127.0.0.1:", seen, sizeof seen), "openssl s_server");
  server->port_number = (uint16_t)atoi(strstr(seen, "127.0.0.1:") + strlen("127.0.0.1:"));
}

int server_says(struct server *server, const char *text) {
  static char seen[1 << 20];
  return read_until(server, text, seen, sizeof seen);
}

int server_has_resumed(struct server *server) {
  static char seen[1 << 16];
  /* What it says of renegotiation comes last. */
  if (!read_until(server, "enegotiation", seen, sizeof seen)) return -1;
  return strstr(seen, "Reused session-id") != NULL;
}

void server_stop(struct server *server) {
  kill(server->process, SIGKILL);
  waitpid(server->process, NULL, 0);
  close(server->input);
  close(server->output);
}

static void note_records(struct slow_port *state, const uint8_t *bytes, size_t count) {
  for (size_t index = 0; index < count; index++) {
    if (state->record_rest > 0) {
      state->record_rest -= 1;
      continue;
    }
    state->header[state->header_length++] = bytes[index];
    if (state->header_length < sizeof state->header) continue;
    state->header_length = 0;
    state->record_rest = (size_t)state->header[3] << 8 | state->header[4];
    if (state->record_rest > state->largest_record) state->largest_record = state->record_rest;
  }
}

static int32_t slow_send(void *context, const uint8_t *bytes, size_t length) {
  struct slow_port *state = context;
  state->is_tired = !state->is_tired;
  if (state->is_tired) return 0;
  return state->below->send(state->below->context, bytes, length < state->step ? length : state->step);
}

static int32_t slow_receive(void *context, uint8_t *bytes, size_t capacity) {
  struct slow_port *state = context;
  state->is_tired = !state->is_tired;
  if (state->is_tired) return 0;
  int32_t count = state->below->receive(state->below->context, bytes, capacity < state->step ? capacity : state->step);
  if (count > 0) note_records(state, bytes, (size_t)count);
  return count;
}

static int32_t slow_entropy(void *context, uint8_t *bytes, size_t length) {
  struct slow_port *state = context;
  return state->below->entropy(state->below->context, bytes, length);
}

mote_port slow_port(struct slow_port *state, const mote_port *below, size_t step) {
  memset(state, 0, sizeof *state);
  state->below = below;
  state->step = step;
  return (mote_port){.context = state, .send = slow_send, .receive = slow_receive, .entropy = slow_entropy};
}

static int32_t scripted_send(void *context, const uint8_t *bytes, size_t length) {
  (void)context;
  (void)bytes;
  return (int32_t)length;
}

static int32_t scripted_receive(void *context, uint8_t *bytes, size_t capacity) {
  struct scripted_port *state = context;
  if (state->length == 0) return state->status;
  size_t count = capacity < state->length ? capacity : state->length;
  memcpy(bytes, state->bytes, count);
  state->bytes += count;
  state->length -= count;
  return (int32_t)count;
}

static int32_t scripted_entropy(void *context, uint8_t *bytes, size_t length) {
  struct scripted_port *state = context;
  memset(bytes, 7, length);
  return state->entropy_status;
}

mote_port scripted_port(struct scripted_port *state) {
  return (mote_port){.context = state, .send = scripted_send, .receive = scripted_receive, .entropy = scripted_entropy};
}
