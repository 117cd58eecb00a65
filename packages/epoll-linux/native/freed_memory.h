#pragma once

namespace loop {

// Lets the C library keep what is freed at the end of the heap, up to 62 MiB, instead of giving it back to the system.
//
// Received messages are freed by the collector, some ten megabytes at once. By default glibc then returns all but 128 KiB,
// and each page of the next messages is faulted in and zeroed again: three faults for 16 KiB, and half of what an echo of
// them costs. The bound is dynamic: it follows the largest block that was ever freed, times two (mallopt(3),
// M_MMAP_THRESHOLD), so one block that is never touched raises it. That is what a program which once had such a block does
// anyway, and a bound that was set by the user (MALLOC_TRIM_THRESHOLD_, GLIBC_TUNABLES) stays as it is. No other C library
// has this.
void KeepFreedMemory();

}  // namespace loop
