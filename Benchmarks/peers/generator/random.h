// Random numbers for the generators: xoshiro256**, seeded by a multiplicative
// sequence. The same seed gives the same numbers on every machine.
#pragma once
#include <stdint.h>

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
