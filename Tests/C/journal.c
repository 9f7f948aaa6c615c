/*
 * A journal in a file: messages of a client and of a session come back from one process to the next, also from one that
 * was killed; what mote.h promises of the journal's functions.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checks.h"
#include "mote.h"
#include "mote_linux.h"
#include "mote_tls.h"

#define PAGE 2048
#define PAGES 4

static mote_mqtt session;
static mote_journal journal;
static mote_linux_file file;
static mote_storage storage;
static uint8_t receive_buffer[128], outbox[1024];
/** In the folder where the test runs. */
static const char path[] = "outbox.journal";

/** Opens the file, and gives a new session its journal: how many messages were restored, or an error. */
static int32_t begin(void) {
  mote_mqtt_options options = {sizeof options, receive_buffer, sizeof receive_buffer, outbox, sizeof outbox, 0, 0, 0, 0};
  mote_journal_options where = {sizeof where, &storage, PAGE, PAGES, 1};
  int32_t status = mote_linux_file_open(&file, path, strlen(path), PAGE);
  if (status < 0) return status;
  storage = mote_storage_linux(&file);
  status = mote_mqtt_init(&session, sizeof session, &options);
  if (status == MOTE_OK) status = mote_journal_init(&journal, sizeof journal, &where);
  return status < 0 ? status : mote_mqtt_use_journal(&session, &journal, 0);
}

static int32_t publish(const char *text) {
  return mote_mqtt_publish(&session, "t", 1, (const uint8_t *)text, strlen(text), MOTE_QOS_1);
}

static mote_storage below;
static int32_t calls, refused;
/** Flash drivers that run the application meanwhile. */
static int32_t call_back(void) {
  mote_mqtt_event event;
  calls += 2;
  refused += mote_mqtt_publish(&session, "t", 1, (const uint8_t *)"x", 1, MOTE_QOS_1) == MOTE_ERROR_REENTERED;
  refused += mote_mqtt_next(&session, 0, &event) == MOTE_ERROR_REENTERED;
  return 0;
}
static int32_t read_and_call(void *context, uint32_t offset, uint8_t *bytes, size_t length) {
  return call_back() + below.read(context, offset, bytes, length);
}
static int32_t write_and_call(void *context, uint32_t offset, const uint8_t *bytes, size_t length) {
  return call_back() + below.write(context, offset, bytes, length);
}

static void check_calls_back(void) {
  check(begin() >= 0 && mote_mqtt_init(&session, sizeof session, &(mote_mqtt_options){
                          sizeof(mote_mqtt_options), receive_buffer, sizeof receive_buffer, outbox, sizeof outbox, 0, 0, 0, 0}) == MOTE_OK,
        "a session begins anew");
  below = storage;
  storage.read = read_and_call;
  storage.write = write_and_call;
  mote_journal_options where = {sizeof where, &storage, PAGE, PAGES, 1};
  check(mote_journal_init(&journal, sizeof journal, &where) == MOTE_OK && mote_mqtt_use_journal(&session, &journal, 0) >= 0 &&
          publish("five") > 0,
        "with a storage that calls back");
  check(calls > 4 && refused == calls, "and is refused each time, when it reads and when it writes");
  check(publish("six") > 0, "after which the session can be used");
  mote_linux_file_close(&file);
  unlink(path);
}

