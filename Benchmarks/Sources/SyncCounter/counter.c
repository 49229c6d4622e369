// fsync and fdatasync are defined here, in front of those of the C library, which do the work.
#define _GNU_SOURCE
#include "SyncCounter.h"

#if defined(__linux__)
#include <dlfcn.h>
#include <stdatomic.h>
#include <time.h>

static _Atomic uint64_t calls, nanoseconds;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int counted(const char *name, int file) {
    int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    uint64_t began = now();
    int result = sync(file);
    calls++;
    nanoseconds += now() - began;
    return result;
}

int fsync(int file) { return counted("fsync", file); }
int fdatasync(int file) { return counted("fdatasync", file); }

SyncCounts counted_syncs(void) { return (SyncCounts){.calls = calls, .nanoseconds = nanoseconds}; }
#else
SyncCounts counted_syncs(void) { return (SyncCounts){0}; }
#endif
