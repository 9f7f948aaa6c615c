#define _GNU_SOURCE
#include "peers.h"

#include "mote_linux.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

void rest(void) { poll(NULL, 0, 5); }

int bound_socket(uint16_t *port_number) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  need(bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0 &&
         getsockname(descriptor, (struct sockaddr *)&address, &length) == 0,
       "a free port");
  *port_number = ntohs(address.sin_port);
  return descriptor;
}

char *read_file(const char *name, size_t *length) {
  FILE *file = fopen(name, "rb");
  size_t capacity = 1 << 16, count = 0;
  char *text = malloc(capacity);
  while (file != NULL && !feof(file)) {
    count += fread(text + count, 1, capacity - 1 - count, file);
    if (count + 1 == capacity) text = realloc(text, capacity *= 2);
  }
  if (file != NULL) fclose(file);
  text[count] = '\0';
  if (length != NULL) *length = count;
  return text;
}

void write_file(const char *name, const void *bytes, size_t length) {
  FILE *file = fopen(name, "wb");
  need(file != NULL && fwrite(bytes, 1, length, file) == length && fclose(file) == 0, name);
}

static pid_t start_command(const char *output, const char *format, va_list arguments) {
  char command[2048];
  vsnprintf(command, sizeof command, format, arguments);
  pid_t process = fork();
  need(process >= 0, "fork");
  if (process > 0) return process;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int descriptor = open(output, O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(descriptor, STDOUT_FILENO);
  dup2(descriptor, STDERR_FILENO);
  close(descriptor);
  execl("/bin/sh", "sh", "-c", command, (char *)NULL);
  _exit(127);
}

pid_t start(const char *output, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  pid_t process = start_command(output, format, arguments);
  va_end(arguments);
  return process;
}

static void run_command(const char *format, va_list arguments) {
  int status = -1;
  waitpid(start_command("run.log", format, arguments), &status, 0);
  if (status == 0) return;
  char *log = read_file("run.log", NULL);
  printf("%s\n", log);
  free(log);
  need(0, format);
}

void run(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  run_command(format, arguments);
  va_end(arguments);
}

void stop(pid_t process, int signal) {
  kill(process, signal);
  waitpid(process, NULL, 0);
}

static char *log_of(const struct broker *broker) {
  char name[64];
  snprintf(name, sizeof name, "%s.log", broker->name);
  return read_file(name, NULL);
}

int broker_logged(const struct broker *broker, const char *text) {
  char *log = log_of(broker);
  int count = 0;
  for (const char *place = log + broker->mark; (place = strstr(place, text)) != NULL; place += strlen(text)) count += 1;
  free(log);
  return count;
}

int broker_logs(const struct broker *broker, const char *text, int count) {
  UNTIL(broker_logged(broker, text) >= count, rest());
  return broker_logged(broker, text) >= count;
}

void broker_mark(struct broker *broker) {
  char *log = log_of(broker);
  broker->mark = strlen(log);
  free(log);
}

void broker_again(struct broker *broker) {
  char log[64];
  snprintf(log, sizeof log, "%s.log", broker->name);
  broker_mark(broker);
  broker->process = start(log, "exec mosquitto -v -c %s.conf", broker->name);
  UNTIL(broker_logged(broker, " running\n") + broker_logged(broker, "Error") > 0, rest());
  if (broker_logged(broker, "Error") == 0 && broker_logged(broker, " running\n") == 1) return;
  char *text = log_of(broker);
  printf("%s\n", text);
  free(text);
  need(0, "mosquitto does not start");
}

void broker_start(struct broker *broker, const char *name, const char *lines) {
  char text[2048], file[64];
  *broker = (struct broker){.name = name};
  close(bound_socket(&broker->port_number));
  int length = snprintf(text, sizeof text, "per_listener_settings false\nlistener %d 127.0.0.1\nuser root\n%s", broker->port_number, lines);
  snprintf(file, sizeof file, "%s.conf", name);
  write_file(file, text, (size_t)length);
  broker_again(broker);
}

void broker_start_strict(struct broker *broker, const char *name, const char *more) {
  static const char configuration[] =
    "{\"defaultACLAccess\": {\"publishClientSend\": true, \"publishClientReceive\": true, \"subscribe\": false, \"unsubscribe\": "
    "true}, \"clients\": [{\"username\": \"localhost\", \"roles\": [{\"rolename\": \"reader\"}]}], \"groups\": [{\"groupname\": \"all\", \"roles\": [{\"rolename\": \"reader\"}]}], \"roles\": "
    "[{\"rolename\": \"reader\", \"acls\": [{\"acltype\": \"subscribePattern\", \"topic\": \"open/#\", \"allow\": true}]}], "
    "\"anonymousGroup\": \"all\"}";
  char lines[512];
  const char *folder = getenv("MOTE_MOSQUITTO_PLUGINS");
  write_file("strict.json", configuration, sizeof configuration - 1);
  snprintf(lines, sizeof lines, "%s%splugin %s/mosquitto_dynamic_security.so\nplugin_opt_config_file strict.json\n%s", OVER_TLS, FOR_ALL,
           folder != NULL ? folder : "", more);
  broker_start(broker, name, lines);
}

void broker_end(struct broker *broker, int signal) { stop(broker->process, signal); }

pid_t watch(struct broker *broker, const char *name, const char *arguments) {
  char subscribed[128];
  snprintf(subscribed, sizeof subscribed, "Sending SUBACK to to-%s", name);
  int before = broker_logged(broker, subscribed);
  pid_t process = start(name, "exec mosquitto_sub -h localhost -p %d --cafile ca.pem -i to-%s -q 1 %s", broker->port_number, name,
                        arguments);
  need(broker_logs(broker, subscribed, before + 1), "mosquitto_sub does not subscribe");
  return process;
}

int lines_of(const char *name) {
  char *text = read_file(name, NULL);
  int count = 0;
  for (const char *place = text; *place != '\0'; place++) count += *place == '\n';
  free(text);
  return count;
}

void publish(const struct broker *broker, const char *format, ...) {
  char command[1024];
  int length = snprintf(command, sizeof command, "mosquitto_pub -h localhost -p %d --cafile ca.pem -q 1 ", broker->port_number);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(command + length, sizeof command - (size_t)length, format, arguments);
  va_end(arguments);
  run("%s", command);
}