static void check_file(void) {
  struct stat about;
  mote_linux_file other;
  check(mote_linux_file_open(NULL, path, strlen(path), PAGE) == MOTE_ERROR_ARGUMENT, "there is no file without its memory");
  check(mote_linux_file_open(&file, path, 0, PAGE) == MOTE_ERROR_ARGUMENT, "a path of no bytes is none");
  check(mote_linux_file_open(&file, path, strlen(path), PAGE + 1) == MOTE_ERROR_ARGUMENT &&
          mote_linux_file_open(&file, path, strlen(path), 1u << 24) == MOTE_ERROR_ARGUMENT,
        "nor is a size a page's that is not");
  mote_linux_file_close(NULL);
  check(mote_linux_file_open(&file, "/", 1, PAGE) == MOTE_ERROR_STORAGE, "a folder is no file");
  check(begin() == 0, "a new file has nothing");
  check(stat(path, &about) == 0 && (about.st_mode & 0777) == 0600, "and is for its owner only");
  check(mote_linux_file_open(&other, path, strlen(path), PAGE) == MOTE_ERROR_STATE, "a file is open once");
  check(other.descriptor == -1, "and what was refused is closed");
  check(publish("one") == 1 && publish("two") == 2, "messages are stored");
  check(stat(path, &about) == 0 && about.st_size == PAGE, "page after page");
  mote_linux_file_close(&file);
  mote_linux_file_close(&file);
  check(begin() == 2, "and come back");
  check(mote_mqtt_drop(&session, 1) == MOTE_OK, "one is dropped");
  mote_linux_file_close(&file);
  check(publish("three") == MOTE_ERROR_STORAGE, "without its file a message is refused");
  check(mote_mqtt_drop(&session, 2) == MOTE_OK && mote_journal_unwritten(&journal) == 1, "and a drop is not written");
  check(begin() == 1 && publish("four") == 3, "so that it comes again");
  mote_linux_file_close(&file);
}

/** A child that stores until it is killed; what it said that it had stored is there. */
static void check_killed(void) {
  int pipes[2], status, round, good = 1;
  for (round = 0; round < 10; round++) {
    int32_t stored = 0, token, count;
    pid_t child;
    unlink(path);
    if (pipe(pipes) != 0 || (child = fork()) < 0) exit(2);
    if (child == 0) {
      begin();
      while ((token = publish("a reading")) > 0) {
        if (write(pipes[1], &token, sizeof token) != sizeof token) _exit(2);
        if (token > 5) mote_mqtt_drop(&session, token - 5);
      }
      _exit(2);
    }
    close(pipes[1]);
    while (stored < 20 + round * 7 && read(pipes[0], &token, sizeof token) == sizeof token) stored = token;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    while (read(pipes[0], &token, sizeof token) == sizeof token) stored = token;
    close(pipes[0]);
    count = begin();
    if (count < 5 || count > 7 || !WIFSIGNALED(status)) good = 0;
    /* The next is the one after what was said, or after that when the child could not say it any more. */
    token = publish("next");
    if (token != stored + 1 && token != stored + 2) good = 0;
    mote_linux_file_close(&file);
  }
  check(good, "killed at any time, a process loses nothing that it was told is stored");
}

static void check_foreign(void) {
  static const char text[] = "This is somebody's letter, and no journal at all.";
  char after[sizeof text] = {0};
  int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  mote_mqtt_options options = {sizeof options, receive_buffer, sizeof receive_buffer, outbox, sizeof outbox, 0, 0, 0, 0};
  int place;
  for (place = 0; place < 2; place++) {
    if (pwrite(descriptor, text, sizeof text, place * PAGE) != sizeof text) exit(2);
  }
  check(begin() == MOTE_ERROR_JOURNAL, "what is no journal is refused");
  check(publish("x") == 1, "and the session works without");
  close(descriptor);
  mote_linux_file_close(&file);
  descriptor = open(path, O_RDONLY);
  check(read(descriptor, after, sizeof after) == sizeof after && memcmp(text, after, sizeof text) == 0, "and stays as it was");
  close(descriptor);
  unlink(path);
  outbox[0] = 0;
  check(mote_mqtt_init(&session, sizeof session, &options) == MOTE_OK, "a session");
}

static int32_t resolve(void *context, const char *name, size_t length) { return (void)context, (void)name, (void)length, 0; }
static int32_t open_connection(void *context, int32_t index, uint16_t port) { return (void)context, (void)index, (void)port, 0; }
static int32_t send_bytes(void *context, const uint8_t *bytes, size_t length) { return (void)context, (void)bytes, (void)length, 0; }
static int32_t receive(void *context, uint8_t *bytes, size_t length) { return (void)context, (void)bytes, (void)length, 0; }
static void close_connection(void *context) { (void)context; }
static int32_t entropy(void *context, uint8_t *bytes, size_t length) { return (void)context, (void)bytes, (void)length, 0; }
static int64_t wall_seconds(void *context) { return (void)context, 0; }

