// generate_text BYTES [SEED]
//
// Writes lines of 8 to 12 words to standard output until BYTES are reached; the
// last line is complete. The words follow Zipf's law with exponent 1 over a
// vocabulary of 100,000 different words of 2 to 10 letters, the frequent ones
// tending to be short, as in a language. The same arguments give the same bytes
// on every machine; the vocabulary does not depend on SEED.
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    VOCABULARY = 100000,
    LONGEST_WORD = 10,
    LONGEST_LINE = 12 * (LONGEST_WORD + 1),
    INDEX_SIZE = 1 << 18,  // of the set that keeps the vocabulary free of doubles
};

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

// MARK: - Vocabulary

static char letters[VOCABULARY][LONGEST_WORD + 1];  // each word, then a zero
static uint8_t lengths[VOCABULARY];

// Remembers the word at `rank`; false if one of the ranks before is the same.
static bool remember(uint32_t rank) {
    static uint32_t index[INDEX_SIZE];  // rank + 1; 0 is free
    uint32_t hash = 2166136261u;
    for (int i = 0; i < lengths[rank]; i++) hash = (hash ^ (uint8_t)letters[rank][i]) * 16777619u;
    uint32_t at = hash % INDEX_SIZE;
    for (; index[at] != 0; at = (at + 1) % INDEX_SIZE) {
        if (strcmp(letters[index[at] - 1], letters[rank]) == 0) return false;
    }
    index[at] = rank + 1;
    return true;
}

static void make_vocabulary(void) {
    seed_random(1);
    for (uint32_t rank = 0; rank < VOCABULARY; rank++) {
        // Each 26-fold step down the ranks makes words one letter longer.
        int shortest = rank < 26 ? 2 : rank < 26 * 26 ? 3 : rank < 26 * 26 * 26 ? 4 : 5;
        do {
            lengths[rank] = (uint8_t)(shortest + (int)random_below(6));
            for (int i = 0; i < lengths[rank]; i++) letters[rank][i] = (char)('a' + random_below(26));
            letters[rank][lengths[rank]] = 0;
        } while (!remember(rank));
    }
}

// MARK: - Zipf's law, drawn by the alias method: each column holds one word up
// to its threshold and another above, all columns being equally likely.

static double thresholds[VOCABULARY];
static uint32_t aliases[VOCABULARY];

static void make_columns(void) {
    static double share[VOCABULARY];
    static uint32_t small[VOCABULARY], large[VOCABULARY];
    double total = 0;
    for (int i = 0; i < VOCABULARY; i++) total += 1.0 / (i + 1);
    int smalls = 0, larges = 0;
    for (uint32_t i = 0; i < VOCABULARY; i++) {
        share[i] = VOCABULARY / total / (i + 1);
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
    uint32_t column = random_below(VOCABULARY);
    double height = (double)(random_bits() >> 11) * 0x1p-53;
    return height < thresholds[column] ? column : aliases[column];
}

// MARK: - Program

int main(int argc, char **argv) {
    long long bytes = argc >= 2 ? atoll(argv[1]) : 0;
    if (argc > 3 || bytes < 1) {
        fprintf(stderr, "usage: generate_text BYTES [SEED]\n");
        return 2;
    }
    make_vocabulary();
    make_columns();
    seed_random(argc == 3 ? strtoull(argv[2], NULL, 10) : 1);

    for (long long written = 0; written < bytes;) {
        char line[LONGEST_LINE];
        size_t used = 0;
        for (uint32_t left = 8 + random_below(5); left > 0; left--) {
            uint32_t rank = random_rank();
            memcpy(line + used, letters[rank], lengths[rank]);
            used += lengths[rank];
            line[used++] = left == 1 ? '\n' : ' ';
        }
        if (fwrite(line, 1, used, stdout) != used) {
            perror("generate_text");
            return 1;
        }
        written += (long long)used;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
