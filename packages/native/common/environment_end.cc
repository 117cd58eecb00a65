#include "common/environment_end.h"

#include <cstring>

namespace loop {

// Node runs finalizers in an immediate that gives back its hold on `env` first and looks for them there afterwards. When an
// environment ends, that may be the last hold: a collection in the middle of its end made Node read freed memory, and
// where freed memory is overwritten the process crashed.
//
// An asynchronous hook has a hold, too, which is given back in an immediate of its own when the hook is over. The hooks run
// before `env` is let go, and immediates in the order in which they were made: this one comes after that of the finalizers.
void OutliveFinalizers(napi_env env) {
  // Deno frees a hook twice that is over at once, and it has no such immediate.
  const napi_node_version* host;
  if (napi_get_node_version(env, &host) != napi_ok || std::strcmp(host->release, "node") != 0) return;
  const auto over = [](napi_async_cleanup_hook_handle hook, void*) { napi_remove_async_cleanup_hook(hook); };
  napi_add_async_cleanup_hook(env, over, nullptr, nullptr);
}

}  // namespace loop
