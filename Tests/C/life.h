/*
 * What the tests of a connection's life share: a hub and a device, as each test begins with them.
 */
#ifndef LIFE_H
#define LIFE_H

#include "device.h"
#include "peers.h"

extern struct hub hub;
extern struct device device;
extern struct world world;
/** How long a day is where it takes long, MOTE_HOURS, and whether that is less than one: then less is repeated. */
extern uint64_t day;
extern int is_quick;

/** A fresh device and a hub that knows nobody. Null: defaults, and cloud-to-device messages. */
void begin(const mote_client_options *options, const mote_mqtt_options *mqtt);
/** The same as another identity. */
void begin_as(const char *identity, const mote_client_options *options, const mote_mqtt_options *mqtt);
/** The same, connected. */
void begin_connected(const mote_client_options *options, const mote_mqtt_options *mqtt);
/** Ends the device. Checks that its statistics were right, and that it broke no rule of MQTT. */
void finish(const char *name);

/** Whether an end was told as `step` and `status`, with a next attempt after half of `limit` to all of it. */
int is_end(const struct told *told, int32_t step, int32_t status, uint64_t limit);

void check_reach(void);
void check_refusals(void);
void check_token(void);
void check_silence(void);
void check_leave(void);
void check_corners(void);

#endif
