/*
 * Twin and direct methods as the hub has them, for the tests of the virtual world.
 */
#include "hub.h"

#include "peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void hub_publish(struct hub_connection *connection, const char *topic, size_t topic_length, const void *payload, size_t length) {
  static uint8_t packet[HUB_OUTPUT];
  size_t rest = 2 + topic_length + length, end = 1;
  need(rest + 5 <= sizeof packet, "a packet that the hub can write");
  packet[0] = 0x30;
  do {
    packet[end++] = (uint8_t)((rest & 0x7F) | (rest > 0x7F ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  packet[end++] = (uint8_t)(topic_length >> 8);
  packet[end++] = (uint8_t)topic_length;
  memcpy(packet + end, topic, topic_length);
  if (length > 0) memcpy(packet + end + topic_length, payload, length);
  hub_write(connection, packet, end + topic_length + length);
}

size_t hub_document(const struct hub *hub, char *text, size_t capacity) {
  const struct hub_requests *requests = &hub->requests;
  int length = snprintf(text, capacity, "{\"desired\":{");
  for (uint32_t index = 0; index < requests->properties; index++) {
    length += snprintf(text + length, capacity - (size_t)length, "\"p%u\":{\"$version\":%u,\"\\\"desired\\\"\":[%u]},", (unsigned)index,
                       (unsigned)(index + 1000), (unsigned)(index * 7));
  }
  length += snprintf(text + length, capacity - (size_t)length, "\"$version\":%u},\"reported\":{\"$version\":%u}}", (unsigned)requests->desired,
                     (unsigned)requests->reported);
  need((size_t)length < capacity, "room for a document");
  return (size_t)length;
}

/** Answers a request of the twin. */
static void answer(struct hub_connection *connection, int32_t status, const char *identifier, uint32_t version, const char *body, size_t length) {
  char topic[128];
  int end = snprintf(topic, sizeof topic, "$iothub/twin/res/%d/?$rid=%s", (int)status, identifier);
  if (version > 0) end += snprintf(topic + end, sizeof topic - (size_t)end, "&$version=%u", (unsigned)version);
  connection->hub->requests.answers++;
  hub_publish(connection, topic, (size_t)end, body, length);
}

static void take_twin(struct hub_connection *connection, const char *identifier, int is_get, const uint8_t *payload, size_t length) {
  static char text[HUB_OUTPUT - 256];
  struct hub_requests *requests = &connection->hub->requests;
  if (is_get) {
    requests->gets++;
  } else {
    requests->patches++;
    snprintf(requests->patch, sizeof requests->patch, "%.*s", (int)length, (const char *)payload);
  }
  if (requests->withholds_answers) return;
  if (requests->busy_count > 0) {
    requests->busy_count--;
    answer(connection, requests->busy, identifier, 0, "{\"errorCode\":1}", 15);
  } else if (is_get) {
    answer(connection, 200, identifier, 0, text, hub_document(connection->hub, text, sizeof text));
  } else {
    answer(connection, 204, identifier, ++requests->reported, "", 0);
  }
}

/** The response to a call, whose identifier hub_call wrote. */
static int take_response(struct hub *hub, const char *topic, size_t length) {
  unsigned status = 0, number = 0;
  int end = 0;
  if (sscanf(topic, "$iothub/methods/res/%u/?$rid=call%%2F%u%n", &status, &number, &end) != 2 || topic[end] != '\0') return 0;
  need(number < 1024, "a call's number");
  hub->requests.responses++;
  hub->requests.calls[number].count++;
  hub->requests.calls[number].status = (int32_t)status;
  hub->requests.calls[number].length = length;
  return 1;
}

int hub_take_request(struct hub_connection *connection, const char *topic, const uint8_t *payload, size_t length) {
  static const char get[] = "$iothub/twin/GET/?$rid=", patch[] = "$iothub/twin/PATCH/properties/reported/?$rid=";
  int subscriptions = connection->session->subscriptions;
  if (strncmp(topic, get, sizeof get - 1) == 0 && length == 0 && (subscriptions & HUB_ANSWERS)) {
    take_twin(connection, topic + sizeof get - 1, 1, payload, length);
    return 1;
  }
  if (strncmp(topic, patch, sizeof patch - 1) == 0 && (subscriptions & HUB_ANSWERS)) {
    take_twin(connection, topic + sizeof patch - 1, 0, payload, length);
    return 1;
  }
  if ((subscriptions & HUB_METHODS) && take_response(connection->hub, topic, length)) return 1;
  snprintf(connection->hub->requests.strange, sizeof connection->hub->requests.strange, "%s", topic);
  /* Responses to what a test made up are no violation. */
  return strncmp(topic, "$iothub/methods/res/", 20) == 0;
}

void hub_desire(struct hub *hub, const char *client_identifier, uint32_t version) {
  struct hub_connection *connection = hub_find(hub, client_identifier);
  uint32_t told = version > 0 ? version : ++hub->requests.desired;
  if (connection == NULL || hub->requests.loses_desired || (connection->session->subscriptions & HUB_DESIRED) == 0) return;
  char topic[128], body[64];
  int length = snprintf(topic, sizeof topic, "$iothub/twin/PATCH/properties/desired/?$version=%u", (unsigned)told);
  int end = snprintf(body, sizeof body, "{\"v\":%u,\"$version\":%u}", (unsigned)told, (unsigned)told);
  hub->requests.changes++;
  hub_publish(connection, topic, (size_t)length, body, (size_t)end);
}

void hub_call(struct hub *hub, const char *client_identifier, const char *name, uint32_t number, size_t length) {
  static uint8_t payload[HUB_BUFFER];
  struct hub_connection *connection = hub_find(hub, client_identifier);
  char topic[256];
  need(connection != NULL && length <= sizeof payload, "a call");
  fill_payload(number, 0, payload, length);
  int end = snprintf(topic, sizeof topic, "$iothub/methods/POST/%s/?$rid=call%%2F%u", name, (unsigned)number);
  hub_publish(connection, topic, (size_t)end, payload, length);
}
