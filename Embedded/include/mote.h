/*
 * Mote: an IoT Hub device SDK for constrained devices.
 *
 * The rules of this page, all of them:
 *
 *  - The caller owns all memory. An object (mote_client, mote_mqtt) is a fixed-size value of opaque
 *    storage that must not be copied or moved between its init and its last use. Nothing is allocated.
 *  - Strings are pointer and length, never NUL-terminated. What an init function is given (identifiers,
 *    keys, buffers, port, TLS) is borrowed and must stay valid and unchanged as long as the object is used.
 *  - Nothing blocks. `now` is monotonic time in milliseconds below 2^42, and never goes back.
 *  - One object, one thread. A call into an object that is inside mote_poll (from a port function or a
 *    payload source), or from a journal's storage, returns MOTE_ERROR_REENTERED and changes nothing; but for init, which cannot know.
 *  - A result below zero is an error (mote_status); zero or more is success, as each function says.
 *  - A field of an options struct that is zero has its default value.
 *
 * Two layers stand here: mote_client_* is a device of IoT Hub over MQTT and verified TLS; mote_mqtt_* is
 * the MQTT 3.1.1 session below it, bytes in and bytes out, for another broker or another TLS library.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MOTE_H
#define MOTE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Version ------------------------------------------------------------------------------------ */

#define MOTE_VERSION_MAJOR 0
#define MOTE_VERSION_MINOR 1
#define MOTE_VERSION_PATCH 0
/** 0x00MMmmpp. Compare with mote_version() to find a header and an archive that do not belong together. */
#define MOTE_VERSION ((uint32_t)0x00000100)

/** The version of the archive that was linked, in the form of MOTE_VERSION. */
uint32_t mote_version(void);

/**
 * The release date of this version, in seconds since 1970 (2026-11-23). No wall-clock time before it is
 * believed: a clock that has not been set must not make an expired certificate valid.
 */
#define MOTE_EARLIEST_SECONDS ((int64_t)1795392000)

/* ---- Status ------------------------------------------------------------------------------------- */

/** The result of a call: zero or more is success, below zero one of the errors here. */
typedef int32_t mote_status;

#define MOTE_OK 0

/* Use of this interface. */
#define MOTE_ERROR_ARGUMENT (-1)        /**< A null pointer, an impossible length or an unknown value. */
#define MOTE_ERROR_SIZE (-2)            /**< The storage given is smaller than this version needs. */
#define MOTE_ERROR_NOT_INITIALISED (-3) /**< The object was not initialised, or has been overwritten. */
#define MOTE_ERROR_REENTERED (-4)       /**< Called from a callback of the same object. */
#define MOTE_ERROR_STATE (-5)           /**< Not possible now, as the function's comment says. */
#define MOTE_ERROR_MQTT_NOT_USED (-6)   /**< Neither mote_use_mqtt nor mote_use_mqtt_websocket has been called. */
#define MOTE_ERROR_NO_TLS (-7)          /**< The client was given no TLS: it never connects in the clear. */
#define MOTE_ERROR_BUFFER_TOO_SMALL (-8) /**< The result does not fit the buffer given. */

/* The network, from the port. */
#define MOTE_ERROR_NAME_NOT_FOUND (-20)  /**< The host name does not exist, or has no usable address. */
#define MOTE_ERROR_NAME_SERVER (-21)     /**< Name resolution failed for now. */
#define MOTE_ERROR_REFUSED (-22)         /**< The host refused the TCP connection. */
#define MOTE_ERROR_UNREACHABLE (-23)     /**< There is no route to the host or network. */
#define MOTE_ERROR_RESET (-24)           /**< The peer reset the TCP connection. */
#define MOTE_ERROR_CLOSED (-25)          /**< The peer closed the connection. */
#define MOTE_ERROR_TIMED_OUT (-26)       /**< A step did not finish within its time. */
#define MOTE_ERROR_NETWORK (-27)         /**< Another failure of the network below. */

/* The way by a proxy, from mote_proxy_port. */
#define MOTE_ERROR_PROXY_NAME (-28)        /**< The proxy's own name cannot be looked up. */
#define MOTE_ERROR_PROXY_CONNECT (-29)     /**< No TCP connection to the proxy. */
#define MOTE_ERROR_PROXY_CREDENTIALS (-30) /**< The proxy wants credentials, or others (HTTP 407). */
#define MOTE_ERROR_PROXY_FORBIDDEN (-31)   /**< The proxy lets nobody reach that host and port (HTTP 403, SOCKS 2). */
#define MOTE_ERROR_PROXY_UNREACHABLE (-32) /**< The proxy cannot reach the host (HTTP 5xx, SOCKS 3 to 6). */
#define MOTE_ERROR_PROXY_REFUSED (-33)     /**< The proxy refuses for another reason. */
#define MOTE_ERROR_PROXY_ANSWER (-34)      /**< What the proxy answers is not its protocol, or it closes without an answer. */

/* What a connection needs first. */
#define MOTE_ERROR_NO_TIME (-40)    /**< The wall clock is unknown or before MOTE_EARLIEST_SECONDS. */
#define MOTE_ERROR_NO_ENTROPY (-41) /**< The port gave no random bytes. */
#define MOTE_ERROR_SIGNING (-42)    /**< The key cannot sign, or the signing callback failed. */

#define MOTE_ERROR_TOKEN_EXPIRES (-43) /**< No failure: left to come back at once with a new token. */

/* TLS. mote_client_last_error has mbedTLS's own code. */
#define MOTE_ERROR_TLS (-60)                     /**< The handshake or a record failed. */
#define MOTE_ERROR_TLS_MEMORY (-61)              /**< mbedTLS found no memory. */
#define MOTE_ERROR_TLS_VERSION (-62)             /**< No common protocol version or cipher suite. */
#define MOTE_ERROR_TLS_ALERT (-63)               /**< The peer sent a fatal alert. */
#define MOTE_ERROR_CERTIFICATE_EXPIRED (-64)     /**< A certificate of the server's chain is past its end. */
#define MOTE_ERROR_CERTIFICATE_NOT_YET_VALID (-65) /**< A certificate of the server's chain begins later. */
#define MOTE_ERROR_CERTIFICATE_HOST (-66)        /**< The certificate is for another host name. */
#define MOTE_ERROR_CERTIFICATE_UNTRUSTED (-67)   /**< The chain ends at no trusted root. */
#define MOTE_ERROR_CERTIFICATE_REJECTED (-68)    /**< Refused for its key, signature, use or form. */
#define MOTE_ERROR_TLS_CREDENTIALS (-69)         /**< The trusted roots, own certificate or key cannot be read. */
#define MOTE_ERROR_TLS_LIBRARY (-70)             /**< The mbedTLS linked is not the one compiled against. */
#define MOTE_ERROR_TLS_RECORD_SIZE (-71)         /**< A record or handshake message exceeds mbedTLS's buffer. */