static void check_client(void) {
  static const char string[] = "HostName=h;DeviceId=d;SharedAccessKey=MDEyMzQ1Njc4OWFiY2RlZg==";
  static const mote_port port = {NULL, resolve, open_connection, send_bytes, receive, close_connection, entropy, wall_seconds};
  static mote_client client;
  static mote_tls tls;
  mote_mqtt_options mqtt = {sizeof mqtt, receive_buffer, sizeof receive_buffer, outbox, sizeof outbox, 0, 0, 0, 0};
  mote_journal_options where = {sizeof where, &storage, PAGE, PAGES, 1};
  mote_client_options options = {0};
  mote_telemetry telemetry = {0};
  mote_event event;
  int32_t token;
  options.size = sizeof options;
  options.connection_string = string;
  options.connection_string_length = sizeof string - 1;
  options.port = &port;
  options.tls = &tls;
  telemetry.size = sizeof telemetry;
  telemetry.payload = (const uint8_t *)"reading";
  telemetry.payload_length = 7;
  telemetry.expires = 70000;
  check(mote_journal_init(&journal, 8, &where) == MOTE_ERROR_SIZE, "a journal has its size");
  where.page_count = 1;
  check(mote_journal_init(&journal, sizeof journal, &where) == MOTE_ERROR_ARGUMENT, "and two pages at least");
  where.page_count = PAGES;
  where.page_size = 0;
  check(mote_journal_init(&journal, sizeof journal, &where) == MOTE_ERROR_ARGUMENT, "and pages of some size");
  where.page_size = PAGE;
  where.storage = NULL;
  check(mote_journal_init(&journal, sizeof journal, &where) == MOTE_ERROR_ARGUMENT, "and a storage");
  where.storage = &storage;
  check(mote_client_init(&client, sizeof client, &options) == MOTE_OK, "a client");
  memset(&journal, 0, sizeof journal);
  check(mote_use_journal(&client, &journal, 0) == MOTE_ERROR_NOT_INITIALISED, "a journal is initialised first");
  check(mote_journal_unwritten(&journal) == 0, "and has nothing to say before");
  check(mote_linux_file_open(&file, path, strlen(path), PAGE) == MOTE_OK, "a file");
  storage = mote_storage_linux(&file);
  check(mote_journal_init(&journal, sizeof journal, &where) == MOTE_OK, "a journal");
  check(mote_use_journal(NULL, &journal, 0) == MOTE_ERROR_ARGUMENT, "without a client it is of no use");
  check(mote_use_journal(&client, NULL, 0) == MOTE_ERROR_ARGUMENT, "nor without a journal");
  check(mote_use_journal(&client, &journal, 0) == MOTE_ERROR_MQTT_NOT_USED, "nor before MQTT");
  check(mote_use_mqtt(&client, &mqtt) == MOTE_OK && mote_use_journal(&client, &journal, 10000) == 0, "a client has a journal");
  check(mote_use_journal(&client, &journal, 10000) == MOTE_ERROR_STATE, "once");
  token = mote_send(&client, &telemetry);
  check(token > 0, "what it sends");
  mote_client_init(&client, sizeof client, &options);
  mote_use_mqtt(&client, &mqtt);
  mote_journal_init(&journal, sizeof journal, &where);
  check(mote_use_journal(&client, &journal, 500) == 1, "comes back");
  check(mote_poll(&client, 60000, &event) == 0, "has as long to go as it had");
  check(mote_poll(&client, 73000, &event) == 1 && event.kind == MOTE_EVENT_FAILED && event.token == token &&
            event.status == MOTE_ERROR_EXPIRED, "and no longer");
  mote_linux_file_close(&file);
}

int main(void) {
  check_file();
  check_calls_back();
  check_killed();
  check_foreign();
  check_client();
  unlink(path);
  return checks_end();
}
