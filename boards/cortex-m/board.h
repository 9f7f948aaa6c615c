/*
 * What a board gives the application, and what its drivers give the rest of the board. One thread: everything runs in
 * main, and the only interrupt is the tick of the clock.
 */
#ifndef BOARD_H
#define BOARD_H

#include <mote.h>
#include <mote_tls.h>

/* ---- For the application ---------------------------------------------------------------------------------------------- */

/** Starts the console, the clock and the network. Once, first. */
void board_start(void);

/** Monotonic time in milliseconds since start. */
uint64_t board_now(void);

/** The network as Mote sees it. One. */
const mote_port *board_port(void);

/**
 * Sleeps until the port can do what `wait` says (MOTE_WAIT_READ, MOTE_WAIT_WRITE), or until `deadline`; meanwhile moves
 * frames and runs the network's timers. Whatever `wait` says, it returns when the connection has ended.
 */
void board_wait(int32_t wait, uint64_t deadline);

/** What this one device is told, from a page of flash of its own. Strings are in flash, not NUL-terminated. */
typedef struct board_setting {
  const char *text; /**< Null: not given. */
  size_t length;
} board_setting;

/** The line `name=…` of the settings. */
board_setting board_setting_of(const char *name);

/** The setting as a number from 0 to 65535, or `otherwise`. */
uint32_t board_setting_number(const char *name, uint32_t otherwise);

/** The root that the hub's certificate ends at, DER in flash. Its length is 0 when there is none. */
mote_tls_root board_root(void);

/** Writes on the console. Never a secret. */
void board_print(const char *text);
void board_print_bytes(const uint8_t *bytes, size_t length); /**< What is not printable ASCII becomes a dot. */
void board_print_number(uint32_t number);

/** Says on the console why, and stops for good. */
_Noreturn void board_stop(const char *why);

/** Bytes of .data and .bss; the stack's size, and the most that was ever used of it. */
size_t board_static_size(void);
size_t board_stack_size(void);
size_t board_stack_used(void);

/** What the stack is painted with at start. */
#define BOARD_PAINT 0xA5

/* ---- What a board's drivers give --------------------------------------------------------------------------------------- */

/** Frequency of the CPU and of SysTick, once the console has started. */
extern const uint32_t board_hertz;

/** Starts clocks, pins and the serial line; after it console_put writes one character, and waits for room. */
void console_start(void);
void console_put(char character);

/** Starts the Ethernet controller, which never interrupts, and gives its address. 1, or 0 when it does not answer. */
int ethernet_start(uint8_t address[6]);

/** Whether there is a cable, as far as the controller knows. */
int ethernet_has_link(void);

/**
 * The next frame received: its length without checksum, or 0. Its bytes are read from the first to the last, in pieces;
 * ethernet_end_receive drops what was not read.
 */
size_t ethernet_begin_receive(void);
void ethernet_read(uint8_t *bytes, size_t length);
void ethernet_end_receive(void);

/** Room for a frame of `length` bytes: 1, or 0 for none now. Its bytes are written in pieces, and it leaves at the end. */
int ethernet_begin_send(size_t length);
void ethernet_write(const uint8_t *bytes, size_t length);
void ethernet_end_send(void);

/** Fills `bytes` with random bytes. MOTE_OK, or MOTE_ERROR_NO_ENTROPY. */
mote_status entropy_fill(uint8_t *bytes, size_t length);

/* ---- Between the board's own parts ------------------------------------------------------------------------------------- */

void clock_start(void);
uint32_t clock_seconds(void); /**< Whole seconds since start. */

/** Starts the network over the Ethernet controller: DHCP, and with an address names and time. */
void network_start(void);

/** Moves received frames up and runs due timers. */
void network_poll(void);

/** UTC in seconds since 1970, or 0 while it is unknown. */
int64_t network_wall_seconds(void);

/** Has names looked up where the settings say, if they do. */
void network_choose_name_server(void);

/** Whether the connection can do what `wait` says, or has ended. */
int port_is_ready(int32_t wait);

#endif
