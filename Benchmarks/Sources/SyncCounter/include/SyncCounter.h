// Counts how often, and for how long, a program linked with this library has waited for the disk. On systems other than
// Linux nothing is counted.
#pragma once
#include <stdint.h>

typedef struct {
    uint64_t calls;
    uint64_t nanoseconds;
} SyncCounts;

// The counts since the process began, over all threads.
SyncCounts counted_syncs(void);
