// Reference counts in one step for many references: functions of the Swift runtime that Swift has no names for.
#ifndef MARTLET_COUNTS_H
#define MARTLET_COUNTS_H

#include <stdint.h>

/// Adds `count` references to a Swift object.
void *_Nonnull swift_retain_n(void *_Nonnull object, uint32_t count);

/// Removes `count` references from a Swift object, which is destroyed with the last.
void swift_release_n(void *_Nonnull object, uint32_t count);

#endif