/* MQTT, as the peer breaks it (section numbers of MQTT 3.1.1). The connection is to be closed. */
#define MOTE_ERROR_MQTT_REMAINING_LENGTH (-100)   /**< The Remaining Length has more than four bytes (2.2.3). */
#define MOTE_ERROR_MQTT_PACKET_TYPE (-101)        /**< A type that no server sends (2.2.1). */
#define MOTE_ERROR_MQTT_FLAGS (-102)              /**< Reserved flags of the fixed header are wrong (2.2.2). */
#define MOTE_ERROR_MQTT_QUALITY_OF_SERVICE (-103) /**< Quality of service 3 (3.3.1.2). */
#define MOTE_ERROR_MQTT_QOS_2 (-104)              /**< Quality of service 2, which was never asked for. */
#define MOTE_ERROR_MQTT_DUPLICATE_FLAG (-105)     /**< DUP on quality of service 0 (3.3.1.1). */
#define MOTE_ERROR_MQTT_LENGTH (-106)             /**< A length that this packet type cannot have. */
#define MOTE_ERROR_MQTT_STRING_LENGTH (-107)      /**< A string reaches beyond its packet (1.5.3). */
#define MOTE_ERROR_MQTT_TOPIC (-108)              /**< A topic that is empty, or not UTF-8 without U+0000 (1.5.3). */
#define MOTE_ERROR_MQTT_PACKET_IDENTIFIER (-109)  /**< Packet identifier 0 (2.3.1). */
#define MOTE_ERROR_MQTT_CONNACK_EXPECTED (-110)   /**< Another packet came before CONNACK (3.2). */
#define MOTE_ERROR_MQTT_CONNACK_UNEXPECTED (-111) /**< A CONNACK within a connection (3.2). */
#define MOTE_ERROR_MQTT_CONNACK_FLAGS (-112)      /**< Reserved CONNACK flags (3.2.2.1). */
#define MOTE_ERROR_MQTT_CONNACK_CODE (-113)       /**< A return code that does not exist (3.2.2.3). */
#define MOTE_ERROR_MQTT_SESSION_PRESENT (-114)    /**< Session present after a refusal or a clean session (3.2.2.2). */
#define MOTE_ERROR_MQTT_SUBACK_CODE (-115)        /**< A SUBACK return code that does not exist (3.9.3). */
#define MOTE_ERROR_MQTT_SUBACK_COUNT (-116)       /**< A SUBACK with fewer or more codes than filters asked for. */
#define MOTE_ERROR_MQTT_KEEP_ALIVE (-117)         /**< PINGREQ was not answered in time (3.1.2.10). */
#define MOTE_ERROR_MQTT_ACKNOWLEDGEMENT (-118)    /**< A packet was not acknowledged in time. */

/* MQTT, as the server refuses it with a CONNACK return code (3.2.2.3). */
#define MOTE_ERROR_REFUSED_PROTOCOL (-130)    /**< 1: the protocol level is not accepted. */
#define MOTE_ERROR_REFUSED_IDENTIFIER (-131)  /**< 2: the client identifier is refused. */
#define MOTE_ERROR_REFUSED_UNAVAILABLE (-132) /**< 3: the server is unavailable; try later. */
#define MOTE_ERROR_REFUSED_CREDENTIALS (-133) /**< 4: the user name or password is wrong. */
#define MOTE_ERROR_REFUSED_AUTHORISATION (-134) /**< 5: not authorised: token, clock, or device disabled. */
#define MOTE_ERROR_SUBSCRIPTION_REFUSED (-135)  /**< The server refused a subscription that the client needs. */
#define MOTE_ERROR_DISPLACED (-136) /**< Closed soon after it was accepted, again: another client may use this identity. */

/* MQTT, as the caller asks for it. */
#define MOTE_ERROR_OUTBOX_FULL (-150)       /**< The outbox has no room now; acknowledgements make some. */
#define MOTE_ERROR_TOO_LARGE (-151)         /**< Does not fit the empty outbox or receive buffer, or the protocol. */
#define MOTE_ERROR_TOPIC (-152)             /**< A topic or filter that is empty, too long or not UTF-8. */
#define MOTE_ERROR_IDENTIFIERS (-153)       /**< Every packet identifier is in flight. */
#define MOTE_ERROR_SOURCE_BUSY (-154)       /**< Another payload source is in flight: one at a time. */
#define MOTE_ERROR_SOURCE_FAILED (-155)     /**< The payload source gave an error, or more than was asked for. */
#define MOTE_ERROR_SOURCE_STALLED (-156)    /**< The payload source gave nothing for too long. */
#define MOTE_ERROR_DROPPED (-157)           /**< It made way for another message in a full outbox. */
#define MOTE_ERROR_EXPIRED (-158)           /**< It was not acknowledged before the time that it was given. */
#define MOTE_ERROR_STORAGE (-159)           /**< The storage below the journal failed. */
#define MOTE_ERROR_JOURNAL (-160)           /**< The storage holds something else, or another version's journal. */

/* Twin and methods. */
#define MOTE_ERROR_LATE (-180) /**< The connection that the method was called by has ended: nobody waits any more. */
#define MOTE_ERROR_HUB_REFUSED (-181) /**< The hub does not take this, however often it is asked (400, 413, 415). */
#define MOTE_ERROR_OVER_HTTPS (-182)  /**< Twin and methods are not to be had over HTTPS. */

/* Connection strings and the hub. */
#define MOTE_ERROR_CONNECTION_STRING_ITEM (-200)       /**< An item without `=`, or with an empty name or value. */
#define MOTE_ERROR_CONNECTION_STRING_KEY (-201)        /**< A name that no device connection string has. */
#define MOTE_ERROR_CONNECTION_STRING_DUPLICATE (-202)  /**< The same name twice. */
#define MOTE_ERROR_CONNECTION_STRING_POLICY (-203)     /**< A service policy (SharedAccessKeyName), not a device. */
#define MOTE_ERROR_CONNECTION_STRING_HOST (-204)       /**< HostName is missing or not a host name. */
#define MOTE_ERROR_CONNECTION_STRING_DEVICE (-205)     /**< DeviceId is missing or has characters it may not have. */
#define MOTE_ERROR_CONNECTION_STRING_MODULE (-206)     /**< ModuleId has characters it may not have. */
#define MOTE_ERROR_CONNECTION_STRING_SECRET (-207)     /**< SharedAccessKey is not base64 of 16 to 64 bytes. */
#define MOTE_ERROR_CONNECTION_STRING_CREDENTIAL (-208) /**< Neither SharedAccessKey nor x509=true, or both. */
#define MOTE_ERROR_CONNECTION_STRING_GATEWAY (-209)    /**< GatewayHostName is not a host name. */
#define MOTE_ERROR_PROPERTY (-210)                     /**< A property name is empty, or an escape is malformed. */

/* JSON (mote_json.h), as RFC 8259 has it. */
#define MOTE_ERROR_JSON_VALUE (-240)     /**< Something else stands where a value must begin. */
#define MOTE_ERROR_JSON_NAME (-241)      /**< Something else stands where a member's name must begin. */
#define MOTE_ERROR_JSON_COLON (-242)     /**< No colon follows a member's name. */
#define MOTE_ERROR_JSON_COMMA (-243)     /**< Neither a comma nor the end of what is open follows a value. */
#define MOTE_ERROR_JSON_TRAILING (-244)  /**< Something follows the document. */
#define MOTE_ERROR_JSON_LITERAL (-245)   /**< A word that is not `true`, `false` or `null`. */
#define MOTE_ERROR_JSON_NUMBER (-246)    /**< A number that lacks a digit. */
#define MOTE_ERROR_JSON_CONTROL (-247)   /**< A control character in a string that is not escaped. */
#define MOTE_ERROR_JSON_ESCAPE (-248)    /**< An escape that does not exist, or lacks a digit. */
#define MOTE_ERROR_JSON_SURROGATE (-249) /**< An escape that is half of a surrogate pair. */
#define MOTE_ERROR_JSON_TEXT (-250)      /**< A string that is not UTF-8. */
#define MOTE_ERROR_JSON_DEPTH (-251)     /**< Nested deeper than the limit. */
#define MOTE_ERROR_JSON_CUT (-252)       /**< The document ends within a value. */
#define MOTE_ERROR_JSON_KIND (-253)      /**< The token is not a whole number, or not a number, or not all of one. */
#define MOTE_ERROR_JSON_RANGE (-254)     /**< The number does not fit. */
#define MOTE_ERROR_JSON_ORDER (-255)     /**< Written out of order, or not to the end. */

