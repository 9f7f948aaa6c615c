/*
 * lwIP for a device that is a client of one hub: DHCP, DNS, SNTP and TCP without an operating system, in some 14 KiB of
 * RAM. Whatever allocates does it from lwIP's own pools.
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#include <stdint.h>

/* No operating system: the raw interface, called from main alone. */
#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define LWIP_STATS 0

#define LWIP_IPV4 1
#define LWIP_IPV6 0
#define LWIP_ARP 1
#define LWIP_ICMP 1
#define LWIP_RAW 0
#define IP_REASSEMBLY 0
#define IP_FRAG 0

/* Memory. Frames come into chains of buffers of 512 bytes: most are short. */
#define MEM_ALIGNMENT 4
#define MEM_SIZE 5120
#define PBUF_POOL_SIZE 14
#define PBUF_POOL_BUFSIZE 512
#define MEMP_NUM_PBUF 8
#define MEMP_NUM_TCP_PCB 4
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_TCP_SEG 12
#define MEMP_NUM_UDP_PCB 4
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 3) /* SNTP's two, and network.c's. */
#define ARP_TABLE_SIZE 4
#define ARP_QUEUEING 0

/* TCP: two full segments each way are enough for records of a device. */
#define TCP_MSS 1460
#define TCP_WND (2 * TCP_MSS)
#define TCP_SND_BUF (2 * TCP_MSS)
#define TCP_SND_QUEUELEN 8
#define TCP_OVERSIZE 128
#define TCP_LISTEN_BACKLOG 0

/* Addresses and names. A name is looked up anew for each connection, since a hub moves: no answer is kept. */
#define LWIP_DHCP 1
#define LWIP_DHCP_DOES_ACD_CHECK 0
#define LWIP_DNS 1
#define DNS_TABLE_SIZE 2
#define DNS_MAX_NAME_LENGTH 128
#define DNS_MAX_TTL 0
#define LWIP_NETIF_HOSTNAME 0

/* The port of the name server, when the settings have one. */
uint16_t network_name_port(void);
#define DNS_SERVER_PORT network_name_port()

/* Time. An answer counts from the server that was asked alone, and with the random number that was sent with the question. */
#define SNTP_SERVER_DNS 1
#define SNTP_CHECK_RESPONSE 2
#define SNTP_GET_SYSTEM_TIME_NTP(seconds, fraction) \
  do { \
    (seconds) = (s32_t)network_random(); \
    (fraction) = network_random(); \
  } while (0)
#define SNTP_RECV_TIMEOUT 3000
#define SNTP_RETRY_TIMEOUT_MAX 60000
#define SNTP_STARTUP_DELAY 0
void network_set_time(uint32_t seconds);
#define SNTP_SET_SYSTEM_TIME(seconds) network_set_time(seconds)
uint16_t network_time_port(void);
#define SNTP_PORT network_time_port()

#endif
