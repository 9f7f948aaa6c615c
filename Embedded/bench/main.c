/*
 * bench JOB COUNT: runs a client, and makes sure that it did what it was to do. The same for every client.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static const char *const jobs[] = {"publish-qos0", "publish-qos1", "receive-qos0", "sas-token", "property-bag"};

static const char token[] =
    "SharedAccessSignature sr=MyExampleHub.azure-devices.net%2Fdevices%2Fmy-symkey-device"
    "&sig=f%2BwW8XOKeJOtiPc9Iwjc4OpExvPM7NlhM9qxN2a1aAM%3D&se=1663119026";
static const char topic[] = "devices/my-symkey-device/messages/events/%24.ct=application%2Fjson&%24.ce=utf-8";

static bench_memory memory;

/** Whether what left last is what the job should have sent. */
static int is_done(int job) {
  size_t header = job == BENCH_PUBLISH_QOS1 ? 7 : 5;
  switch (job) {
  case BENCH_PUBLISH_QOS0:
  case BENCH_PUBLISH_QOS1:
    return memory.wire[0] == (job == BENCH_PUBLISH_QOS1 ? 0x32 : 0x30) &&
           memcmp(memory.wire + 5, BENCH_TOPIC, BENCH_TOPIC_LENGTH) == 0 &&
           memcmp(memory.wire + header + BENCH_TOPIC_LENGTH, memory.payload, BENCH_PAYLOAD) == 0;
  case BENCH_SAS_TOKEN: return memcmp(memory.wire, token, sizeof token - 1) == 0;
  case BENCH_PROPERTY_BAG: return memcmp(memory.wire, topic, sizeof topic - 1) == 0;
  default: return 1;
  }
}

int main(int argc, char **argv) {
  int job = 0;
  if (argc != 3) return 64;
  while (job < 5 && strcmp(jobs[job], argv[1]) != 0) job++;

  memcpy(memory.topic, BENCH_TOPIC, BENCH_TOPIC_LENGTH);
  memset(memory.payload, 'x', BENCH_PAYLOAD);
  const size_t length = 2 + BENCH_TOPIC_LENGTH + BENCH_PAYLOAD;
  const uint8_t header[] = {0x30, (uint8_t)(0x80 | (length & 0x7F)), length >> 7, 0, BENCH_TOPIC_LENGTH};
  memcpy(memory.message, header, sizeof header);
  memcpy(memory.message + sizeof header, memory.topic, BENCH_TOPIC_LENGTH);
  memcpy(memory.message + sizeof header + BENCH_TOPIC_LENGTH, memory.payload, BENCH_PAYLOAD);

  int32_t step = bench_run(job, atoi(argv[2]), &memory);
  if (step != 0 || !is_done(job)) {
    fprintf(stderr, "bench: %s: went wrong (step %d)\n", argv[1], (int)step);
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