/* HTTP (mote_http.h), as the server breaks it (section numbers of RFC 9112). The connection is to be closed. */
#define MOTE_ERROR_HTTP_STATUS_LINE (-270) /**< A response that does not begin as one of HTTP/1 that was asked for (4). */
#define MOTE_ERROR_HTTP_LINE (-271)        /**< A line that does not end with CR LF, or has a control character (2.2). */
#define MOTE_ERROR_HTTP_HEADER (-272)      /**< A header without a colon, or whose name is no token (5.1). */
#define MOTE_ERROR_HTTP_FOLDING (-273)     /**< A header that goes on in the next line (5.2). */
#define MOTE_ERROR_HTTP_LENGTH (-274)      /**< A length that is no number, or that something else contradicts (6.3). */
#define MOTE_ERROR_HTTP_ENCODING (-275)    /**< A transfer encoding other than chunked, once (6.1). */
#define MOTE_ERROR_HTTP_CHUNK (-276)       /**< A chunk whose size is none, or that does not end where it should (7.1). */
#define MOTE_ERROR_HTTP_LIMIT (-277)       /**< A head of more than 16 KiB or 128 lines, or a line that has to fit and does not. */
#define MOTE_ERROR_HTTP_CUT (-278)         /**< The connection ended within a response (8). */
#define MOTE_ERROR_HTTP_UNEXPECTED (-279)  /**< A response that no request asked for (9.2). */

/* HTTP, as the caller asks for it. */
#define MOTE_ERROR_HTTP_FIELD (-280) /**< A method, target, host or header that cannot stand where it would (5.5). */

/* MQTT over WebSocket, as the server breaks or refuses it (section numbers of RFC 6455). The connection is to be closed. */
#define MOTE_ERROR_WEBSOCKET_REFUSED (-300) /**< The server answered with another status than 101, mote_error.library_code. */
#define MOTE_ERROR_WEBSOCKET_ANSWER (-301)  /**< The server's answer is not one of HTTP/1.1, or is too long. */
#define MOTE_ERROR_WEBSOCKET_ACCEPT (-302)  /**< The answer does not accept a WebSocket, its key or its protocol (4.1). */
#define MOTE_ERROR_WEBSOCKET_FRAME (-303)   /**< A reserved bit, an unknown opcode, or a fragment out of place (5.2, 5.4). */
#define MOTE_ERROR_WEBSOCKET_MASKED (-304)  /**< The server masked a frame (5.1). */
#define MOTE_ERROR_WEBSOCKET_TEXT (-305)    /**< A frame of text, which is not MQTT (5.6). */
#define MOTE_ERROR_WEBSOCKET_LENGTH (-306)  /**< A length that has a shorter form, or is beyond 2^31 (5.2). */
#define MOTE_ERROR_WEBSOCKET_CONTROL (-307) /**< A control frame that is fragmented or too long (5.5). */

/* File upload (mote_upload.h). */
#define MOTE_ERROR_UPLOAD_ANSWER (-320)    /**< The hub does not say where the file goes. */
#define MOTE_ERROR_UPLOAD_STORAGE (-321)   /**< The storage refuses the file. */
#define MOTE_ERROR_UPLOAD_CANCELLED (-322) /**< Given up, as asked. */

/** Most bytes of a tracking identifier, by which Microsoft's support finds a refusal of the hub. */
#define MOTE_TRACKING_LENGTH 40

/** One English sentence for a status, NUL-terminated and static. For logs: switch on the number. */
const char *mote_status_text(mote_status status);

/* ---- Port: what the platform gives ------------------------------------------------------------------ */

/**
 * The platform below a client: one TCP connection, random bytes and the time of day. Every function gets
 * `context` first, and returns at once. An error is one of MOTE_ERROR_NAME_NOT_FOUND to MOTE_ERROR_PROXY_ANSWER; any other number
 * below zero counts as MOTE_ERROR_NETWORK. One port serves one client. Linux's is mote_port_linux
 * (mote_linux.h).
 */
typedef struct mote_port {
  void *context;
  /**
   * Looks `name` up, which stays where it is until `close`; called again with the same name until it answers. Forgets what
   * an earlier connection resolved; until then its addresses stay, also when a connection to one of them is closed. Above
   * zero: how many addresses there are; 0: not yet; below zero: an error.
   */
  int32_t (*resolve)(void *context, const char *name, size_t length);
  /**
   * Opens a TCP connection to address number `index` (from 0) of the last resolve; called again with the
   * same arguments until it answers. 1: connected; 0: not yet; 2: not yet, and not before something has been received
   * (a proxy's answer); below zero: an error.
   */
  int32_t (*connect)(void *context, int32_t index, uint16_t port_number);
  /** Sends. Above zero: bytes taken; 0: none now; below zero: an error. */
  int32_t (*send)(void *context, const uint8_t *bytes, size_t length);
  /** Receives. Above zero: bytes given; 0: none now; MOTE_ERROR_CLOSED at the end; below zero: an error. */
  int32_t (*receive)(void *context, uint8_t *bytes, size_t capacity);
  /** Closes the connection, or gives up what is under way. May be called at any time, and twice. */
  void (*close)(void *context);
  /** Fills all of `bytes` with cryptographically strong random bytes. MOTE_OK or an error. */
  int32_t (*entropy)(void *context, uint8_t *bytes, size_t length);
  /** UTC in seconds since 1970; 0 or less while it is unknown. */
  int64_t (*wall_seconds)(void *context);
} mote_port;

/* ---- Proxies: a port over a port ------------------------------------------------------------------------ */

#define MOTE_PROXY_HTTP 0   /**< HTTP CONNECT (RFC 9110, 9.3.6), with Basic credentials (RFC 7617). */
#define MOTE_PROXY_SOCKS5 1 /**< SOCKS5 (RFC 1928), with user name and password (RFC 1929). */

/** Size of mote_proxy in bytes. */
#if UINTPTR_MAX > 0xFFFFFFFFu
#define MOTE_PROXY_SIZE 312
#else
#define MOTE_PROXY_SIZE 192
#endif

/** A way by a proxy. Opaque; owned by the caller. */
typedef struct mote_proxy {
  uint64_t opaque[MOTE_PROXY_SIZE / 8];
} mote_proxy;

/** Which proxy, and who asks. All of it is borrowed for the proxy's life. */
typedef struct mote_proxy_options {
  size_t size; /**< sizeof(mote_proxy_options), set by the caller. */
  const mote_port *port; /**< What the proxy is reached by. */
  const char *host;      /**< The proxy's name, which that port looks up. */
  size_t host_length;
  uint32_t port_number; /**< Default 8080 for HTTP, 1080 for SOCKS5. */
  int32_t kind;         /**< MOTE_PROXY_* */
  const char *user;     /**< Null or empty: without credentials. For HTTP without a colon, for SOCKS5 at most 255 bytes. */
  size_t user_length;
  const char *password;
  size_t password_length;
} mote_proxy_options;

/**
 * Initialises a way by a proxy, which a client takes for its port (mote_proxy_port): all protocols go over it, and TLS is with the
 * hub, from end to end. The proxy looks the hub's name up. Credentials go to it in the clear: a copy of a few bytes at a time is
 * wiped when it has left. `size` is sizeof(mote_proxy). MOTE_OK, MOTE_ERROR_SIZE or MOTE_ERROR_ARGUMENT.
 */
mote_status mote_proxy_init(mote_proxy *proxy, size_t size, const mote_proxy_options *options);

/** The port by way of the proxy, which lives as long as that. A name that it resolves must stay until it is connected. */
const mote_port *mote_proxy_port(const mote_proxy *proxy);

