#pragma once

#include <node_api.h>

namespace loop {

// Keeps Node's part of `env` in memory until what the collector leaves to be finalized at an environment's end is finalized.
void OutliveFinalizers(napi_env env);

}  // namespace loop
