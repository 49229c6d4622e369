// The common part of the generators: random numbers, and ranks that follow Zipf's
// law. The same seed gives the same numbers on every machine.
#pragma once
#include <stdint.h>

enum { LARGEST_VOCABULARY = 100000 };

// MARK: - Random numbers: xoshiro256**, seeded by a multiplicative sequence

static uint64_t state[4];

static uint64_t rotated(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

static uint64_t random_bits(void) {
    uint64_t result = rotated(state[1] * 5, 7) * 9, shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotated(state[3], 45);
    return result;
}

static void seed_random(uint64_t seed) {
    for (int i = 0; i < 4; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        state[i] = seed ^ seed >> 29;
    }
    for (int i = 0; i < 16; i++) random_bits();
}

// Uniform in 0 ..< bound.
static uint32_t random_below(uint32_t bound) { return (uint32_t)((random_bits() >> 32) * bound >> 32); }

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