/* ---- TLS ---------------------------------------------------------------------------------------------- */

/**
 * A TLS client over the mbedTLS that the program links. Caller-owned; its layout is mbedTLS's, so it is
 * declared in mote_tls.h, which needs mbedTLS's headers. It never moves, and serves one client.
 */
typedef struct mote_tls mote_tls;

/* ---- Payload sources ---------------------------------------------------------------------------------- */

/**
 * Gives the bytes of a payload that does not fit memory. Called with rising offsets, and again from offset 0
 * when the message has to be sent again, until its acknowledgement: the same offset must give the same
 * bytes. Above zero: how many of at most `capacity` bytes were written; 0: none now; below zero: the
 * bytes are gone, and the message fails with MOTE_ERROR_SOURCE_FAILED. `length` bytes in all are asked for.
 */
typedef int32_t (*mote_source)(void *context, size_t offset, uint8_t *bytes, size_t capacity);

/* ---- MQTT session: bytes in, bytes out ---------------------------------------------------------------- */

/** Size of mote_mqtt in bytes. */
#if UINTPTR_MAX > 0xFFFFFFFFu
#define MOTE_MQTT_SIZE 376
#else
#define MOTE_MQTT_SIZE 232
#endif

/** An MQTT 3.1.1 session at quality of service 0 and 1. Opaque; owned by the caller. */
typedef struct mote_mqtt {
  uint64_t opaque[MOTE_MQTT_SIZE / 8];
} mote_mqtt;

/*
 * What an outbox does that has no room for one more packet. Only messages that have not begun to leave by this
 * connection can be dropped, and none is when that makes no room. At quality of service 1 each is told.
 */
#define MOTE_FULL_REFUSES 0      /**< It refuses the packet with MOTE_ERROR_OUTBOX_FULL. */
#define MOTE_FULL_DROPS_OLDEST 1 /**< The oldest messages make way. */
#define MOTE_FULL_DROPS_NEWEST 2 /**< The newest messages make way. */

/** Memory and limits of an MQTT session. Buffers are borrowed for the session's life. */
typedef struct mote_mqtt_options {
  size_t size;              /**< sizeof(mote_mqtt_options), set by the caller. */
  uint8_t *receive_buffer;  /**< Holds one packet, or a piece of one, and CONNECT while it leaves. */
  size_t receive_capacity;  /**< At least 128. A topic that does not fit is skipped and reported. */
  uint8_t *outbox;          /**< Holds what waits to be sent or acknowledged. */
  size_t outbox_capacity;   /**< At least 128. */
  uint32_t window;          /**< Most packets in flight unacknowledged. Default 4. */
  uint32_t keep_alive_seconds;    /**< 1 to 65535. Default 240. */
  uint32_t response_milliseconds; /**< Patience for answers, anew while a packet comes. Default 30,000. */
  int32_t when_full; /**< MOTE_FULL_*. A message dropped keeps 12 bytes of the outbox until it is told. */
} mote_mqtt_options;

/** A will message, which the server publishes when the connection is lost (3.1.2.5). */
typedef struct mote_mqtt_will {
  const char *topic;
  size_t topic_length;
  const uint8_t *payload;
  size_t payload_length; /**< At most 65,535. */
  int32_t quality_of_service; /**< 0 or 1. */
  int32_t retain;             /**< 0 or 1. */
} mote_mqtt_will;

/** What CONNECT says (3.1). Used during the call only. */
typedef struct mote_mqtt_connection {
  size_t size; /**< sizeof(mote_mqtt_connection), set by the caller. */
  const char *client_identifier;
  size_t client_identifier_length;
  const char *user_name; /**< Null for none. */
  size_t user_name_length;
  const uint8_t *password; /**< Null for none; needs a user name. */
  size_t password_length;
  const mote_mqtt_will *will; /**< Null for none. */
  int32_t clean_session;      /**< 0: the server keeps the session; 1: a new one each time. */
} mote_mqtt_connection;

/** Flags of a publish and of a received message. */
#define MOTE_QOS_0 0
#define MOTE_QOS_1 1
#define MOTE_RETAIN 2    /**< The server shall keep, or has kept, the message for later subscribers. */
#define MOTE_DUPLICATE 4 /**< Received: the server has sent this message before. */

/** One subscription. */
typedef struct mote_mqtt_filter {
  const char *filter;
  size_t filter_length;
  int32_t quality_of_service; /**< 0 or 1: the most that messages shall come with. */
} mote_mqtt_filter;

#define MOTE_MQTT_CONNECTED 1    /**< CONNACK accepted; `session_present` says whether the session was kept. */
#define MOTE_MQTT_MESSAGE 2      /**< A message, or a piece of one: complete when offset + payload_length == total. */
#define MOTE_MQTT_ACKNOWLEDGED 3 /**< `token` was published at quality of service 1 and acknowledged. */
#define MOTE_MQTT_SUBSCRIBED 4   /**< `token`'s SUBACK; `payload` holds a code each filter: 0, 1, or 0x80 refused. */
#define MOTE_MQTT_UNSUBSCRIBED 5 /**< `token`'s UNSUBACK. */
#define MOTE_MQTT_ABORTED 6      /**< The message whose pieces came so far will not be completed. */
#define MOTE_MQTT_SKIPPED 7      /**< A message whose topic of `skipped_length` does not fit; its payload had `total`. */
#define MOTE_MQTT_DROPPED 8      /**< The message `token` made way for another in a full outbox. */
#define MOTE_MQTT_EXPIRED 9      /**< The message `token` was not acknowledged in its time. */

/**
 * What the session has to tell. Pointers are into the receive buffer, valid until the session's next call, and
 * null where the length is zero.
 */
typedef struct mote_mqtt_event {
  int32_t kind;  /**< MOTE_MQTT_* */
  int32_t flags; /**< Messages: MOTE_QOS_1, MOTE_RETAIN, MOTE_DUPLICATE. */
  int32_t token; /**< What publish or subscribe returned; for a message at quality of service 1, for mote_mqtt_accept. */
  int32_t session_present;
  const uint8_t *topic; /**< With the first piece of a message only. */
  size_t topic_length;
  const uint8_t *payload;
  size_t payload_length;
  size_t offset; /**< Where this piece starts in the payload. */
  size_t total;  /**< Length of the whole payload. */
  size_t skipped_length; /**< MOTE_MQTT_SKIPPED: length of the topic. */
} mote_mqtt_event;

/**
 * Initialises a session that is not connected. `size` is sizeof(mote_mqtt).
 * MOTE_OK, MOTE_ERROR_SIZE, or MOTE_ERROR_ARGUMENT.
 */
mote_status mote_mqtt_init(mote_mqtt *session, size_t size, const mote_mqtt_options *options);

/**
 * Begins a connection over a transport that is open: CONNECT is written into the receive buffer and is the
 * first that leaves. MOTE_ERROR_TOO_LARGE when it does not fit, MOTE_ERROR_STATE when already connected.
 */
mote_status mote_mqtt_connect(mote_mqtt *session, const mote_mqtt_connection *connection, uint64_t now);

/**
 * Tells that the transport is gone. Messages at quality of service 1 stay for the next connection, as do
 * those at 0 that have not begun to leave; subscriptions not yet acknowledged are forgotten, and so are the
 * acknowledgements of messages received.
 */
mote_status mote_mqtt_lost(mote_mqtt *session);

