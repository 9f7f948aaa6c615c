/*
 * What wakes the command line beside its connection: signals, and lines on standard input. One descriptor stands for all of
 * them, since a port waits for its connection and one other.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "mote_command.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

int32_t mote_command_wakeup_watch(int32_t wakeup, int32_t descriptor, int32_t is_watched) {
  struct epoll_event event = {.events = EPOLLIN};
  return epoll_ctl(wakeup, is_watched ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, descriptor, &event) == 0;
}

/** Adds a signal, unless whoever started the program wants it ignored, as a shell does with jobs in the background. */
static void add(sigset_t *set, int number) {
  struct sigaction action;
  if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN) sigaddset(set, number);
}

int32_t mote_command_wakeup_open(int32_t *signals) {
  sigset_t set;
  sigemptyset(&set);
  add(&set, SIGINT);
  add(&set, SIGTERM);
  signal(SIGPIPE, SIG_IGN);
  int wakeup = epoll_create1(EPOLL_CLOEXEC);
  *signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (wakeup < 0 || *signals < 0 || sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
  return mote_command_wakeup_watch(wakeup, *signals, 1) ? wakeup : -1;
}

int32_t mote_command_wakeup_signal(int32_t signals) {
  struct signalfd_siginfo information;
  return read(signals, &information, sizeof information) == (ssize_t)sizeof information ? (int32_t)information.ssi_signo : 0;
}
