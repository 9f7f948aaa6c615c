/*
 * A hub in memory: TLS by mbedTLS, and behind it as much of an MQTT 3.1.1 server as a device meets, written from the
 * specification. It does what a hub should, unless a test tells it otherwise, and keeps what a test wants to know.
 */
#ifndef HUB_H
#define HUB_H

#include "network.h"

#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/x509_crt.h>

#define HUB_NAME "hub.example"
/** Connections at a time, half-open ones too. */
#define HUB_CONNECTIONS 48
#define HUB_SESSIONS 32
/** How many CONNECTs are kept, and how many numbered messages. */
#define GREETINGS 4096
#define NUMBERS 65536
/** Cloud-to-device messages that wait for a device: as many as IoT Hub keeps. */
#define HUB_QUEUE 50

/** What a certificate and its key say who the server is. */
struct hub_identity {
  mbedtls_ssl_config configuration;
  mbedtls_ssl_cache_context cache;
  mbedtls_x509_crt chain;
  mbedtls_pk_context key;
};

/* What a device can subscribe to, one bit each. */
#define HUB_MESSAGES 1
#define HUB_METHODS 2
#define HUB_ANSWERS 4
#define HUB_DESIRED 8
#define HUB_FILTERS 4

/** What the hub keeps of a device that is gone. */
struct hub_session {
  char client_identifier[64];
  int is_kept, subscriptions;
  uint16_t last_identifier;
  struct {
    uint32_t number;
    uint16_t identifier; /**< 0: has not left. */
    int is_in_flight;    /**< By this connection. */
  } queue[HUB_QUEUE];
  size_t queue_length;
};

/** A CONNECT. */
struct greeting {
  uint64_t at;
  int64_t expiry; /**< `se` of the token; 0: there was none. */
  char client_identifier[64];
  char user_name[128];
};

#define HUB_BUFFER 24576
/** A twin's document has room in what the hub says. */
#define HUB_OUTPUT 98304

/* What a device meets first (front.c). */
#define FRONT_NONE 0
#define FRONT_HTTP 1      /**< A proxy: HTTP CONNECT. */
#define FRONT_SOCKS5 2    /**< A proxy that wants a user name and password. */
#define FRONT_WEBSOCKET 3 /**< Behind TLS. */
#define PROXY_NAME "proxy.example"
#define PROXY_PORT 3128

struct front {
  int32_t kind;      /**< FRONT_* */
  int32_t withholds; /**< It says nothing. */
  int32_t status;    /**< What it refuses with: of HTTP, or a reply of SOCKS5, or there 255 for the methods; 0: it does not. */
  int32_t is_cut;    /**< After `cut` bytes of all it says first, the connection ends with `ending`; 0: nothing comes any more. */
  size_t cut;
  int32_t ending;
  size_t said;       /**< How many bytes it had to say last. */
};

/** How far a connection has come there. */
struct front_connection {
  int is_open;
  int stage;
  size_t said;
  uint8_t bytes[HUB_BUFFER]; /**< What has come, and was not taken. */
  size_t length;
};

/** The hub's end of a TCP connection. */
struct hub_connection {
  struct hub *hub;
  struct line line;
  int is_used, is_greeted;
  int tls_state; /**< 0: shakes hands; 1: open. */
  mbedtls_ssl_context tls;
  struct hub_session *session;
  int64_t expiry;
  uint64_t patience, silent_at; /**< When it is given up (3.1.2.10). */
  int32_t ending;     /**< Closed with this status once all has been written; 0: not. */
  uint8_t input[HUB_BUFFER], output[HUB_OUTPUT];
  size_t input_length, output_length;
  struct front_connection front;
};

/** The bytes from `offset` on of telemetry message `number`, which begins with its number. */
void fill_payload(uint32_t number, size_t offset, uint8_t *bytes, size_t length);

/** The twin of the one device that has any, and the methods called of it. */
struct hub_requests {
  /* What it does. */
  uint32_t properties;       /**< Desired properties of the document. */
  int32_t busy, busy_count;  /**< The status of so many answers to come. */
  int32_t withholds_answers; /**< Nothing is answered. */
  int32_t loses_desired;     /**< Changes are not told. */

  /* What it has and has seen. */
  uint32_t desired, reported; /**< Versions. */
  uint32_t gets, patches, answers, changes;
  char patch[256]; /**< The last. */
  uint32_t subscribes, filters; /**< Packets, and the filters of the last. */
  uint32_t responses;
  struct {
    uint32_t count;
    int32_t status;
    size_t length;
  } calls[1024]; /**< By the request identifier, a number, of hub_call. */
  char strange[128]; /**< The last topic that was neither. */
};

