// generate_tweets FOLDER FILES LINES [SEED]
//
// Writes FILES files of LINES short messages each into FOLDER, which must be
// there: part-0000.txt, part-0001.txt and so on. A line is the milliseconds
// since 1970, a tab, and 9 to 13 words, of which up to 3 are hashtags:
//
//     1767225600000<TAB>cqtpi #h qlkyt zblrr #ytfw lttw #wzdiv iwlqeb uhyrs
//
// Words, tags or not, follow Zipf's law with exponent 1 over 20,000 different
// ones of 1 to 6 letters, the frequent ones being short. Time advances by one
// millisecond every 10 lines. The same arguments give the same bytes on every
// machine; the words do not depend on SEED.
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "zipf.h"

enum {
    VOCABULARY = 20000,
    LONGEST_WORD = 6,
    LONGEST_LINE = 20 + 13 * (LONGEST_WORD + 2),
    LINES_PER_MILLISECOND = 10,
};

static const long long BEGINNING = 1767225600000;  // 2026-01-01 00:00 UTC

static char letters[VOCABULARY][LONGEST_WORD];
static uint8_t lengths[VOCABULARY];

static void make_vocabulary(void) {
    for (uint32_t rank = 0; rank < VOCABULARY; rank++) {
        lengths[rank] = rank < 1 ? 1 : rank < 3 ? 3 : rank < 58 ? 4 : rank < 1501 ? 5 : 6;
        // Multiples of a number that is coprime to 26 differ in this many
        // letters.
        uint32_t number = rank * 104729u + 7;
        for (int i = 0; i < lengths[rank]; i++, number /= 26) letters[rank][i] = (char)('a' + number % 26);
    }
}

static size_t write_line(char *line, long long milliseconds) {
    size_t used = (size_t)sprintf(line, "%lld\t", milliseconds);
    uint32_t words = 9 + random_below(5), tags = random_below(4);
    for (uint32_t left = words; left > 0; left--) {
        // About three words of a line are chosen; those after the last tag remain words.
        if (tags > 0 && random_below(words) < 3) {
            line[used++] = '#';
            tags--;
        }
        uint32_t rank = random_rank();
        memcpy(line + used, letters[rank], lengths[rank]);
        used += lengths[rank];
        line[used++] = left == 1 ? '\n' : ' ';
    }
    return used;
}

static FILE *create_part(const char *folder, long part) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/part-%04ld.txt", folder, part);
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        exit(1);
    }
    return file;
}

int main(int argc, char **argv) {
    long files = argc >= 4 ? atol(argv[2]) : 0, lines = argc >= 4 ? atol(argv[3]) : 0;
    if (argc > 5 || files < 1 || lines < 1) {
        fprintf(stderr, "usage: generate_tweets FOLDER FILES LINES [SEED]\n");
        return 2;
    }
    make_vocabulary();
    make_columns(VOCABULARY);
    seed_random(argc == 5 ? strtoull(argv[4], NULL, 10) : 1);

    long long written = 0;
    for (long part = 0; part < files; part++) {
        FILE *file = create_part(argv[1], part);
        for (long left = lines; left > 0; left--, written++) {
            char line[LONGEST_LINE];
            fwrite(line, 1, write_line(line, BEGINNING + written / LINES_PER_MILLISECOND), file);
        }
        if (ferror(file) || fclose(file) != 0) {
            perror("generate_tweets");
            return 1;
        }
    }
    return 0;
}
