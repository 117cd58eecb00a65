// Loads the addon ADDON as its host does, with every symbol bound at once. A shared library with an entry, since the
// cross-compiler links programs for musl statically, and those load nothing; the loader has set up the C library by then.
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

#ifdef __x86_64__
__attribute__((force_align_arg_pointer))
#endif
void start(void) {
  void* const addon = dlopen(ADDON, RTLD_NOW | RTLD_LOCAL);
  if (addon == 0 || dlsym(addon, "napi_register_module_v1") == 0) {
    dprintf(STDERR_FILENO, "%s\n", dlerror());
    _exit(1);
  }
  _exit(0);
}
