/*
 * What a Mote TLS connection accepts and what it refuses, and why, against `openssl s_server` and scripted peers.
 * Run by tls_refusals.sh in a folder of certificates made for it.
 */
#include "tls_tests.h"

#include <stdio.h>
#include <string.h>

/* ---- Servers that are accepted and refused --------------------------------------------------------------- */

struct meeting {
  const char *name;
  const char *server; /**< Arguments of `openssl s_server`. */
  const char *roots;
  const char *host;
  int64_t wall_seconds;
  int32_t expected;
};

static const struct meeting meetings[] = {
  {"accepts a server with an elliptic-curve key", "-cert ec.pem -key ec.key", "ca.pem", "localhost", WALL, 1},
  {"accepts a server with an RSA key", "-cert rsa.pem -key rsa.key", "ca.pem", "localhost", WALL, 1},
  {"accepts a chain with an intermediate", "-cert deep.pem -key deep.key -cert_chain middle.pem", "ca.pem", "localhost",
   WALL, 1},
  {"accepts a root that the C library's clock has not reached", "-cert late.pem -key late.key", "lateca.pem", "localhost",
   WALL, 1},
  {"refuses another host", "-cert ec.pem -key ec.key", "ca.pem", "hub.example", WALL, MOTE_ERROR_CERTIFICATE_HOST},
  {"refuses an expired certificate", "-cert expired.pem -key expired.key", "ca.pem", "localhost", WALL,
   MOTE_ERROR_CERTIFICATE_EXPIRED},
  {"refuses a certificate of later", "-cert early.pem -key early.key", "ca.pem", "localhost", WALL,
   MOTE_ERROR_CERTIFICATE_NOT_YET_VALID},
  {"refuses by the given clock: too late", "-cert ec.pem -key ec.key", "ca.pem", "localhost", WALL + 20 * 31536000LL,
   MOTE_ERROR_CERTIFICATE_EXPIRED},
  {"refuses by the given clock: too early", "-cert ec.pem -key ec.key", "ca.pem", "localhost", MOTE_EARLIEST_SECONDS,
   MOTE_ERROR_CERTIFICATE_NOT_YET_VALID},
  {"refuses an expired intermediate", "-cert stale.pem -key stale.key -cert_chain oldmiddle.pem", "ca.pem", "localhost",
   WALL, MOTE_ERROR_CERTIFICATE_EXPIRED},
  {"refuses an expired root", "-cert orphan.pem -key orphan.key", "oldca.pem", "localhost", WALL,
   MOTE_ERROR_CERTIFICATE_EXPIRED},
  {"refuses an unknown root", "-cert ec.pem -key ec.key", "otherca.pem", "localhost", WALL,
   MOTE_ERROR_CERTIFICATE_UNTRUSTED},
  {"refuses a root that only has the right name", "-cert ec.pem -key ec.key", "falseca.pem", "localhost", WALL,
   MOTE_ERROR_CERTIFICATE_UNTRUSTED},
  {"refuses a self-signed certificate", "-cert self.pem -key self.key", "ca.pem", "localhost", WALL,
   MOTE_ERROR_CERTIFICATE_UNTRUSTED},
  {"says untrusted before another host", "-cert self.pem -key self.key", "ca.pem", "hub.example", WALL,
   MOTE_ERROR_CERTIFICATE_UNTRUSTED},
  {"says another host before expired", "-cert expired.pem -key expired.key", "ca.pem", "hub.example", WALL,
   MOTE_ERROR_CERTIFICATE_HOST},
  {"says rejected before another host", "-cert device.pem -key device.key", "ca.pem", "hub.example", WALL,
   MOTE_ERROR_CERTIFICATE_REJECTED},
  {"refuses a client's certificate in a server", "-cert device.pem -key device.key", "ca.pem", "localhost", WALL,
   MOTE_ERROR_CERTIFICATE_REJECTED},
  {"refuses an RSA key of 1024 bits", "-cert weak.pem -key weak.key -cipher ALL:@SECLEVEL=0", "ca.pem", "localhost", WALL,
   MOTE_ERROR_CERTIFICATE_REJECTED},
  {"refuses a signature over SHA-1", "-cert sha1.pem -key sha1.key -cipher ALL:@SECLEVEL=0", "ca.pem", "localhost", WALL,
   MOTE_ERROR_CERTIFICATE_REJECTED},
  {"refuses a server of TLS 1.0", "-cert rsa.pem -key rsa.key -tls1 -cipher ALL:@SECLEVEL=0", "ca.pem", "localhost", WALL,
   MOTE_ERROR_TLS_VERSION},
  {"refuses a server of TLS 1.1", "-cert rsa.pem -key rsa.key -tls1_1 -cipher ALL:@SECLEVEL=0", "ca.pem", "localhost", WALL,
   MOTE_ERROR_TLS_VERSION},
  {"offers no RSA key exchange", "-cert rsa.pem -key rsa.key -tls1_2 -cipher AES128-GCM-SHA256", "ca.pem", "localhost", WALL,
   MOTE_ERROR_TLS_VERSION},
  {"offers no suite with SHA-1", "-cert rsa.pem -key rsa.key -tls1_2 -cipher ECDHE-RSA-AES128-SHA", "ca.pem", "localhost",
   WALL, MOTE_ERROR_TLS_VERSION},
  {"offers no ChaCha20", "-cert rsa.pem -key rsa.key -tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305", "ca.pem", "localhost",
   WALL, MOTE_ERROR_TLS_VERSION},
  {"refuses a clock before the release", "-cert ec.pem -key ec.key", "ca.pem", "localhost", MOTE_EARLIEST_SECONDS - 1,
   MOTE_ERROR_NO_TIME},
  {"refuses an unknown clock", "-cert ec.pem -key ec.key", "ca.pem", "localhost", 0, MOTE_ERROR_NO_TIME},
};

