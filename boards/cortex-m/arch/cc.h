/*
 * The compiler and the platform, as lwIP asks for them.
 */
#ifndef ARCH_CC_H
#define ARCH_CC_H

#include <stdint.h>

/** Random numbers for identifiers and ports. */
uint32_t network_random(void);
#define LWIP_RAND() network_random()

#define LWIP_NOASSERT 1
#define LWIP_PLATFORM_DIAG(message)
#define LWIP_PLATFORM_ASSERT(message)

#endif
