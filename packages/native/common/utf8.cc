#include "common/utf8.h"

#include <cstdint>

namespace loop {

bool IsUtf8(const char* text, size_t size) {
  const uint8_t* byte = reinterpret_cast<const uint8_t*>(text);
  const uint8_t* const end = byte + size;
  while (byte < end) {
    const uint8_t lead = *byte++;
    if (lead < 0x80) continue;
    // RFC 3629: the range of the second byte rules out overlong forms, surrogates and what is above U+10FFFF.
    int more;
    uint8_t low = 0x80, high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
      more = 1;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      more = 2;
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      more = 3;
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
    } else {
      return false;
    }
    if (end - byte < more) return false;
    for (int index = 0; index < more; index++) {
      const uint8_t next = *byte++;
      if (next < (index == 0 ? low : 0x80) || next > (index == 0 ? high : 0xBF)) return false;
    }
  }
  return true;
}

}  // namespace loop