/**
 * Stores a message. `flags`: MOTE_QOS_0 or MOTE_QOS_1, and MOTE_RETAIN. At quality of service 1 the result is
 * its token, above zero, which MOTE_MQTT_ACKNOWLEDGED tells; at 0 it is MOTE_OK. A topic with a wildcard is not refused
 * here, since a device's identifier may have one; a broker closes the connection for it (3.3.2.1): see mote_mqtt_drop.
 * MOTE_ERROR_OUTBOX_FULL: again later; MOTE_ERROR_TOO_LARGE: never.
 */
int32_t mote_mqtt_publish(mote_mqtt *session, const char *topic, size_t topic_length, const uint8_t *payload,
                          size_t payload_length, int32_t flags);

/**
 * Starts a message at quality of service 1 whose payload of `payload_length` bytes is asked for in pieces:
 * see mote_mqtt_wanted. One at a time. The result is its token.
 */
int32_t mote_mqtt_publish_pieces(mote_mqtt *session, const char *topic, size_t topic_length, size_t payload_length,
                                 int32_t flags);

/**
 * Whether a piece of the payload is wanted: the result is how many bytes there is room for at `*bytes`,
 * and `*offset` where in the payload they start; 0 when none is wanted. Valid until the session's next call. Asked
 * again from 0 on a new connection, until the message is acknowledged.
 */
int32_t mote_mqtt_wanted(mote_mqtt *session, uint8_t **bytes, size_t *offset);

/** Says that `length` bytes were written where mote_mqtt_wanted said. */
mote_status mote_mqtt_supplied(mote_mqtt *session, size_t length);

/**
 * Drops a message at quality of service 1 by its token, while there is no connection: one that no broker takes, or whose
 * payload is gone. MOTE_ERROR_STATE when it is not stored, or there is a connection.
 */
mote_status mote_mqtt_drop(mote_mqtt *session, int32_t token);

/** Subscribes to `count` filters with one packet. The result is the token that MOTE_MQTT_SUBSCRIBED tells. */
int32_t mote_mqtt_subscribe(mote_mqtt *session, const mote_mqtt_filter *filters, size_t count);

/** Unsubscribes from `count` filters. The result is the token that MOTE_MQTT_UNSUBSCRIBED tells. */
int32_t mote_mqtt_unsubscribe(mote_mqtt *session, const mote_mqtt_filter *filters, size_t count);

/** Asks for DISCONNECT to be sent once all that has begun to leave has left; then close the transport. */
mote_status mote_mqtt_disconnect(mote_mqtt *session);

/**
 * The bytes to send next, at `*bytes` in the session's own memory, valid until the next call; the result is
 * how many, 0 when there are none. Send what the transport takes, and say how much with mote_mqtt_sent.
 */
int32_t mote_mqtt_transmission(mote_mqtt *session, uint64_t now, const uint8_t **bytes);

/** Says that the first `length` bytes of the transmission were taken by the transport. */
mote_status mote_mqtt_sent(mote_mqtt *session, size_t length, uint64_t now);

/**
 * Where to receive to: the result is how many bytes there is room for at `*bytes`. 0: take the events first;
 * while MOTE_HELD_MESSAGES wait to be accepted it becomes 0 when the buffer is full, so that the peer has to wait.
 */
int32_t mote_mqtt_space(mote_mqtt *session, uint8_t **bytes);

/** Says that `length` bytes were received to where mote_mqtt_space said. */
mote_status mote_mqtt_received(mote_mqtt *session, size_t length);

/**
 * Takes the next event. 1: there is one; 0: none; below zero: the peer broke the protocol, or was silent
 * for too long, and the transport is to be closed. A message of the event before, at quality of service
 * 1, counts as accepted now, unless it was held.
 */
int32_t mote_mqtt_next(mote_mqtt *session, uint64_t now, mote_mqtt_event *event);

/** Holds back the acknowledgement of the message that the last event completed. */
mote_status mote_mqtt_hold(mote_mqtt *session);

/** Accepts a message that was held. MOTE_ERROR_STATE when it is not held, or came with an earlier connection. */
mote_status mote_mqtt_accept(mote_mqtt *session, int32_t token);

/**
 * When mote_mqtt_next and mote_mqtt_transmission are to be called again though no bytes came; 0: now, since acknowledgements
 * have left, and a message that had to wait for them can be taken. There is none while a transmission waits for the transport: a
 * transport that takes nothing for too long is the caller's to close.
 */
uint64_t mote_mqtt_deadline(const mote_mqtt *session);

/* ---- Journal: messages that survive a loss of power ----------------------------------------------------- */

/**
 * Pages of flash, or a file of that size. Functions get `context` first; MOTE_OK or an error below zero. Linux's, over
 * a file, is mote_storage_linux (mote_linux.h).
 */
typedef struct mote_storage {
  void *context;
  /** Reads `length` bytes at `offset`, at any place. Erased bytes read as 0xFF. */
  int32_t (*read)(void *context, uint32_t offset, uint8_t *bytes, size_t length);
  /**
   * Writes `length` bytes at `offset`, both multiples of the unit and within one page, and returns when they would
   * survive. A write that begins at a page's start erases that page first. No unit is written twice, and a page's second
   * 12 bytes, rounded up to units, are written after others behind them.
   */
  int32_t (*write)(void *context, uint32_t offset, const uint8_t *bytes, size_t length);
} mote_storage;

/** Size of mote_journal in bytes. */
#if UINTPTR_MAX > 0xFFFFFFFFu
#define MOTE_JOURNAL_SIZE 104
#else
#define MOTE_JOURNAL_SIZE 56
#endif

/** A journal of one outbox. Opaque; owned by the caller. */
typedef struct mote_journal {
  uint64_t opaque[MOTE_JOURNAL_SIZE / 8];
} mote_journal;

/** Where a journal is. The storage is copied; its context is borrowed for the life of what uses the journal. */
typedef struct mote_journal_options {
  size_t size; /**< sizeof(mote_journal_options), set by the caller. */
  const mote_storage *storage;
  /**
   * Bytes erased together, which may be several of the flash's own pages: a multiple of 32 below 2^24, and at least
   * (15 + unit) / 16 times the outbox and 24 bytes, rounded up to units. The larger, the fewer erasures.
   */
  uint32_t page_size;
  uint32_t page_count; /**< 2 to 15. They are erased in turn. */
  uint32_t unit;       /**< Bytes programmed together: 1, 2, 4, 8, 16 or 32. Default 8. */
} mote_journal_options;

/** Initialises a journal. `size` is sizeof(mote_journal). MOTE_OK, MOTE_ERROR_SIZE, or MOTE_ERROR_ARGUMENT. */
mote_status mote_journal_init(mote_journal *journal, size_t size, const mote_journal_options *options);

/**
 * Restores the messages of the journal into the session's outbox, and keeps those at quality of service 1 from now on:
 * mote_mqtt_publish returns a token when the message would survive a loss of power, or MOTE_ERROR_STORAGE, and nothing
 * is stored; MOTE_ERROR_TOO_LARGE for one whose packet is longer than 65,535 bytes. Its acknowledgement, drop or expiry is
 * written too. Messages at most once, and those that come in pieces, are not kept. Once, after init and before anything
 * is published. The result is how many messages were restored. They keep their tokens, and an expiry has as long left as
 * when the message was stored; what has left before the loss of power may leave again.
 *
 * MOTE_ERROR_JOURNAL: there is something in the storage that this version cannot read, or that was written with other
 * pages; nothing is changed. Who does not need it erases the storage and calls again. MOTE_ERROR_ARGUMENT: pages too small
 * for the outbox; MOTE_ERROR_OUTBOX_FULL: the outbox is smaller than the one that was kept.
 */
int32_t mote_mqtt_use_journal(mote_mqtt *session, mote_journal *journal, uint64_t now);

/**
 * How many acknowledgements, drops and expiries could not be written since init: as many messages may come again after a
 * loss of power.
 */
