/*
 * What the tests in C count: a line for each check, and the number of them on the last line.
 */
#ifndef CHECKS_H
#define CHECKS_H

#include <stdint.h>

void check(int condition, const char *name);
void check_number(int64_t found, int64_t expected, const char *name);
void check_text(const char *found, const char *expected, const char *name);

/** Prints how many checks passed and failed. The program's exit code. */
int checks_end(void);

/** Ends the program, unless `condition`: something the tests need is missing. */
void need(int condition, const char *what);

#endif
