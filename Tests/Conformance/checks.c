#include "checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int passed, failed;

void check(int condition, const char *name) {
  printf("%s %s\n", condition ? "ok" : "FAILED", name);
  fflush(stdout);
  if (condition) passed += 1;
  else failed += 1;
}

void check_number(int64_t found, int64_t expected, const char *name) {
  check(found == expected, name);
  if (found != expected) printf("  expected %lld, found %lld\n", (long long)expected, (long long)found);
}

void check_text(const char *found, const char *expected, const char *name) {
  int is_same = strcmp(found, expected) == 0;
  check(is_same, name);
  if (!is_same) printf("  expected:\n%s\n  found:\n%.2000s\n", expected, found);
}

int checks_end(void) {
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}

void need(int condition, const char *what) {
  if (condition) return;
  printf("FAILED to prepare: %s\n%d passed, %d failed\n", what, passed, failed + 1);
  exit(2);
}
