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
#include "zipf.h"

enum {
    VOCABULARY = LARGEST_VOCABULARY,
    LONGEST_WORD = 10,
    LONGEST_LINE = 12 * (LONGEST_WORD + 1),
    INDEX_SIZE = 1 << 18,  // of the set that keeps the vocabulary free of doubles
};

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

// MARK: - Program

int main(int argc, char **argv) {
    long long bytes = argc >= 2 ? atoll(argv[1]) : 0;
    if (argc > 3 || bytes < 1) {
        fprintf(stderr, "usage: generate_text BYTES [SEED]\n");
        return 2;
    }
    make_vocabulary();
    make_columns(VOCABULARY);
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
