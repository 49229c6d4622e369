// Ranks that follow Zipf's law, for the generators of text.
#pragma once
#include <stdint.h>
#include "random.h"

enum { LARGEST_VOCABULARY = 100000 };

// MARK: - Zipf's law, drawn by the alias method: each column holds one word up
// to its threshold and another above, all columns being equally likely.

static uint32_t ranks;
static double thresholds[LARGEST_VOCABULARY];
static uint32_t aliases[LARGEST_VOCABULARY];

// For the ranks 0 ..< count.
static void make_columns(uint32_t count) {
    static double share[LARGEST_VOCABULARY];
    static uint32_t small[LARGEST_VOCABULARY], large[LARGEST_VOCABULARY];
    ranks = count;
    double total = 0;
    for (uint32_t i = 0; i < count; i++) total += 1.0 / (i + 1);
    int smalls = 0, larges = 0;
    for (uint32_t i = 0; i < count; i++) {
        share[i] = count / total / (i + 1);
        if (share[i] < 1) small[smalls++] = i;
        else large[larges++] = i;
    }
    while (smalls > 0 && larges > 0) {
        uint32_t less = small[--smalls], more = large[larges - 1];
        thresholds[less] = share[less];
        aliases[less] = more;
        share[more] -= 1 - share[less];
        if (share[more] < 1) {
            larges--;
            small[smalls++] = more;
        }
    }
    while (smalls > 0) thresholds[small[--smalls]] = 1;
    while (larges > 0) thresholds[large[--larges]] = 1;
}

static uint32_t random_rank(void) {
    uint32_t column = random_below(ranks);
    double height = (double)(random_bits() >> 11) * 0x1p-53;
    return height < thresholds[column] ? column : aliases[column];
}
