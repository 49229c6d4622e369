// Memory for hash tables.
#ifndef MARTLET_MEMORY_H
#define MARTLET_MEMORY_H

/// Zeroed memory for a part of a hash table, on a cache line. If it is large it comes straight from the system, and goes
/// back there, on pages as large as the system gives: looking at places all over it does not wait for address
/// translation, and tables that come and go leave no holes behind. Ends the process if there is none left, as every
/// allocation does in Swift.
void *_Nonnull martlet_allocate_table(long bytes);

/// Gives memory of `martlet_allocate_table` back; `bytes` are as many as were asked for.
void martlet_free_table(void *_Nonnull memory, long bytes);

/// Zeroed memory straight from the system, of which only those pages take room that have been written to. More may be
/// asked for than will be used. Ends the process if there is none left.
void *_Nonnull martlet_reserve_pages(long bytes);

/// Gives memory of `martlet_reserve_pages` back; `bytes` are as many as were asked for.
void martlet_release_pages(void *_Nonnull memory, long bytes);

#endif
