#include "arrivals.h"

#include <stdlib.h>
#include <string.h>

size_t arrival_text(int number, char *text) {
  static const char filling[] = "................................................................................";
  return (size_t)snprintf(text, ARRIVAL_CAPACITY, "%d %.*s;", number, number * 7 % 80, filling);
}

static void take_line(struct arrivals *arrivals) {
  int number = atoi(arrivals->line);
  char expected[ARRIVAL_CAPACITY];
  arrival_text(number, expected);
  int fits = number >= 1 && number <= arrivals->previous + 1 && number > arrivals->highest - arrivals->window &&
             strcmp(arrivals->line, expected) == 0;
  if (!fits && arrivals->broken++ == 0)
    printf("  %s: '%s' after %d, with %d the highest so far\n", arrivals->file_name, arrivals->line, arrivals->previous,
           arrivals->highest);
  if (number > arrivals->highest) arrivals->highest = number;
  else arrivals->repeated++;
  arrivals->previous = number;
}

int arrivals_take(struct arrivals *arrivals) {
  if (arrivals->file == NULL) arrivals->file = fopen(arrivals->file_name, "r");
  if (arrivals->file == NULL) return 0;
  clearerr(arrivals->file);
  for (int byte; (byte = fgetc(arrivals->file)) != EOF;) {
    if (byte != '\n') {
      if (arrivals->length < ARRIVAL_CAPACITY - 1) arrivals->line[arrivals->length++] = (char)byte;
      continue;
    }
    arrivals->line[arrivals->length] = '\0';
    arrivals->length = 0;
    take_line(arrivals);
  }
  return arrivals->highest;
}