static void meet(const struct meeting *meeting) {
  struct server server;
  struct client client;
  int32_t result = initialise(&client, meeting->roots, NULL, 0);
  server_start(&server, meeting->server);
  if (result == MOTE_OK) result = connect_to(&client, &server, meeting->host, meeting->wall_seconds);
  check_number(result, meeting->expected, meeting->name);
  leave(&client);
  mote_tls_deinit(&client.tls);
  server_stop(&server);
}

static void meet_with_every_suite(void) {
  static const char *const suites[][2] = {
    {"ECDHE-ECDSA-AES128-GCM-SHA256", "TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256"},
    {"ECDHE-ECDSA-AES256-GCM-SHA384", "TLS-ECDHE-ECDSA-WITH-AES-256-GCM-SHA384"},
    {"ECDHE-RSA-AES128-GCM-SHA256", "TLS-ECDHE-RSA-WITH-AES-128-GCM-SHA256"},
    {"ECDHE-RSA-AES256-GCM-SHA384", "TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384"},
    {"ECDHE-ECDSA-AES128-SHA256", "TLS-ECDHE-ECDSA-WITH-AES-128-CBC-SHA256"},
    {"ECDHE-ECDSA-AES256-SHA384", "TLS-ECDHE-ECDSA-WITH-AES-256-CBC-SHA384"},
    {"ECDHE-RSA-AES128-SHA256", "TLS-ECDHE-RSA-WITH-AES-128-CBC-SHA256"},
    {"ECDHE-RSA-AES256-SHA384", "TLS-ECDHE-RSA-WITH-AES-256-CBC-SHA384"},
  };
  struct client client;
  initialise(&client, "ca.pem", NULL, 0);
  for (size_t index = 0; index < sizeof suites / sizeof suites[0]; index++) {
    char arguments[256];
    snprintf(arguments, sizeof arguments, "-cert ec.pem -key ec.key -dcert rsa.pem -dkey rsa.key -tls1_2 -cipher %s",
             suites[index][0]);
    struct server server;
    server_start(&server, arguments);
    int32_t result = connect_to(&client, &server, "localhost", WALL);
    const char *suite = result == 1 ? mbedtls_ssl_get_ciphersuite(&client.tls.session) : "none";
    check(strcmp(suite, suites[index][1]) == 0, suites[index][1]);
    leave(&client);
    server_stop(&server);
  }
  mote_tls_deinit(&client.tls);
}

