// What glibc's libstdc++ asks of its C library and musl does not have; for tests only. See bun.mjs.
#include <stddef.h>
#include <stdint.h>
#include <sys/random.h>
#include <time.h>

char __libc_single_threaded = 0;
int __cpu_model[4];

int __cpu_indicator_init(void) { return 0; }
int _dl_find_object(void* address, void* result) { return -1; }
int __cxa_thread_atexit_impl(void (*end)(void*), void* object, void* library) { return 0; }

uint32_t arc4random(void) {
  uint32_t value = 0;
  getrandom(&value, sizeof value, 0);
  return value;
}

size_t __strftime_l(char* text, size_t size, const char* format, const struct tm* time, void* locale) {
  return strftime(text, size, format, time);
}
