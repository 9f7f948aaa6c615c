/*
 * What the size of a proxy is measured with: the hub client by way of one, with credentials.
 */
#include <mote.h>

static mote_proxy proxy;

static const mote_port *by_proxy(const mote_port *port) {
  const mote_proxy_options options = {
      .size = sizeof options,
      .port = port,
      .host = "proxy.example",
      .host_length = sizeof "proxy.example" - 1,
      .user = "user",
      .user_length = sizeof "user" - 1,
      .password = "password",
      .password_length = sizeof "password" - 1,
  };
  return mote_proxy_init(&proxy, sizeof proxy, &options) < 0 ? NULL : mote_proxy_port(&proxy);
}

#define USE_PORT by_proxy
#include "hub.c"