static void meet_with_certificate(void) {
  const char *arguments = "-cert ec.pem -key ec.key -Verify 1 -verify_return_error -CAfile ca.pem -msg "
                          "-attime 1907712000 -tls1_2";
  struct server server;
  struct client client;
  server_start(&server, arguments);
  check_number(initialise(&client, "ca.pem", "device", 0), MOTE_OK, "reads a certificate and its key");
  check_number(connect_to(&client, &server, "localhost", WALL), 1, "proves who the device is");
  check_number(mote_tls_handshake(&client.tls), 1, "says again that the handshake is done");
  leave(&client);
  check(server_says(&server, "warning close_notify"), "says goodbye");
  mote_tls_deinit(&client.tls);

  initialise(&client, "ca.pem", NULL, 0);
  check_number(connect_to(&client, &server, "localhost", WALL), MOTE_ERROR_TLS_ALERT, "is told that a certificate is wanted");
  leave(&client);
  mote_tls_deinit(&client.tls);
  server_stop(&server);
  check_number(initialise(&client, "ca.pem", "mismatched", 0), MOTE_ERROR_TLS_CREDENTIALS, "refuses another certificate's key");
}

#ifdef MBEDTLS_SSL_PROTO_TLS1_3
static int32_t send_to_nobody(void *context, const uint8_t *bytes, size_t length) {
  (void)context;
  (void)bytes;
  (void)length;
  return MOTE_ERROR_RESET;
}
#endif

/** In TLS 1.3 the handshake is done before the server has judged the client's certificate: an alert comes after it. */
static void meet_with_certificate_later(void) {
#ifdef MBEDTLS_SSL_PROTO_TLS1_3
  struct server server;
  struct client client;
  uint8_t byte = 0;
  server_start(&server, "-cert ec.pem -key ec.key -Verify 1 -verify_return_error -CAfile ca.pem -attime 1907712000 -tls1_3");
  initialise(&client, "ca.pem", "device", 0);
  check_number(connect_to(&client, &server, "localhost", WALL), 1, "TLS 1.3: proves who the device is");
  check(strcmp(mbedtls_ssl_get_version(&client.tls.session), "TLSv1.3") == 0, "TLS 1.3: is what was agreed on");
  leave(&client);
  mote_tls_deinit(&client.tls);

  static const char *const identities[] = {NULL, "self"};
  for (int index = 0; index < 2; index++) {
    initialise(&client, "ca.pem", identities[index], 0);
    check_number(connect_to(&client, &server, "localhost", WALL), 1, "TLS 1.3: is done before the server has judged");
    if (index == 0) {
      check_number(await(&client, &byte, 1), MOTE_ERROR_TLS_ALERT, "TLS 1.3: is told afterwards");
    } else {
      mote_linux_wait(&client.linux_port, MOTE_WAIT_READ, mote_linux_now() + 5000, -1);
      client.port.send = send_to_nobody;
      check_number(mote_tls_send(&client.tls, &byte, 1), MOTE_ERROR_TLS_ALERT, "TLS 1.3: also when it sends to a closed door");
    }
    check(!client.tls.has_saved, "TLS 1.3: and has nothing to resume");
    leave(&client);
    mote_tls_deinit(&client.tls);
  }
  server_stop(&server);
#endif
}

/* ---- Bytes ------------------------------------------------------------------------------------------------- */

#define LINE 12000