uint32_t mote_journal_unwritten(const mote_journal *journal);

/* ---- Device client ------------------------------------------------------------------------------------ */

/** Size of mote_client in bytes. */
#if UINTPTR_MAX > 0xFFFFFFFFu
#define MOTE_CLIENT_SIZE 848
#else
#define MOTE_CLIENT_SIZE 584
#endif

/** A device of IoT Hub. Opaque; owned by the caller. */
typedef struct mote_client {
  uint64_t opaque[MOTE_CLIENT_SIZE / 8];
} mote_client;

/**
 * Signs in place of a key, for a secure element: HMAC-SHA256 of `length` bytes with the device's key, to
 * `signature` (32 bytes). MOTE_OK or an error.
 */
typedef int32_t (*mote_sign)(void *context, const uint8_t *bytes, size_t length, uint8_t *signature);

/** Identity, platform and limits of a client. Everything pointed to is borrowed for the client's life. */
typedef struct mote_client_options {
  size_t size; /**< sizeof(mote_client_options), set by the caller. */
  /** `HostName=…;DeviceId=…;SharedAccessKey=…`, with `ModuleId`, `GatewayHostName`, or `x509=true` for the key. */
  const char *connection_string;
  size_t connection_string_length;
  const mote_port *port;
  mote_tls *tls; /**< Initialised by mote_tls_init (mote_tls.h). */
  /** Where to connect, and whose certificate to expect, when that is not the hub's own name. */
  const char *endpoint;
  size_t endpoint_length;
  uint32_t endpoint_port; /**< Default 8883, or 443 over a WebSocket. */
  mote_sign sign;         /**< Null: signs with SharedAccessKey, which the string needs only then. */
  void *sign_context;
  uint32_t token_seconds;             /**< Life of a SAS token. Default 3,600. */
  uint32_t resolve_milliseconds;      /**< Patience for name resolution. Default 15,000. */
  uint32_t connect_milliseconds;      /**< Patience for TCP, each address. Default 10,000. */
  uint32_t handshake_milliseconds;    /**< Patience for TLS, and once more for the WebSocket. Default 30,000. */
  uint32_t source_milliseconds;       /**< Patience for a payload source. Default 30,000. */
  int32_t receives_messages;          /**< 1: subscribes to cloud-to-device messages. */
  /** Most that it waits before it connects again, at first; doubles with each failure. Default 1,000. */
  uint32_t retry_milliseconds;
  uint32_t retry_limit_milliseconds; /**< Where the doubling ends. Default 60,000. */
  uint32_t stable_milliseconds;      /**< A connection that lasts so long begins the doubling anew. Default 60,000. */
  const char *model_id; /**< IoT Plug and Play model, `dtmi:…;1`, announced with each connection. Null: none. */
  size_t model_id_length;
  const char *product_info; /**< What the device is made of, for the hub's own records (DeviceClientType). Null: nothing. */
  size_t product_info_length;
} mote_client_options;

/* What a client is doing, or was doing when a connection ended. */
#define MOTE_STEP_IDLE 0
#define MOTE_STEP_RESOLVE 1   /**< Looking the name up. */
#define MOTE_STEP_CONNECT 2   /**< Opening TCP. */
#define MOTE_STEP_HANDSHAKE 3 /**< TLS, then the WebSocket. */
#define MOTE_STEP_GREETING 4  /**< MQTT CONNECT and CONNACK. */
#define MOTE_STEP_SUBSCRIBE 5 /**< Connected, and subscribing. */
#define MOTE_STEP_WORK 6      /**< Connected. */
#define MOTE_STEP_CLOSING 7   /**< Leaving, as asked or for a new token. */
#define MOTE_STEP_WAIT 8      /**< Waiting for the next attempt, or found that the time is not known. */
#define MOTE_STEPS 9

#define MOTE_EVENT_NONE 0         /**< Nothing to tell: wait as `wait` and `deadline` say, then poll. */
#define MOTE_EVENT_CONNECTED 1    /**< The hub accepted. `session_present`: it kept the session. */
#define MOTE_EVENT_DISCONNECTED 2 /**< The connection ended in `step` because of `status` (MOTE_OK: as asked); next: `deadline`. */
#define MOTE_EVENT_SENT 3         /**< The hub has the message `token`. */
#define MOTE_EVENT_FAILED 4       /**< The message `token` is dropped because of `status`. */
#define MOTE_EVENT_MESSAGE 5      /**< A cloud-to-device message, or a piece: complete when offset + payload_length == total. */
#define MOTE_EVENT_ABORTED 6      /**< The message whose pieces came so far will not be completed. At QoS 1 it comes again. */
/**
 * A message was passed over: its properties of `skipped_length` do not fit, or it is not for this device (`name`: its topic), or
 * a method that can be neither taken nor refused.
 */
#define MOTE_EVENT_SKIPPED 7
#define MOTE_EVENT_TWIN 8      /**< The twin's document, or a piece of it, as of a message. See mote_use_twin. */
#define MOTE_EVENT_DESIRED 9   /**< Desired properties that changed, or a piece of that, as of a message. */
#define MOTE_EVENT_REPORTED 10 /**< What became of mote_report; a hub that refuses may explain it in pieces, as of a message. */
#define MOTE_EVENT_METHOD 11   /**< A direct method, or a piece of its payload, as of a message: see mote_respond. */

#define MOTE_WAIT_READ 1
#define MOTE_WAIT_WRITE 2

/**
 * What mote_poll tells. Pointers are into the receive buffer, valid until the client's next call, and null where
 * the length is zero. After any other call into the client `wait` and `deadline` are out of date: poll again.
 */
typedef struct mote_event {
  int32_t kind;   /**< MOTE_EVENT_* */
  int32_t status; /**< MOTE_EVENT_DISCONNECTED and _FAILED: why. _TWIN and _REPORTED: the hub's, or a MOTE_ERROR_*. */
  int32_t step;   /**< MOTE_EVENT_DISCONNECTED: MOTE_STEP_* */
  int32_t flags;  /**< Messages: MOTE_QOS_1, MOTE_DUPLICATE. */
  int32_t token;  /**< What mote_send returned; for a message, for mote_accept; for a method, for mote_respond. */
  int32_t session_present;
  int32_t wait;      /**< MOTE_EVENT_NONE: poll when the port can MOTE_WAIT_READ or MOTE_WAIT_WRITE ... */
  /** MOTE_EVENT_DESIRED, and _TWIN when complete: of the desired properties. _REPORTED: of the reported. 0: not known. */
  int32_t version;
  /**
   * ... or when `now` reaches this, whichever is first. UINT64_MAX: no such time. MOTE_EVENT_DISCONNECTED: when the next
   * attempt begins; UINT64_MAX: none will, since it was asked to leave, or because of `status`.
   */
  uint64_t deadline;
  const uint8_t *properties; /**< Encoded, with a message's first piece: see mote_next_property. */
  size_t properties_length;
  const uint8_t *payload;
  size_t payload_length;
  size_t offset;
  size_t total;
  size_t skipped_length; /**< MOTE_EVENT_SKIPPED. */
  const char *name; /**< MOTE_EVENT_METHOD, with its first piece: the method's name, decoded. */
  size_t name_length;
  const char *component; /**< And its component (IoT Plug and Play), null when it has none. */
  size_t component_length;
} mote_event;

/**
 * Initialises a client that is not connected. `size` is sizeof(mote_client). MOTE_OK, MOTE_ERROR_SIZE,
 * MOTE_ERROR_ARGUMENT (also for a port without one of its functions), MOTE_ERROR_NO_TLS, or a
 * MOTE_ERROR_CONNECTION_STRING_* that says what is wrong with the string.
 */
