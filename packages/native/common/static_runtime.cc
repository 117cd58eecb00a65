// Published addons hold their own C++ library, since no two systems have the same. It was built with exceptions, which
// ours are not: nothing here throws or catches, so its unwinder, its type matching and the demangler that words the last
// message of an uncaught exception could never do anything but end the process. They are more than half of what the
// linker would take in (240 of 410 KB); these take their place and end it at once.

#include <cstddef>
#include <cstdlib>
#include <exception>
#include <new>

// The Itanium C++ ABI's, by name only: none of them is ever given anything.
#define ENDS_THE_PROCESS(name) extern "C" [[noreturn]] void name() { abort(); }

ENDS_THE_PROCESS(__cxa_allocate_exception)
ENDS_THE_PROCESS(__cxa_begin_catch)
ENDS_THE_PROCESS(__cxa_call_unexpected)
ENDS_THE_PROCESS(__cxa_current_exception_type)
ENDS_THE_PROCESS(__cxa_current_primary_exception)
ENDS_THE_PROCESS(__cxa_decrement_exception_refcount)
ENDS_THE_PROCESS(__cxa_end_catch)
ENDS_THE_PROCESS(__cxa_free_exception)
ENDS_THE_PROCESS(__cxa_get_exception_ptr)
ENDS_THE_PROCESS(__cxa_increment_exception_refcount)
ENDS_THE_PROCESS(__cxa_init_primary_exception)
ENDS_THE_PROCESS(__cxa_pure_virtual)
ENDS_THE_PROCESS(__cxa_rethrow)
ENDS_THE_PROCESS(__cxa_rethrow_primary_exception)
ENDS_THE_PROCESS(__cxa_throw)
ENDS_THE_PROCESS(__cxa_uncaught_exception)
ENDS_THE_PROCESS(__cxa_uncaught_exceptions)
ENDS_THE_PROCESS(__gxx_personality_v0)
ENDS_THE_PROCESS(_Unwind_Resume)

namespace std {

[[noreturn]] void terminate() noexcept { abort(); }

inline namespace __1 {

[[noreturn]] void __libcpp_verbose_abort(const char*, ...) { abort(); }

}  // namespace __1

}  // namespace std

void* operator new(size_t size, const std::nothrow_t&) noexcept { return malloc(size > 0 ? size : 1); }

// Without exceptions there is no other way to say that the memory is used up.
void* operator new(size_t size) {
  void* const memory = operator new(size, std::nothrow);
  if (memory == nullptr) abort();
  return memory;
}

void* operator new[](size_t size) { return operator new(size); }
void operator delete(void* memory) noexcept { free(memory); }
void operator delete(void* memory, size_t) noexcept { free(memory); }
void operator delete[](void* memory) noexcept { free(memory); }
void operator delete[](void* memory, size_t) noexcept { free(memory); }
