#include "freed_memory.h"

#include <cstddef>
#include <cstdlib>

namespace loop {

void KeepFreedMemory() {
#ifdef __GLIBC__
  constexpr std::size_t kBlock = std::size_t{31} << 20;
  // volatile, or the compiler, which knows what these are, takes out both calls.
  void* volatile block = std::malloc(kBlock);
  std::free(block);
#endif
}

}  // namespace loop