mote_status mote_client_init(mote_client *client, size_t size, const mote_client_options *options);

/** Makes the client speak MQTT over TLS (port 8883), with buffers of its own. Once, before connecting. */
mote_status mote_use_mqtt(mote_client *client, const mote_mqtt_options *options);

/** Size of mote_websocket in bytes. */
#if UINTPTR_MAX > 0xFFFFFFFFu
#define MOTE_WEBSOCKET_SIZE 368
#else
#define MOTE_WEBSOCKET_SIZE 288
#endif

/** A WebSocket between TLS and MQTT. Opaque; owned by the caller. */
typedef struct mote_websocket {
  uint64_t opaque[MOTE_WEBSOCKET_SIZE / 8];
} mote_websocket;

/**
 * In place of mote_use_mqtt: makes the client speak MQTT over a WebSocket over TLS (port 443), for networks that let nothing
 * else through. `size` is sizeof(mote_websocket), which this initialises. All calls after that are the same.
 *
 * It asks for `/$iothub/websocket` with the protocol `mqtt`. Each packet has 6 to 14 bytes more, in the same TLS record: it is
 * masked where it stands, in the outbox or the receive buffer, and unmasked again within mote_poll. MOTE_OK, MOTE_ERROR_SIZE,
 * MOTE_ERROR_ARGUMENT or MOTE_ERROR_STATE.
 */
mote_status mote_use_mqtt_websocket(mote_client *client, const mote_mqtt_options *options, mote_websocket *websocket,
                                    size_t size);

/**
 * Makes the client's messages survive a loss of power, as mote_mqtt_use_journal does. After mote_use_mqtt, before
 * mote_connect and mote_send. A journal belongs to one device (DeviceId): another's is MOTE_ERROR_JOURNAL. The result is
 * how many messages were restored; MOTE_EVENT_SENT tells their tokens.
 */
int32_t mote_use_journal(mote_client *client, mote_journal *journal, uint64_t now);

/**
 * Connects, and connects again whenever the connection is lost, until mote_disconnect; mote_poll does the work: the time has
 * to be known, the name is resolved anew, TCP, TLS, CONNECT, SUBSCRIBE, and what was not acknowledged is sent again. A SAS
 * token is renewed after 80 to 85 % of its life by another connection. While the client waits for its next attempt, this begins it
 * at once. MOTE_ERROR_STATE while there is a connection.
 *
 * Before each attempt it waits, between half of a limit and all of it, at random. The limit is `retry_milliseconds`, twice as
 * much after each failure, and at most `retry_limit_milliseconds`. It is that at once for MOTE_ERROR_DISPLACED, and ten
 * times that for a certificate that was not accepted, for MOTE_ERROR_TLS_RECORD_SIZE, and when the hub refuses a second
 * token in a row (MOTE_ERROR_REFUSED_CREDENTIALS, _AUTHORISATION). What is wrong with the configuration ends in no attempt:
 * MOTE_ERROR_ARGUMENT, _TOO_LARGE (CONNECT and the receive buffer), _TLS_CREDENTIALS, _TLS_LIBRARY, _REFUSED_PROTOCOL,
 * _REFUSED_IDENTIFIER, _SUBSCRIPTION_REFUSED.
 */
mote_status mote_connect(mote_client *client, uint64_t now);

/**
 * Leaves, and does not come back: what has begun to leave is sent, then DISCONNECT, and the hub gets a second to close; ends
 * with MOTE_EVENT_DISCONNECTED. Calling it again meanwhile changes nothing. MOTE_ERROR_STATE before mote_connect.
 */
mote_status mote_disconnect(mote_client *client, uint64_t now);

/**
 * Does what can be done now, and takes the next event: 1 when there is one, 0 when there is none (its
 * `wait` and `deadline` say when to poll again). The longest step without return is one step of the TLS
 * handshake: an RSA or elliptic-curve operation; later, at most 4 receptions and some 64 sends, and with a journal
 * a write for each message that is acknowledged or expires. Any other function may be
 * called between two polls.
 */
int32_t mote_poll(mote_client *client, uint64_t now, mote_event *event);

/** A message property. `value` null: a name without a value. */
typedef struct mote_property {
  const char *name;
  size_t name_length;
  const char *value;
  size_t value_length;
} mote_property;

/** A literal and its length, for the pairs of fields and arguments here. */
#define MOTE_TEXT(literal) (literal), (sizeof(literal) - 1)

/* Names of system properties. Any other name is an application property. */
#define MOTE_MESSAGE_ID "$.mid"
#define MOTE_CORRELATION_ID "$.cid"
#define MOTE_USER_ID "$.uid"
#define MOTE_CONTENT_TYPE "$.ct"
#define MOTE_CONTENT_ENCODING "$.ce"
#define MOTE_CREATION_TIME "$.ctime"
#define MOTE_OUTPUT_NAME "$.on"
#define MOTE_COMPONENT "$.sub"

/** Telemetry: one message from the device to the cloud, at most 256 KiB with its properties. */
typedef struct mote_telemetry {
  size_t size; /**< sizeof(mote_telemetry), set by the caller. */
  const uint8_t *payload; /**< Copied into the outbox during the call, when `source` is null. */
  size_t payload_length;
  mote_source source; /**< Or gives the payload's `payload_length` bytes while they leave. */
  void *source_context;
  const mote_property *properties; /**< Percent-encoded on the way. Used during the call only. */
  size_t property_count;
  int32_t at_most_once; /**< 1: quality of service 0; a loss goes unnoticed. */
  /**
   * A value of `now` in milliseconds. When the message has not begun to leave by then over the connection that there is, it
   * does not leave any more, or within about a second after; it may have over an earlier one. 0: it has time. Looked at in
   * each mote_poll, connected or not.
   */
  uint64_t expires;
} mote_telemetry;

/**
 * Stores a message for the hub, connected or not. The result is its token, above zero, which
 * MOTE_EVENT_SENT tells when the hub has it; MOTE_OK for one at most once.
 * MOTE_ERROR_OUTBOX_FULL: again after a MOTE_EVENT_SENT (of messages at most once nothing is told: after the next
 * mote_poll), also for an outbox that drops messages, when none that it may drop would make room; MOTE_ERROR_TOO_LARGE:
 * never (mote_client_size_needed says how large the outbox would have to be). A message that is dropped (mote_mqtt_options.when_full) or expires is told by MOTE_EVENT_FAILED with
 * MOTE_ERROR_DROPPED or MOTE_ERROR_EXPIRED, and those at most once are not told.
 */
int32_t mote_send(mote_client *client, const mote_telemetry *telemetry);

/**
 * The outbox capacity that the message refused last for want of room needs. Of no account for one that is larger
 * than the hub takes, 256 KiB with its properties, which no outbox helps.
 */
size_t mote_client_size_needed(const mote_client *client);

/** How many messages received at quality of service 1 may wait to be acknowledged. */
#define MOTE_HELD_MESSAGES 8

/**
 * Holds back the acknowledgement of the message that the last event completed. Without it, the next
 * mote_poll acknowledges. A message that is not acknowledged comes again after the next connect. With
 * MOTE_HELD_MESSAGES held, the next message is not taken before one is accepted, nor is what comes behind it,
 * MOTE_EVENT_SENT among it: do not wait for that with all of them held.
 */
mote_status mote_hold(mote_client *client);

/** Acknowledges a message that was held. MOTE_ERROR_STATE: not held, or of an earlier connection. */
mote_status mote_accept(mote_client *client, int32_t token);

