// Memory for hash tables.
#ifndef MARTLET_MEMORY_H
#define MARTLET_MEMORY_H

/// Allocates zeroed memory for a part of a hash table, on a cache line. Large parts are allocated from the system and
/// freed to it, on pages as large as the system provides: access to random places does not wait for address
/// translation, and short-lived tables leave no holes. Ends the process if there is no memory left, as every allocation
/// in Swift does.
void *_Nonnull martlet_allocate_table(long bytes);

/// Frees memory of `martlet_allocate_table`; `bytes` is the number that was allocated.
void martlet_free_table(void *_Nonnull memory, long bytes);

/// Allocates zeroed memory from the system, which only occupies the pages that have been written. More may be allocated
/// than will be used. Ends the process if there is no memory left.
void *_Nonnull martlet_reserve_pages(long bytes);

/// Frees memory of `martlet_reserve_pages`; `bytes` is the number that was allocated.
void martlet_release_pages(void *_Nonnull memory, long bytes);

#endif
