// The data structures of zlib, as in its documented interface: the library is loaded when it is needed, so its header
// need not be installed.
#ifndef MARTLET_ZLIB_H
#define MARTLET_ZLIB_H

#include <stdint.h>

/// zlib's z_stream, which has been the same in all its versions. Zeroed, it uses zlib's own allocation.
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
