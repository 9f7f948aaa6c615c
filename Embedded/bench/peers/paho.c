/*
 * Paho's synchronous client with callbacks, which come from a thread of its own: faster than without that thread
 * (MQTTClient_waitForCompletion), and than the asynchronous client. Only connecting is faster without.
 */
#include <MQTTClient.h>
#include <openssl/crypto.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include "peer.h"

static MQTTClient client;
static const peer_broker *place;
static sem_t room, came_back;

const char *peer_version(void) {
  static char text[64];
  const char *version = "";
  for (const MQTTClient_nameValue *fact = MQTTClient_getVersionInfo(); fact->name != NULL; fact++) {
    if (strcmp(fact->name, "Version") == 0) version = fact->value;
  }
  snprintf(text, sizeof text, "paho-c %s, OpenSSL %s", version, OpenSSL_version(OPENSSL_VERSION_STRING));
  return text;
}

static void delivered(void *context, MQTTClient_deliveryToken token) {
  (void)context, (void)token;
  sem_post(&room);
}

static int arrived(void *context, char *topic, int length, MQTTClient_message *message) {
  (void)context, (void)length;
  if (message->payloadlen == PEER_PAYLOAD) sem_post(&came_back);
  MQTTClient_freeMessage(&message);
  MQTTClient_free(topic);
  return 1;
}

int peer_make(const peer_broker *broker, int has_messages) {
  char address[128];
  place = broker;
  snprintf(address, sizeof address, "ssl://%s:%d", broker->host, broker->port);
  if (MQTTClient_create(&client, address, PEER_IDENTIFIER, MQTTCLIENT_PERSISTENCE_NONE, NULL) != 0) return 1;
  if (sem_init(&room, 0, 0) != 0 || sem_init(&came_back, 0, 0) != 0) return 2;
  return !has_messages || MQTTClient_setCallbacks(client, NULL, NULL, arrived, delivered) == 0 ? 0 : 3;
}

int peer_connect(void) {
  MQTTClient_SSLOptions trust = MQTTClient_SSLOptions_initializer;
  trust.trustStore = place->ca_file;
  trust.verify = 1;
  trust.sslVersion = MQTT_SSL_VERSION_TLS_1_2;
  MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
  options.keepAliveInterval = 240;
  options.cleansession = 0;
  options.reliable = 0; /* More than one in flight. */
  options.maxInflightMessages = PEER_WINDOW;
  options.ssl = &trust;
  return MQTTClient_connect(client, &options) == 0 ? 0 : 10;
}

int peer_disconnect(void) { return MQTTClient_disconnect(client, PEER_PATIENCE) == 0 ? 0 : 20; }

void peer_free(void) {
  MQTTClient_destroy(&client);
  sem_destroy(&room);
  sem_destroy(&came_back);
}

static int publish(const char *topic, int quality_of_service) {
  return MQTTClient_publish(client, topic, sizeof peer_payload, peer_payload, quality_of_service, 0, NULL);
}

int peer_publish(long count, int quality_of_service) {
  long window = quality_of_service == 0 ? 1 : PEER_WINDOW;
  for (long number = 0; number < window; number++) sem_post(&room);
  for (long sent = 0; sent < count; sent++) {
    if (quality_of_service == 1) sem_wait(&room);
    if (publish(PEER_TOPIC, quality_of_service) != 0) return 30;
  }
  if (quality_of_service == 0) {
    sem_wait(&room);
    if (publish(PEER_TOPIC, 1) != 0) return 31;
  }
  for (long number = 0; number < window; number++) sem_wait(&room);
  return 0;
}

int peer_subscribe(void) { return MQTTClient_subscribe(client, PEER_ECHO_TOPIC, 0) == 0 ? 0 : 40; }

int peer_round_trips(long count) {
  for (long number = 0; number < count; number++) {
    if (publish(PEER_ECHO_TOPIC, 0) != 0) return 50;
    sem_wait(&came_back);
  }
  return 0;
}
