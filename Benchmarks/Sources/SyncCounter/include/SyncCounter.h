// How often a program that is linked with this has waited for the disk, and for
// how long. On systems other than Linux nothing is counted.
#pragma once
#include <stdint.h>

typedef struct {
    uint64_t calls;
    uint64_t nanoseconds;
} SyncCounts;

// Since the process began, by all threads.
SyncCounts counted_syncs(void);
