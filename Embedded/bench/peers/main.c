/*
 * PEER JOB COUNT HOST PORT CA_FILE: does a job `count` times, and prints how long that took in seconds, the most memory
 * the process had in KiB, and how many connections resumed a TLS session. PEER version: prints the client's name. The
 * same for every client.
 */
#include <arpa/inet.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* A server's certificate is longer; a session ticket, which is new with every handshake, does not vary so much. */
#define CERTIFICATE 300

#include "peer.h"

char peer_payload[PEER_PAYLOAD];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/** The peak of this program alone: that of getrusage includes what started it. */
static long peak_memory(void) {
  char line[128];
  long kibibytes = 0;
  FILE *status = fopen("/proc/self/status", "r");
  if (status == NULL) return 0;
  while (fgets(line, sizeof line, status) != NULL) {
    if (sscanf(line, "VmHWM: %ld", &kibibytes) == 1) break;
  }
  fclose(status);
  return kibibytes;
}

/** What came over the connection to the broker, in bytes, whoever made it. */
static long bytes_received(int port) {
  for (int descriptor = 3; descriptor < 64; descriptor++) {
    struct sockaddr_in peer;
    struct tcp_info info;
    socklen_t length = sizeof peer, info_length = sizeof info;
    if (getpeername(descriptor, (struct sockaddr *)&peer, &length) != 0 || peer.sin_family != AF_INET) continue;
    if (ntohs(peer.sin_port) != port) continue;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &info_length) == 0) return (long)info.tcpi_bytes_received;
  }
  return 0;
}

/** Connects `count` times, each time with a client of its own or always with the same. Only connecting is timed. */
static int connect_often(const peer_broker *broker, long count, int is_same, double *seconds, long *resumed) {
  int step = 0;
  long with_certificate = 0;
  for (long number = 0; step == 0 && number <= count; number++) {
    if (number == 0 || !is_same) step = peer_make(broker, 0);
    double start = now();
    if (step == 0) step = peer_connect();
    /* The first finds nothing to resume, and the libraries cold. */
    if (number > 0) *seconds += now() - start;
    if (number == 0) with_certificate = bytes_received(broker->port);
    *resumed += bytes_received(broker->port) < with_certificate - CERTIFICATE;
    if (step == 0) step = peer_disconnect();
    if (number == count || !is_same) peer_free();
  }
  return step;
}

static int messages(const peer_broker *broker, const char *job, long count, double *seconds) {
  int is_round_trip = strcmp(job, "round-trip") == 0;
  int step = peer_make(broker, 1);
  if (step == 0) step = peer_connect();
  if (step == 0 && is_round_trip) step = peer_subscribe();
  double start = now();
  if (step == 0) step = is_round_trip ? peer_round_trips(count) : peer_publish(count, strcmp(job, "qos1") == 0);
  *seconds = now() - start;
  if (step == 0) step = peer_disconnect();
  peer_free();
  return step;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "version") == 0) return puts(peer_version()) < 0;
  if (argc != 6) return fprintf(stderr, "usage: %s JOB COUNT HOST PORT CA_FILE\n", argv[0]), 64;
  const char *job = argv[1];
  long count = atol(argv[2]);
  const peer_broker broker = {argv[3], atoi(argv[4]), argv[5]};
  memset(peer_payload, 'x', sizeof peer_payload);

  int step;
  double seconds = 0;
  long resumed = 0;
  if (strcmp(job, "connect") == 0 || strcmp(job, "reconnect") == 0) {
    step = connect_often(&broker, count, strcmp(job, "reconnect") == 0, &seconds, &resumed);
  } else if (strcmp(job, "qos0") == 0 || strcmp(job, "qos1") == 0 || strcmp(job, "round-trip") == 0) {
    step = messages(&broker, job, count, &seconds);
  } else {
    return fprintf(stderr, "%s: no such job: %s\n", argv[0], job), 64;
  }
  if (step != 0) {
    fprintf(stderr, "%s: %s: went wrong (step %d)\n", argv[0], job, step);
    return EXIT_FAILURE;
  }
  printf("%.6f %ld %ld\n", seconds, peak_memory(), resumed);
  return EXIT_SUCCESS;
}