/**
 * Decodes the next property of a received message. `bag`: the event's properties; `*position`: 0 at first.
 * Name and value are decoded into `buffer`, where `property` then points. 1: there is one; 0: no more;
 * MOTE_ERROR_BUFFER_TOO_SMALL; MOTE_ERROR_PROPERTY: malformed. After an error `*position` is at the next one.
 */
int32_t mote_next_property(const uint8_t *bag, size_t bag_length, size_t *position, uint8_t *buffer, size_t capacity,
                           mote_property *property);

/* ---- Twin ------------------------------------------------------------------------------------------- */

/** Size of mote_twin in bytes. */
#if UINTPTR_MAX > 0xFFFFFFFFu
#define MOTE_TWIN_SIZE 80
#else
#define MOTE_TWIN_SIZE 64
#endif

/** The twin of a client's device or module. Opaque; owned by the caller. */
typedef struct mote_twin {
  uint64_t opaque[MOTE_TWIN_SIZE / 8];
} mote_twin;

/** Limits of a twin. */
typedef struct mote_twin_options {
  size_t size;                   /**< sizeof(mote_twin_options), set by the caller. */
  uint32_t answer_milliseconds;  /**< Patience for an answer, in steps of 1,024. Default 60,000. */
  int32_t only_reports; /**< 1: the document is not asked for, but by mote_get_twin, and no changes are told. */
} mote_twin_options;

/**
 * Gives the client a twin. Once, after mote_client_init and before mote_connect; `size` is sizeof(mote_twin), which this
 * initialises. `options`: null for defaults.
 *
 * After each connect the document is asked for: MOTE_EVENT_TWIN tells it with status 200, as
 * `{"desired":{…,"$version":3},"reported":{…,"$version":7}}`, in pieces of the receive buffer, and `version`, that of its
 * desired properties, with the last piece. From then on MOTE_EVENT_DESIRED tells what changes, each version that follows on
 * the one told last: only the names that changed, null for one that is gone, and `"$version"`. Older versions are dropped,
 * and so is what comes before the document; when versions are missing, the document is asked for again. An application
 * that sets what it is told is therefore never behind, whatever it missed while it was not connected.
 *
 * When the hub is too busy (429, 500 and more) or does not answer in time, it is asked again after a while that doubles, as with
 * connecting. Another refusal is told by MOTE_EVENT_TWIN with the hub's status and explanation; it is asked again with
 * mote_get_twin or the next connection. MOTE_OK, MOTE_ERROR_SIZE, MOTE_ERROR_ARGUMENT, or MOTE_ERROR_STATE.
 */
mote_status mote_use_twin(mote_client *client, mote_twin *twin, size_t size, const mote_twin_options *options);

/** Asks for the document once more. MOTE_ERROR_STATE without a twin. */
mote_status mote_get_twin(mote_client *client);

/**
 * Reports properties: `patch` is a JSON object to be merged with those reported before, where null removes a name. One at a
 * time. Connected or not; `patch` stays the caller's, is borrowed, and must not change until its first MOTE_EVENT_REPORTED tells
 * what became of it: the hub's status (200 to 299: taken, `version` is that of the reported properties then) or
 * MOTE_ERROR_TIMED_OUT.
 *
 * A patch goes to the hub at most once by each connection, as a copy in the outbox, and its answer acknowledges it. When the
 * connection ends first, it goes again by the next, and while the hub is too busy (429, 500 and more) again after a while that
 * doubles; merging it twice is the same as once. Only an answer that does not come in time leaves it
 * to the application, which cannot know whether it was taken. A journal keeps no patches.
 *
 * MOTE_ERROR_STATE: another is under way, or there is no twin; MOTE_ERROR_TOO_LARGE: more than the outbox less 80 bytes.
 */
mote_status mote_report(mote_client *client, const uint8_t *patch, size_t length);

/* ---- Direct methods ----------------------------------------------------------------------------------- */

/** Size of mote_methods in bytes. */
#if UINTPTR_MAX > 0xFFFFFFFFu
#define MOTE_METHODS_SIZE 40
#else
#define MOTE_METHODS_SIZE 24
#endif

/** The direct methods of a client. Opaque; owned by the caller. */
typedef struct mote_methods {
  uint64_t opaque[MOTE_METHODS_SIZE / 8];
} mote_methods;

/** A call that waits for its response: what the hub calls it by, at most 37 bytes. Opaque; owned by the caller. */
typedef struct mote_call {
  uint64_t opaque[5];
} mote_call;

/**
 * Lets the hub call methods of the device (protocol of IoT Hub, direct methods): MOTE_EVENT_METHOD tells each, and mote_respond
 * answers it. Once, after mote_client_init and before mote_connect; `size` is sizeof(mote_methods), which this initialises.
 * `calls`: memory for the `count` calls, 1 to 255, that may be pending at once, in any order of response. A call beyond
 * them, or with a longer name for itself than mote_call holds, is answered with status 503 at once, and not told.
 *
 * A hub forgets the calls of a connection that has ended: all that are pending are then forgotten here too, and a message that
 * was coming in pieces ends in MOTE_EVENT_ABORTED. A method may be called twice when its caller does not get the response.
 * MOTE_OK, MOTE_ERROR_SIZE, MOTE_ERROR_ARGUMENT, or MOTE_ERROR_STATE.
 */
mote_status mote_use_methods(mote_client *client, mote_methods *methods, size_t size, mote_call *calls, size_t count);

/**
 * Responds to the method told with `token`, complete or not. `status` is the application's own, 0 or more, by convention 200 for
 * done; `payload` is JSON, or nothing, and copied into the outbox. It leaves once, by this connection: whether it arrives in the
 * caller's time is known only to the caller. MOTE_ERROR_OUTBOX_FULL: the call is still pending, respond again after the next
 * mote_poll; MOTE_ERROR_TOO_LARGE likewise, with less; MOTE_ERROR_LATE: its connection has ended; MOTE_ERROR_STATE: nobody waits,
 * since it was responded to already, or never told.
 */
mote_status mote_respond(mote_client *client, int32_t token, int32_t status, const uint8_t *payload, size_t payload_length);

/* ---- How it goes --------------------------------------------------------------------------------------- */

/** How the last connection ended. */
typedef struct mote_error {
  int32_t step;         /**< MOTE_STEP_* */
  mote_status status;   /**< MOTE_OK when it was asked to end. */
  int32_t library_code; /**< mbedTLS's own code, the HTTP status of MOTE_ERROR_WEBSOCKET_REFUSED, or 0. */
} mote_error;

/** How the last connection ended, for a log. Holds no secret. */
mote_status mote_client_last_error(const mote_client *client, mote_error *error);

/** What a client has counted since mote_client_init. Counters go round. */
typedef struct mote_statistics {
  size_t size;       /**< sizeof(mote_statistics), set by the caller. */
  uint32_t connects; /**< Connections that the hub accepted. */
  uint32_t failures[MOTE_STEPS]; /**< Attempts and connections that failed in each MOTE_STEP_*. */
  uint32_t sent;     /**< Messages that the hub acknowledged. */
  uint32_t resent;   /**< Messages that left again, since they had not been acknowledged when a connection ended. */
  uint32_t dropped;  /**< Messages that were dropped or expired, those at most once too. */
  uint32_t received; /**< Cloud-to-device messages that came in full. */
  uint64_t bytes_sent; /**< Bytes of MQTT, before WebSocket and TLS. */
  uint64_t bytes_received;
  uint64_t longest_gap_milliseconds; /**< Longest time without a connection, from mote_connect on. */
} mote_statistics;

/**
 * Writes what the client had counted by the last mote_poll to the first `size` bytes of `statistics`; `size` becomes this
 * version's.
 */
mote_status mote_client_statistics(const mote_client *client, mote_statistics *statistics);

#ifdef __cplusplus
}
#endif

#endif