/** Sends a line in pieces to a server that gives it back reversed, over a port that takes `step` bytes at a time. */
static void check_echo(const char *server_arguments, uint32_t max_fragment_length, size_t step, size_t largest_record,
                       const char *name) {
  static uint8_t line[LINE + 1], answer[LINE + 1];
  struct server server;
  struct client client;
  struct slow_port slow;
  server_start(&server, server_arguments);
  for (size_t index = 0; index < LINE; index++) line[index] = (uint8_t)('a' + index * 7 % 26);
  line[LINE] = '\n';
  memset(answer, 0, sizeof answer);

  int32_t result = initialise(&client, "ca.pem", NULL, max_fragment_length);
  if (result == MOTE_OK) result = reach(&client, "localhost", server.port_number);
  mote_port port = slow_port(&slow, &client.port, step);
  if (result == 1) result = shake_hands(&client, &port, "localhost", WALL);
  size_t sent = 0, received = 0, waits = 0;
  uint64_t deadline = mote_linux_now() + 10000;
  while (result >= 0 && received < sizeof answer && mote_linux_now() < deadline) {
    /* Offers a little first, and all the rest once that has been refused: only the little may count as taken. */
    if (sent < sizeof line) {
      size_t rest = sizeof line - sent;
      size_t offered = client.tls.unsent == 0 && rest > 500 ? 500 : rest;
      size_t limit = client.tls.unsent > 0 ? client.tls.unsent : offered;
      result = mote_tls_send(&client.tls, line + sent, offered);
      waits += result == 0;
      if (result > (int32_t)limit) result = MOTE_ERROR_TLS;
      if (result > 0) sent += (size_t)result;
    } else {
      result = mote_tls_receive(&client.tls, answer + received, sizeof answer - received);
      if (result > 0) received += (size_t)result;
    }
  }
  int is_reversed = received == sizeof answer && answer[LINE] == '\n';
  for (size_t index = 0; index < LINE; index++) is_reversed &= answer[index] == line[LINE - 1 - index];
  check(is_reversed && waits > 0 && slow.largest_record <= largest_record, name);
  if (!is_reversed) printf("  sent %zu, received %zu, status %d\n", sent, received, (int)result);
  leave(&client);
  mote_tls_deinit(&client.tls);
  server_stop(&server);
}

static void check_goodbye_of_server(void) {
  struct server server;
  struct client client;
  uint8_t bytes[16];
  server_start(&server, "-cert ec.pem -key ec.key -tls1_2 -rev");
  initialise(&client, "ca.pem", NULL, 0);
  connect_to(&client, &server, "localhost", WALL);
  check_number(mote_tls_receive(&client.tls, bytes, sizeof bytes), 0, "gives nothing when there is nothing");
  mote_tls_send(&client.tls, (const uint8_t *)"54321\n", 6);
  check(await(&client, bytes, 4) == 4 && mote_tls_receive(&client.tls, bytes + 4, 12) == 2 &&
          memcmp(bytes, "12345\n", 6) == 0,
        "gives the rest of a record when asked again");
  mote_tls_send(&client.tls, (const uint8_t *)"CLOSE\n", 6);
  check_number(await(&client, bytes, sizeof bytes), MOTE_ERROR_CLOSED, "notices the server's goodbye");
  check_number(mote_tls_library_code(&client.tls), MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY, "keeps mbedTLS's code");
  check_number(mote_tls_send(&client.tls, bytes, 1), MOTE_ERROR_CLOSED, "goes on telling how a connection ended");
  leave(&client);
  connect_to(&client, &server, "localhost", WALL);
  server_stop(&server);
  int32_t result = await(&client, bytes, sizeof bytes);
  check(result == MOTE_ERROR_CLOSED || result == MOTE_ERROR_RESET, "notices that the server is gone");
  leave(&client);
  mote_tls_deinit(&client.tls);
}

/* ---- Peers by script ---------------------------------------------------------------------------------------- */

struct script {
  const char *name;
  const char *bytes;
  size_t length;
  mote_status status;
  int32_t expected;
};

/* A ServerHello that chooses TLS 1.1 and a suite that was offered. */
#define EIGHT_ZEROS "\0\0\0\0\0\0\0\0"
#define OLD_HELLO \
  "\x16\x03\x02\x00\x2a\x02\x00\x00\x26\x03\x02" EIGHT_ZEROS EIGHT_ZEROS EIGHT_ZEROS EIGHT_ZEROS "\x00\xc0\x2b\x00"

