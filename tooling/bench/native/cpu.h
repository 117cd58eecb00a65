/*
 * User and system time of a process with all its threads, as /proc/PID/stat has it, in seconds. The
 * kernel counts in clock ticks (10 ms as a rule), so a window of a second is known to about 1%.
 */
#ifndef BENCH_CPU_H
#define BENCH_CPU_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* 0 when the process is not there or none was asked for. */
static inline double cpu_seconds(long pid) {
  char path[64], line[1024];
  if (pid <= 0) return 0;
  snprintf(path, sizeof path, "/proc/%ld/stat", pid);
  FILE *file = fopen(path, "r");
  if (file == NULL) return 0;
  size_t length = fread(line, 1, sizeof line - 1, file);
  fclose(file);
  line[length] = '\0';
  /* The second field is the program's name, which may hold spaces and brackets: count from its end. */
  const char *fields = strrchr(line, ')');
  unsigned long user = 0, system = 0;
  if (fields == NULL) return 0;
  sscanf(fields + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

#endif
