// Byte masks over 64-byte blocks: the inner step of finding lines, words and non-ASCII text.
//
// Invariant: every function whose name ends in 64 reads exactly 64 bytes from `p`, wherever the text ends. Callers keep
// MARTLET_PADDING readable bytes after every text buffer and drop the bits past the end.
#ifndef MARTLET_SIMD_H
#define MARTLET_SIMD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

#define MARTLET_INLINE static inline __attribute__((always_inline))

/// The number of readable bytes after the last byte of every text buffer.
enum { MARTLET_PADDING = 64 };

/// Sets bit i of the result if p[i] == byte, for i in 0..<64.
MARTLET_INLINE uint64_t martlet_mask64(const uint8_t *p, uint8_t byte) {
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi8((char)byte);
  uint64_t mask = 0;
  for (int i = 0; i < 4; i++) {
    const __m128i block = _mm_loadu_si128((const __m128i *)(p + 16 * i));
    mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, wanted)) << (16 * i);
  }
  return mask;
#elif defined(__ARM_NEON) && defined(__aarch64__)
  static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t wanted = vdupq_n_u8(byte), weight = vld1q_u8(weights);
  const uint8x16_t a = vandq_u8(vceqq_u8(vld1q_u8(p), wanted), weight);
  const uint8x16_t b = vandq_u8(vceqq_u8(vld1q_u8(p + 16), wanted), weight);
  const uint8x16_t c = vandq_u8(vceqq_u8(vld1q_u8(p + 32), wanted), weight);
  const uint8x16_t d = vandq_u8(vceqq_u8(vld1q_u8(p + 48), wanted), weight);
  uint8x16_t sum = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(c, d));
  sum = vpaddq_u8(sum, sum);
  return vgetq_lane_u64(vreinterpretq_u64_u8(sum), 0);
#else
  uint64_t mask = 0;
  for (int i = 0; i < 64; i++) mask |= (uint64_t)(p[i] == byte) << i;
  return mask;
#endif
}

/// Sets bit i of the result if byte i of the 16 bytes (low, high) equals `byte`.
MARTLET_INLINE uint32_t martlet_mask16(uint64_t low, uint64_t high, uint8_t byte) {
#if defined(__SSE2__)
  const __m128i block = _mm_set_epi64x((long long)high, (long long)low);
  return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8((char)byte)));
#else
  uint32_t mask = 0;
  for (int i = 0; i < 8; i++) {
    mask |= (uint32_t)((uint8_t)(low >> (8 * i)) == byte) << i;
    mask |= (uint32_t)((uint8_t)(high >> (8 * i)) == byte) << (i + 8);
  }
  return mask;
#endif
}

/// Sets bit i of the result if p[i] is ASCII white space: a space, or one of the controls 9 to 13.
MARTLET_INLINE uint64_t martlet_space_mask64(const uint8_t *p) {
#if defined(__SSE2__)
  const __m128i space = _mm_set1_epi8(' '), below = _mm_set1_epi8(8), above = _mm_set1_epi8(14);
  uint64_t mask = 0;
  for (int i = 0; i < 4; i++) {
    const __m128i block = _mm_loadu_si128((const __m128i *)(p + 16 * i));
    // Signed comparisons: bytes outside ASCII are negative, so they are not above 8.
    const __m128i control = _mm_and_si128(_mm_cmpgt_epi8(block, below), _mm_cmpgt_epi8(above, block));
    const __m128i any = _mm_or_si128(control, _mm_cmpeq_epi8(block, space));
    mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(any) << (16 * i);
  }
  return mask;
#else
  uint64_t mask = martlet_mask64(p, ' ');
  for (uint8_t control = 9; control <= 13; control++) mask |= martlet_mask64(p, control);
  return mask;
#endif
}

/// 16 bytes as two little-endian words.
typedef struct {
  uint64_t low, high;
} martlet_words;

/// The first `count` bytes at p, at most 16, the rest zero. Reads 16 bytes. Does not branch, because lengths of words
/// are hard to predict.
MARTLET_INLINE martlet_words martlet_load_padded16(const uint8_t *p, long count) {
  // A window into this array keeps the first bytes and clears the others.
  static const uint8_t kept[32] = {
      255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  };
  martlet_words bytes, mask;
  memcpy(&bytes, p, 16);
  memcpy(&mask, kept + 16 - count, 16);
  return (martlet_words){bytes.low & mask.low, bytes.high & mask.high};
}

/// Negative, zero or positive, if the `count` bytes at a are less than, equal to or greater than those at b.
MARTLET_INLINE int martlet_compare(const uint8_t *a, const uint8_t *b, size_t count) { return memcmp(a, b, count); }

/// True if any of the 64 bytes at p is outside ASCII.
MARTLET_INLINE int martlet_has_high_bit64(const uint8_t *p) {
#if defined(__SSE2__)
  __m128i any = _mm_or_si128(_mm_loadu_si128((const __m128i *)p), _mm_loadu_si128((const __m128i *)(p + 16)));
  any = _mm_or_si128(any, _mm_loadu_si128((const __m128i *)(p + 32)));
  any = _mm_or_si128(any, _mm_loadu_si128((const __m128i *)(p + 48)));
  return _mm_movemask_epi8(any) != 0;
#else
  uint64_t any = 0;
  for (int i = 0; i < 64; i++) any |= p[i];
  return (any & 0x80) != 0;
#endif
}

/// The number of bytes, of the 16 at p, before the first that ends a plain part of a JSON string: a quote, a backslash or
/// a control character. 16 if there is none. Reads 16 bytes.
MARTLET_INLINE long martlet_json_plain16(const uint8_t *p) {
#if defined(__SSE2__)
  const __m128i block = _mm_loadu_si128((const __m128i *)p);
  const __m128i quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block);
  const __m128i any = _mm_or_si128(_mm_or_si128(quote, backslash), control);
  return __builtin_ctz((unsigned)_mm_movemask_epi8(any) | 0x10000);
#elif defined(__ARM_NEON) && defined(__aarch64__)
  const uint8x16_t block = vld1q_u8(p);
  const uint8x16_t any = vorrq_u8(
      vorrq_u8(vceqq_u8(block, vdupq_n_u8('"')), vceqq_u8(block, vdupq_n_u8('\\'))), vcltq_u8(block, vdupq_n_u8(0x20)));
  // Four bits for each byte.
  const uint64_t bits = vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(any), 4)), 0);
  return bits == 0 ? 16 : __builtin_ctzll(bits) >> 2;
#else
  long i = 0;
  while (i < 16 && p[i] != '"' && p[i] != '\\' && p[i] >= 0x20) i++;
  return i;
#endif
}

/// The number of the `count` bytes at p that equal `byte`. Reads no further.
long martlet_count_byte(const uint8_t *p, long count, uint8_t byte);

/// Prefetches the cache line at p. Never faults, whatever p is.
MARTLET_INLINE void martlet_prefetch(const void *p) { __builtin_prefetch(p, 1, 3); }

#endif