struct hub {
  struct hub_identity own, stranger;
  uint64_t random;

  /* What it does. Zero is what a hub should do. */
  int32_t is_stopped;  /**< TCP is refused, and nothing is open. */
  uint32_t tcp_limit;  /**< Most TCP connections that it takes within a second; 0: any. */
  int32_t is_stranger; /**< It shows a certificate of somebody whom nobody trusts. */
  int32_t connack;     /**< Return code. */
  int32_t withholds_handshake, withholds_connack, withholds_suback, withholds_puback, withholds_pingresp;
  int32_t refuses_subscription;
  int32_t forgets_sessions;
  int32_t lingers;      /**< After DISCONNECT it does not close. */
  size_t cuts_packet;   /**< Of the next packet it sends so many bytes, and resets; 0: all. */
  uint64_t milliseconds; /**< How long a byte is on its way. */
  struct front front;

  /* What it has seen. */
  struct greeting greetings[GREETINGS];
  size_t greeting_count;
  uint32_t tcp_count, tcp_refused, accepted, displaced, disconnects, pings, expired, dead;
  uint32_t violations; /**< Of the specification, by a client. */
  uint64_t bytes_received, bytes_sent; /**< Of MQTT. */
  uint16_t arrivals[NUMBERS]; /**< How often each telemetry message has come. */
  uint32_t first_arrivals, disordered, repeated, duplicate_flags;
  uint32_t next_number; /**< The telemetry message that is to come next for the first time. */
  uint32_t confirmed;   /**< Cloud-to-device messages that were acknowledged. */
  uint64_t tcp_second;
  uint32_t tcp_in_second;
  struct hub_requests requests;

  struct hub_connection connections[HUB_CONNECTIONS];
  struct hub_session sessions[HUB_SESSIONS];
};

/** Reads the certificates in the current folder. */
void hub_start(struct hub *hub, uint64_t seed);
/** Closes everything, and forgets what it did and saw. Sessions too. */
void hub_reset(struct hub *hub);
/** Forgets the TLS sessions that it might resume. */
void hub_forget_tls(struct hub *hub);
void hub_end(struct hub *hub);

/** Somebody connects: the connection, or null when it is refused. */
struct hub_connection *hub_accept(struct hub *hub);

/** Does what can be done now. Whether there was anything. */
int hub_run(struct hub *hub);

/** When there will be something to do though nobody sends. */
uint64_t hub_next(const struct hub *hub);

/** The connection that has greeted as `client_identifier`, or null. */
struct hub_connection *hub_find(struct hub *hub, const char *client_identifier);
struct hub_session *hub_session(struct hub *hub, const char *client_identifier);

/** Closes a connection, or with null all: after what has been written, with CLOSED or RESET as `status`. */
void hub_close(struct hub *hub, struct hub_connection *connection, int32_t status);

/** Queues a numbered message for a device. Whether there was room. */
int hub_say(struct hub *hub, const char *client_identifier, uint32_t number);

/** Changes a desired property, and tells a device that wants to know, or with `version` above zero says that one again. */
void hub_desire(struct hub *hub, const char *client_identifier, uint32_t version);

/** Calls a method, with a payload of `length` bytes. */
void hub_call(struct hub *hub, const char *client_identifier, const char *name, uint32_t number, size_t length);

/** Sends a PUBLISH at quality of service 0. */
void hub_publish(struct hub_connection *connection, const char *topic, size_t topic_length, const void *payload, size_t length);

/** The twin's document as it stands, in `text`. Its length. */
size_t hub_document(const struct hub *hub, char *text, size_t capacity);

/* Between hub.c, front.c, hub_mqtt.c and hub_requests.c. */
/** A proxy takes what has come, before TLS. Whether there was anything. */
int front_run(struct hub_connection *connection);
/** Whether a WebSocket carries the connection. */
int front_frames(const struct hub_connection *connection);
/** The WebSocket takes what has come in its bytes. */
void front_take(struct hub_connection *connection);
/** The head of a frame before `length` bytes that the hub says. */
void front_head(struct hub_connection *connection, size_t length);
/** Ends a connection now. */
void hub_end_connection(struct hub_connection *connection, int32_t status);
/** A message on a topic of methods and twins. Whether it is as the hub's documents say. */
int hub_take_request(struct hub_connection *connection, const char *topic, const uint8_t *payload, size_t length);
/** The connection has no session any more. */
void hub_leave(struct hub_connection *connection);
void hub_write(struct hub_connection *connection, const uint8_t *bytes, size_t length);
/** Takes the packets that have come in full. Whether there was any. */
int hub_take(struct hub_connection *connection);
void hub_push(struct hub_connection *connection);

#endif
