#include "martlet_memory.h"

#include <stdlib.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

enum { CACHE_LINE = 64, LARGE_PAGE = 2 << 20 };

void *martlet_allocate_table(long bytes) {
  const int is_large = bytes >= LARGE_PAGE;
  void *memory = NULL;
  if (posix_memalign(&memory, is_large ? LARGE_PAGE : CACHE_LINE, bytes > 0 ? (size_t)bytes : 1) != 0) abort();
#if defined(MADV_HUGEPAGE)
  // A wish that the system may refuse.
  if (is_large) madvise(memory, (size_t)bytes / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
#endif
  return memory;
}

void martlet_free_table(void *memory) { free(memory); }
