#pragma once

#include <cstddef>

namespace loop {

// Whether the bytes can become a JavaScript string and come back unchanged.
bool IsUtf8(const char* text, size_t size);

}  // namespace loop
