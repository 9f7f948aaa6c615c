/*
 * What the tests of twin and methods share: a hub, and a device that has both and writes down what it is told.
 */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "device.h"
#include "peers.h"

/** Calls that may be pending at once. */
#define CALLS 4

/** A method that was told. */
struct call {
  int32_t token;
  int is_complete;
  size_t length;
  char name[32], component[32];
};

/** What was told. */
struct heard {
  uint32_t documents, changes, reports, aborted, skipped, faults;
  int32_t document_status, report_status;
  uint32_t document_version, change_version, report_version;
  char text[131072]; /**< Of the document, or of the last change. */
  size_t length;
  struct call calls[2048];
  uint32_t call_count;
};

extern struct hub hub;
extern struct device device;
extern struct world world;
extern struct heard heard;

/** A device with twin and methods that is connected, and a hub whose document has `properties`. */
void begin(uint32_t properties);
/** The same, not connected. */
void begin_apart(uint32_t properties, const mote_twin_options *options);
/** Ends the device. Checks that it broke no rule. */
void finish(const char *name);

/** Responds to a call. */
mote_status respond(int32_t token, int32_t status, size_t length);
/** Reports a patch, which is borrowed. */
mote_status report(const char *patch);

/** Connects, and goes on until the document was told. Whether it was. */
int come_back(void);

void check_twin(void);
void check_methods(void);

#endif
