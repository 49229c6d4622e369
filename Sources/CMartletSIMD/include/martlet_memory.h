// Memory for hash tables.
#ifndef MARTLET_MEMORY_H
#define MARTLET_MEMORY_H

/// Memory for part of a hash table: on a cache line; if it is large, on pages as large as the system gives, so that
/// looking at places all over it does not wait for address translation. Ends the process if there is none left, as
/// every allocation does in Swift.
void *_Nonnull martlet_allocate_table(long bytes);

/// Gives memory of `martlet_allocate_table` back.
void martlet_free_table(void *_Nonnull memory);

#endif
