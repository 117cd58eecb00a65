// For heap.mjs: what a checked heap must complain of.
#include <windows.h>

int main(void) {
  void *memory = HeapAlloc(GetProcessHeap(), 0, 64);
  HeapFree(GetProcessHeap(), 0, memory);
  HeapFree(GetProcessHeap(), 0, memory);
  return 0;
}
