/*
 * Counts the allocations of a program and who asks for them, when it is loaded before everything else (LD_PRELOAD). At the
 * end it writes `OBJECT COUNT` for each program or library that asked, and `peak BYTES`, to the file $ALLOCATIONS.
 * Needs glibc.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OBJECTS 32

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void __libc_free(void *);

/* Whoever calls, be it within a library through a function of its own. */
#define CALLER __builtin_extract_return_addr(__builtin_return_address(0))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
  void *base;
  char name[128];
  unsigned long count;
} objects[OBJECTS];
static size_t live, peak;

static void grow(size_t more, size_t less) {
  live += more;
  live -= less < live ? less : live;
  if (live > peak) peak = live;
}

static void note(void *caller, size_t more, size_t less) {
  Dl_info info = {0};
  if (dladdr(caller, &info) == 0) info.dli_fname = "unknown";
  pthread_mutex_lock(&lock);
  grow(more, less);
  for (int number = 0; number < OBJECTS; number++) {
    if (objects[number].count == 0) {
      const char *name = strrchr(info.dli_fname, '/');
      objects[number].base = info.dli_fbase;
      strncpy(objects[number].name, name != NULL ? name + 1 : info.dli_fname, sizeof objects[number].name - 1);
    }
    if (objects[number].base == info.dli_fbase) {
      objects[number].count++;
      break;
    }
  }
  pthread_mutex_unlock(&lock);
}

void *malloc(size_t size) {
  void *block = __libc_malloc(size);
  note(CALLER, malloc_usable_size(block), 0);
  return block;
}

void *calloc(size_t count, size_t size) {
  void *block = __libc_calloc(count, size);
  note(CALLER, malloc_usable_size(block), 0);
  return block;
}

void *realloc(void *old, size_t size) {
  size_t less = malloc_usable_size(old);
  void *block = __libc_realloc(old, size);
  note(CALLER, malloc_usable_size(block), less);
  return block;
}

void free(void *block) {
  pthread_mutex_lock(&lock);
  grow(0, malloc_usable_size(block));
  pthread_mutex_unlock(&lock);
  __libc_free(block);
}

__attribute__((destructor)) static void report(void) {
  const char *path = getenv("ALLOCATIONS");
  size_t bytes = peak;
  FILE *file = path != NULL ? fopen(path, "w") : NULL;
  if (file == NULL) return;
  for (int number = 0; number < OBJECTS && objects[number].count > 0; number++) {
    fprintf(file, "%s %lu\n", objects[number].name, objects[number].count);
  }
  fprintf(file, "peak %zu\n", bytes);
  fclose(file);
}
