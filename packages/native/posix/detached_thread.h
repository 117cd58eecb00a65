#pragma once

namespace loop {

// Runs `body(data)` on a thread of its own, which nobody joins and no signal is delivered to. It may sleep in the kernel
// for as long as the process lives, so it must not touch what belongs to an environment. 0 or -errno.
int StartDetached(void* (*body)(void*), void* data);

}  // namespace loop
