/*
 * Mote's port over lwIP's raw interface: one TCP connection. lwIP calls back from inside network_poll; what it brings is
 * kept until Mote asks. Nothing here waits.
 */
#include "board.h"

#include <lwip/dns.h>
#include <lwip/tcp.h>

#include <string.h>

enum { NO_CONNECTION, CONNECTING, CONNECTED, ENDED };

static struct {
  struct tcp_pcb *connection; /* Null once lwIP has freed it. */
  struct pbuf *received;
  int state;
  int32_t failure; /* Once ENDED: what Mote is told when everything received is taken. */
  ip_addr_t address;
  uint32_t question; /* Counts lookups, so that a late answer to an earlier one is not taken for this one's. */
  int is_asking;
  int32_t answer; /* Of resolve. */
} port;

static int32_t status_of(err_t error) {
  switch (error) {
  case ERR_RST: return port.state == CONNECTING ? MOTE_ERROR_REFUSED : MOTE_ERROR_RESET;
  case ERR_CLSD: return MOTE_ERROR_CLOSED;
  case ERR_RTE: return MOTE_ERROR_UNREACHABLE;
  case ERR_ABRT:
  case ERR_TIMEOUT: return MOTE_ERROR_TIMED_OUT;
  default: return MOTE_ERROR_NETWORK;
  }
}

/* ---- What lwIP tells -------------------------------------------------------------------------------------------------- */

static void on_answer(const char *name, const ip_addr_t *address, void *question) {
  (void)name;
  if ((uintptr_t)question != port.question) return;
  if (address != NULL) port.address = *address;
  /* lwIP does not say whether there is no such name or nobody answered. */
  port.answer = address != NULL ? 1 : MOTE_ERROR_NAME_SERVER;
}

static err_t on_connected(void *unused, struct tcp_pcb *connection, err_t error) {
  (void)unused, (void)connection, (void)error;
  port.state = CONNECTED;
  return ERR_OK;
}

static err_t on_received(void *unused, struct tcp_pcb *connection, struct pbuf *bytes, err_t error) {
  (void)unused, (void)connection, (void)error;
  if (bytes == NULL) {
    port.state = ENDED;
    port.failure = MOTE_ERROR_CLOSED;
  } else if (port.received == NULL) {
    port.received = bytes;
  } else {
    pbuf_cat(port.received, bytes);
  }
  return ERR_OK;
}

static void on_error(void *unused, err_t error) {
  (void)unused;
  port.connection = NULL;
  port.failure = status_of(error);
  port.state = ENDED;
}

/* ---- What Mote asks --------------------------------------------------------------------------------------------------- */

static int32_t port_resolve(void *context, const char *name, size_t length) {
  (void)context;
  if (!port.is_asking) {
    char text[DNS_MAX_NAME_LENGTH];
    if (length >= sizeof text) return MOTE_ERROR_NAME_NOT_FOUND;
    memcpy(text, name, length);
    text[length] = 0;
    port.question += 1;
    port.answer = 0;
    network_choose_name_server();
    err_t error = dns_gethostbyname(text, &port.address, on_answer, (void *)(uintptr_t)port.question);
    if (error == ERR_OK) return 1;
    if (error != ERR_INPROGRESS) return MOTE_ERROR_NAME_SERVER;
    port.is_asking = 1;
  }
  if (port.answer != 0) port.is_asking = 0;
  return port.answer;
}

static int32_t port_connect(void *context, int32_t index, uint16_t port_number) {
  (void)context, (void)index;
  if (port.state == CONNECTED) return 1;
  if (port.state == CONNECTING) return 0;
  if (port.state == ENDED) return port.failure;
  port.connection = tcp_new();
  if (port.connection == NULL) return MOTE_ERROR_NETWORK;
  port.state = CONNECTING;
  tcp_recv(port.connection, on_received);
  tcp_err(port.connection, on_error);
  err_t error = tcp_connect(port.connection, &port.address, port_number, on_connected);
  return error == ERR_OK ? 0 : status_of(error);
}

static int32_t port_send(void *context, const uint8_t *bytes, size_t length) {
  (void)context;
  if (port.connection == NULL) return port.failure;
  size_t room = tcp_sndbuf(port.connection);
  if (length > room) length = room;
  if (length == 0 || tcp_sndqueuelen(port.connection) + 2 > TCP_SND_QUEUELEN) return 0;
  err_t error = tcp_write(port.connection, bytes, (u16_t)length, TCP_WRITE_FLAG_COPY);
  if (error == ERR_MEM) return 0;
  if (error != ERR_OK) return status_of(error);
  tcp_output(port.connection);
  return (int32_t)length;
}

static int32_t port_receive(void *context, uint8_t *bytes, size_t capacity) {
  (void)context;
  if (port.received == NULL) return port.state == ENDED ? port.failure : 0;
  u16_t room = (u16_t)(capacity < 0xFFFF ? capacity : 0xFFFF);
  u16_t count = pbuf_copy_partial(port.received, bytes, room, 0);
  port.received = pbuf_free_header(port.received, count);
  if (port.connection != NULL) tcp_recved(port.connection, count);
  return count;
}

static void port_close(void *context) {
  (void)context;
  port.question += 1;
  port.is_asking = 0;
  if (port.received != NULL) pbuf_free(port.received);
  port.received = NULL;
  if (port.connection != NULL) {
    tcp_recv(port.connection, NULL);
    tcp_err(port.connection, NULL);
    /* What was sent still leaves; without memory to say goodbye, the peer is told by a reset. */
    if (tcp_close(port.connection) != ERR_OK) tcp_abort(port.connection);
    port.connection = NULL;
  }
  port.state = NO_CONNECTION;
  port.failure = MOTE_ERROR_CLOSED;
}

static int32_t port_entropy(void *context, uint8_t *bytes, size_t length) {
  (void)context;
  return entropy_fill(bytes, length);
}

static int64_t port_wall_seconds(void *context) {
  (void)context;
  return network_wall_seconds();
}

const mote_port *board_port(void) {
  static const mote_port functions = {.resolve = port_resolve,
                                      .connect = port_connect,
                                      .send = port_send,
                                      .receive = port_receive,
                                      .close = port_close,
                                      .entropy = port_entropy,
                                      .wall_seconds = port_wall_seconds};
  return &functions;
}

/* ---- When to look again ----------------------------------------------------------------------------------------------- */

int port_is_ready(int32_t wait) {
  if (port.state == ENDED || (port.is_asking && port.answer != 0)) return 1;
  if (port.state != CONNECTED) return 0;
  if ((wait & MOTE_WAIT_READ) != 0 && port.received != NULL) return 1;
  return (wait & MOTE_WAIT_WRITE) != 0 && tcp_sndbuf(port.connection) > 0 &&
         tcp_sndqueuelen(port.connection) + 2 <= TCP_SND_QUEUELEN;
}