static const struct script scripts[] = {
  {"a peer that chooses TLS 1.1", OLD_HELLO, 47, MOTE_ERROR_CLOSED, MOTE_ERROR_TLS_VERSION},
  {"a peer that closes at once", "", 0, MOTE_ERROR_CLOSED, MOTE_ERROR_CLOSED},
  {"a peer that resets", "", 0, MOTE_ERROR_RESET, MOTE_ERROR_RESET},
  {"a reset inside a record", "\x16\x03\x03\x00\x80\x02", 6, MOTE_ERROR_RESET, MOTE_ERROR_RESET},
  {"a close inside a record", "\x16\x03\x03\x00\x80\x02", 6, MOTE_ERROR_CLOSED, MOTE_ERROR_CLOSED},
  {"a peer that times out", "", 0, MOTE_ERROR_TIMED_OUT, MOTE_ERROR_TIMED_OUT},
  {"a peer of another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n", 28, MOTE_ERROR_CLOSED, MOTE_ERROR_TLS},
  {"a record that is too large", "\x16\x03\x03\x60\x00\x02", 6, MOTE_ERROR_CLOSED, MOTE_ERROR_TLS_RECORD_SIZE},
  {"a handshake message of two records", "\x16\x03\x03\x00\x06\x02\x00\x00\x50\x03\x03", 11, MOTE_ERROR_CLOSED,
   MBEDTLS_VERSION_NUMBER < 0x03060300 ? MOTE_ERROR_TLS_RECORD_SIZE : MOTE_ERROR_CLOSED},
  {"an empty record", "\x16\x03\x03\x00\x00", 5, MOTE_ERROR_CLOSED, MOTE_ERROR_TLS},
  {"alert: handshake failure", "\x15\x03\x03\x00\x02\x02\x28", 7, 0, MOTE_ERROR_TLS_VERSION},
  {"alert: protocol version", "\x15\x03\x01\x00\x02\x02\x46", 7, 0, MOTE_ERROR_TLS_VERSION},
  {"alert: insufficient security", "\x15\x03\x03\x00\x02\x02\x47", 7, 0, MOTE_ERROR_TLS_VERSION},
  {"alert: internal error", "\x15\x03\x03\x00\x02\x02\x50", 7, 0, MOTE_ERROR_TLS_ALERT},
  {"alert: access denied", "\x15\x03\x03\x00\x02\x02\x31", 7, 0, MOTE_ERROR_TLS_ALERT},
  {"alert: goodbye", "\x15\x03\x03\x00\x02\x01\x00", 7, 0, MOTE_ERROR_CLOSED},
};

static void follow(const struct script *script) {
  struct client client;
  struct scripted_port state = {(const uint8_t *)script->bytes, script->length, script->status, MOTE_OK};
  mote_port port = scripted_port(&state);
  initialise(&client, "ca.pem", NULL, 0);
  check_number(shake_hands(&client, &port, "localhost", WALL), script->expected, script->name);
  leave(&client);
  mote_tls_deinit(&client.tls);
}

/** A record that fits the buffer's margin for encryption, though not what may be in a record. */
static void check_long_record(void) {
  static uint8_t bytes[5 + MBEDTLS_SSL_IN_CONTENT_LEN + 16] = {22, 3, 3};
  bytes[3] = (sizeof bytes - 5) >> 8;
  bytes[4] = (sizeof bytes - 5) & 0xFF;
  struct script script = {"a record that is a little too large", (const char *)bytes, sizeof bytes, MOTE_ERROR_CLOSED,
                          MOTE_ERROR_TLS_RECORD_SIZE};
  follow(&script);
}

static void check_entropy(void) {
  struct client client;
  struct scripted_port state = {NULL, 0, MOTE_ERROR_CLOSED, MOTE_ERROR_NETWORK};
  mote_port port = scripted_port(&state);
  initialise(&client, "ca.pem", NULL, 0);
  check_number(shake_hands(&client, &port, "localhost", WALL), MOTE_ERROR_NO_ENTROPY, "refuses to start without entropy");
  state.entropy_status = MOTE_OK;
  check_number(shake_hands(&client, &port, "localhost", WALL), MOTE_ERROR_CLOSED, "starts when there is entropy again");
  check_number(mote_tls_library_code(&client.tls), MBEDTLS_ERR_SSL_CONN_EOF, "tells mbedTLS of the end");
  mote_tls_deinit(&client.tls);
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (size_t index = 0; index < sizeof meetings / sizeof meetings[0]; index++) meet(&meetings[index]);
  meet_with_every_suite();
  meet_with_certificate();
  meet_with_certificate_later();
  check_echo("-cert rsa.pem -key rsa.key -rev", 0, 1, 16640, "carries bytes one at a time");
  check_echo("-cert ec.pem -key ec.key -rev", 4096, 700, 4096 + 29, "gets fragments of the length asked for");
  check_goodbye_of_server();
  for (size_t index = 0; index < sizeof scripts / sizeof scripts[0]; index++) follow(&scripts[index]);
  check_long_record();
  check_entropy();
  check_use();
  check_resumption();
  return checks_end();
}
