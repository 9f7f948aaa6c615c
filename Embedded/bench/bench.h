/*
 * What each client of the benchmark does: `count` times a job, whose work is all there is between the application's call
 * and a transport that only copies. See Embedded/scripts/bench-instructions.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

#define BENCH_PUBLISH_QOS0 0 /* Publishes TOPIC with PAYLOAD bytes, into the transport. */
#define BENCH_PUBLISH_QOS1 1 /* The same acknowledged, one in flight: its PUBACK comes before the next. */
#define BENCH_RECEIVE_QOS0 2 /* Takes such a message from the transport. */
#define BENCH_SAS_TOKEN 3    /* Signs a token (protocol.md, 3.5, vector A). */
#define BENCH_PROPERTY_BAG 4 /* Writes a telemetry topic with two properties. */

#define BENCH_TOPIC "devices/dev-1/messages/events"
#define BENCH_TOPIC_LENGTH 29
#define BENCH_PAYLOAD 128

#define BENCH_RECEIVE_CAPACITY 1024
#define BENCH_OUTBOX_CAPACITY 4096
#define BENCH_WIRE_CAPACITY 1024

/** The client's memory, and the transport's. */
typedef struct bench_memory {
  uint8_t receive[BENCH_RECEIVE_CAPACITY];
  uint8_t outbox[BENCH_OUTBOX_CAPACITY];
  uint8_t wire[BENCH_WIRE_CAPACITY]; /**< What left last. */
  uint8_t topic[BENCH_TOPIC_LENGTH];
  uint8_t payload[BENCH_PAYLOAD];
  uint8_t message[5 + BENCH_TOPIC_LENGTH + BENCH_PAYLOAD]; /**< A PUBLISH that comes. */
} bench_memory;

/** 0, or the number of the step that went wrong. */
int32_t bench_run(int32_t job, int32_t count, bench_memory *memory);

#endif
