#include "martlet_simd.h"

long martlet_count_byte(const uint8_t *p, long count, uint8_t byte) {
  long found = 0;
  long i = 0;
  for (; i + 64 <= count; i += 64) found += __builtin_popcountll(martlet_mask64(p + i, byte));
  for (; i < count; i++) found += p[i] == byte;
  return found;
}
