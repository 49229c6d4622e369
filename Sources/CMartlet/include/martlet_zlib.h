// What zlib works on, as its documented interface lays it out: the library is loaded when it is needed, so its own header
// need not be there.
#ifndef MARTLET_ZLIB_H
#define MARTLET_ZLIB_H

#include <stdint.h>

/// zlib's z_stream, which has been the same in all its versions. Zeroed, it asks for zlib's own allocation.
struct martlet_zlib_stream {
  const uint8_t *_Nullable next_in;
  unsigned int avail_in;
  unsigned long total_in;
  uint8_t *_Nullable next_out;
  unsigned int avail_out;
  unsigned long total_out;
  const char *_Nullable msg;
  void *_Nullable state;
  void *_Nullable zalloc;
  void *_Nullable zfree;
  void *_Nullable opaque;
  int data_type;
  unsigned long adler;
  unsigned long reserved;
};

#endif
