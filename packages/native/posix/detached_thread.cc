#include "posix/detached_thread.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>

#include <cerrno>

namespace loop {

namespace {

// The code that a sleeping thread returns to must not be unloaded with the last environment that used this addon.
bool StayLoaded() {
  Dl_info self;
  return dladdr(reinterpret_cast<void*>(&StartDetached), &self) != 0 &&
         dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE) != nullptr;
}

}  // namespace

int StartDetached(void* (*body)(void*), void* data) {
  static const bool stays = StayLoaded();
  if (!stays) return -ENOSYS;
  pthread_attr_t attributes;
  const int unusable = pthread_attr_init(&attributes);
  if (unusable != 0) return -unusable;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  sigset_t all, before;
  sigfillset(&all);
  // A thread is born with its creator's mask.
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, body, data);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  return -error;
}

}  // namespace loop
