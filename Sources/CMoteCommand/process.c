/*
 * Commands of the shell that answer direct methods. The input is a file in memory, so that nobody waits for it to be
 * read; the end of a process is seen at a descriptor of its own.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "mote_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/** Writes all of the bytes, and goes back to their start. */
static int fill(int file, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t count = write(file, bytes, length);
    if (count <= 0) return -1;
    bytes += count;
    length -= (size_t)count;
  }
  return lseek(file, 0, SEEK_SET) == 0 ? 0 : -1;
}

/** Becomes the command. Only what may be called between fork and exec in a program with threads. */
_Noreturn static void become(const char *command, char *const *environment, int input, int output) {
  char *const arguments[] = {"sh", "-c", (char *)command, NULL};
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  setpgid(0, 0);
  if (dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0) execve("/bin/sh", arguments, environment);
  _exit(127);
}

/** The environment with two names more, in the place of those that it had. To be freed, as are its last two. */
static char **environment_of(const char *method, const char *component) {
  size_t count = 0;
  while (environ[count] != NULL) count++;
  char **environment = calloc(count + 3, sizeof *environment);
  if (environment == NULL) return NULL;
  if (asprintf(&environment[0], "MOTE_METHOD=%s", method) < 0) environment[0] = NULL;
  if (asprintf(&environment[1], "MOTE_COMPONENT=%s", component) < 0) environment[1] = NULL;
  /* The first of a name counts. */
  for (size_t index = 0; index < count; index++) environment[2 + index] = environ[index];
  return environment;
}

int32_t mote_command_process_start(mote_command_process *process, const char *command, const char *method, const char *component,
                                   const uint8_t *bytes, size_t length) {
  /* Input, and the ends of the output: to read, and to write. */
  int files[3] = {memfd_create("mote-input", MFD_CLOEXEC), -1, -1}, result = -1;
  char **environment = environment_of(method, component);
  if (environment != NULL && environment[0] != NULL && environment[1] != NULL && files[0] >= 0 && fill(files[0], bytes, length) == 0 &&
      pipe2(files + 1, O_CLOEXEC) == 0 && fcntl(files[1], F_SETFL, O_NONBLOCK) == 0) {
    pid_t child = fork();
    if (child == 0) become(command, environment, files[0], files[2]);
    if (child > 0) {
      /* On both sides, so that it has happened before either goes on. */
      setpgid(child, child);
      int watch = (int)syscall(SYS_pidfd_open, child, 0);
      *process = (mote_command_process){.identifier = child, .watch = watch, .output = files[1]};
      if (watch >= 0) {
        result = 0;
        files[1] = -1;
      } else {
        kill(-child, SIGKILL);
        waitpid(child, NULL, 0);
      }
    }
  }
  int error = errno;
  if (environment != NULL) {
    free(environment[0]);
    free(environment[1]);
    free(environment);
  }
  for (int index = 0; index < 3; index++) {
    if (files[index] >= 0) close(files[index]);
  }
  errno = error;
  return result;
}

void mote_command_process_kill(const mote_command_process *process) { kill(-process->identifier, SIGKILL); }

int32_t mote_command_process_has_ended(const mote_command_process *process) {
  struct pollfd waiting = {.fd = process->watch, .events = POLLIN};
  if (poll(&waiting, 1, 0) <= 0) return 0;
  /* It has not been waited for yet, so that its number is still its own. */
  mote_command_process_kill(process);
  return 1;
}

int32_t mote_command_process_end(const mote_command_process *process) {
  int status = 0;
  while (waitpid(process->identifier, &status, 0) < 0 && errno == EINTR) continue;
  close(process->watch);
  close(process->output);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
