#define _GNU_SOURCE
#include "martlet_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { CACHE_LINE = 64, LARGE_PAGE = 2 << 20 };

static size_t rounded(long bytes) { return ((size_t)bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE; }

void *martlet_allocate_table(long bytes) {
  if (bytes < LARGE_PAGE) {
    void *memory = NULL;
    if (posix_memalign(&memory, CACHE_LINE, bytes > 0 ? (size_t)bytes : 1) != 0) abort();
    return memset(memory, 0, (size_t)bytes);
  }
  // The system aligns to small pages: allocate one large page more and free the ends.
  const size_t size = rounded(bytes);
  char *memory = mmap(NULL, size + LARGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) abort();
  const size_t front = (LARGE_PAGE - (uintptr_t)memory % LARGE_PAGE) % LARGE_PAGE;
  if (front > 0) munmap(memory, front);
  munmap(memory + front + size, LARGE_PAGE - front);
  memory += front;
#if defined(MADV_HUGEPAGE)
  madvise(memory, size, MADV_HUGEPAGE);  // a hint that the system may ignore
#endif
  return memory;
}

void martlet_free_table(void *memory, long bytes) {
  if (bytes < LARGE_PAGE) {
    free(memory);
  } else {
    munmap(memory, rounded(bytes));
  }
}

void *martlet_reserve_pages(long bytes) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
#if defined(MAP_NORESERVE)
  flags |= MAP_NORESERVE;
#endif
  void *memory = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (memory == MAP_FAILED) abort();
  return memory;
}

void martlet_release_pages(void *memory, long bytes) { munmap(memory, (size_t)bytes); }
