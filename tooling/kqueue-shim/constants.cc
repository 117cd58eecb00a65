// The backend's own numbers are those of macOS' headers, which are not here.
#include <node_api.h>

namespace loop {

bool DefineDarwinConstants(napi_env, napi_value) { return true; }

}  // namespace loop
