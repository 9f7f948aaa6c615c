/*
 * Pages of flash in a file: what a journal needs.
 */
#include "mote_linux_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/** Longest path of a file. */
#define PATH_CAPACITY 1024

/** Reads up to the end of the file. Behind it, where nothing was written yet, everything is erased. */
static int32_t read_file(void *context, uint32_t offset, uint8_t *bytes, size_t length) {
  const mote_linux_file *file = context;
  while (length > 0) {
    ssize_t count = pread(file->descriptor, bytes, length, (off_t)offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return MOTE_ERROR_STORAGE;
    if (count == 0) {
      memset(bytes, 0xFF, length);
      return MOTE_OK;
    }
    bytes += count;
    offset += (uint32_t)count;
    length -= (size_t)count;
  }
  return MOTE_OK;
}

static int32_t put(const mote_linux_file *file, uint32_t offset, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t count = pwrite(file->descriptor, bytes, length, (off_t)offset);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return MOTE_ERROR_STORAGE;
    bytes += count;
    offset += (uint32_t)count;
    length -= (size_t)count;
  }
  return MOTE_OK;
}

static int32_t write_file(void *context, uint32_t offset, const uint8_t *bytes, size_t length) {
  const mote_linux_file *file = context;
  if (offset % file->page_size == 0) {
    uint8_t erased[512];
    memset(erased, 0xFF, sizeof erased);
    for (uint32_t done = 0; done < file->page_size;) {
      uint32_t rest = file->page_size - done;
      uint32_t count = rest < sizeof erased ? rest : (uint32_t)sizeof erased;
      if (put(file, offset + done, erased, count) < 0) return MOTE_ERROR_STORAGE;
      done += count;
    }
    /* Before what is written, as flash has it. */
    if (fdatasync(file->descriptor) != 0) return MOTE_ERROR_STORAGE;
  }
  if (put(file, offset, bytes, length) < 0) return MOTE_ERROR_STORAGE;
  return fdatasync(file->descriptor) == 0 ? MOTE_OK : MOTE_ERROR_STORAGE;
}

/** Makes the name of a new file survive too. `path` is cut at its last slash. */
static int32_t keep_name(char *path) {
  char *slash = strrchr(path, '/');
  if (slash != NULL) slash[slash == path] = 0;
  int32_t folder = open(slash != NULL ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int32_t status = folder >= 0 && fsync(folder) == 0 ? MOTE_OK : MOTE_ERROR_STORAGE;
  mote_linux_close_descriptor(&folder);
  return status;
}

mote_status mote_linux_file_open(mote_linux_file *file, const char *path, size_t length, uint32_t page_size) {
  char name[PATH_CAPACITY];
  struct stat about;
  if (file == NULL) return MOTE_ERROR_ARGUMENT;
  file->descriptor = -1;
  file->page_size = page_size;
  if (path == NULL || length == 0 || length >= sizeof name) return MOTE_ERROR_ARGUMENT;
  if (page_size == 0 || page_size % 32 != 0 || page_size >= 0x1000000) return MOTE_ERROR_ARGUMENT;
  if (memchr(path, 0, length) != NULL) return MOTE_ERROR_ARGUMENT;
  memcpy(name, path, length);
  name[length] = 0;
  file->descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
  if (file->descriptor < 0) return MOTE_ERROR_STORAGE;
  int32_t status = MOTE_OK;
  if (flock(file->descriptor, LOCK_EX | LOCK_NB) != 0) {
    status = errno == EWOULDBLOCK ? MOTE_ERROR_STATE : MOTE_ERROR_STORAGE;
  } else if (fstat(file->descriptor, &about) != 0 || !S_ISREG(about.st_mode)) {
    status = MOTE_ERROR_STORAGE;
  } else if (about.st_size == 0) {
    status = keep_name(name);
  }
  if (status < 0) mote_linux_file_close(file);
  return status;
}

mote_storage mote_storage_linux(mote_linux_file *file) {
  return (mote_storage){.context = file, .read = read_file, .write = write_file};
}

void mote_linux_file_close(mote_linux_file *file) {
  if (file != NULL) mote_linux_close_descriptor(&file->descriptor);
}
