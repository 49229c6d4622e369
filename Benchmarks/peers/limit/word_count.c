// word_count FILE [THREADS]
//
// The reference: the speed at which hand-tuned C counts the words of a text file
// on this machine. Words are separated by spaces and line feeds; empty ones do
// not count.
//
// How it works. The file is mapped into memory and split at line ends into one
// section for each thread. A thread compares 64 bytes at a time with the two
// separators, which leaves a bit mask, and takes a word between each two bits.
// A word of up to 16 bytes is held in two registers; together with its length
// they are the key in an open-addressing table, so that comparing, hashing and
// storing it never touch the text again. At the end the tables are added up
// into that of the first thread.
//
// With -DPREFETCHING it is tuned further, for the memory: a block's words are
// hashed, and their slots fetched, before any of them is looked up, so that their
// cache misses overlap; slots are smaller; and the tables lie on huge pages.
//
// Compiled for a processor with AVX2 it scans with AVX2, for any other x86-64
// with SSE2, and elsewhere with plain C.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

enum { MOST_THREADS = 64, FIRST_CAPACITY = 1 << 18, PAD = 1 << 16 };

// The text, followed by at least PAD bytes that can be read.
static const uint8_t *text;
static size_t text_size;

// MARK: - Words

typedef struct {
    uint64_t low, high;  // up to 16 bytes: the word, zero-padded; more: two hashes
    const uint8_t *start;
    uint32_t length;
    uint64_t hash;
} Word;

#if defined(__AVX2__)

static inline uint64_t separator_mask(const uint8_t *at) {
    const __m256i space = _mm256_set1_epi8(' '), feed = _mm256_set1_epi8('\n');
    uint64_t mask = 0;
    for (int half = 0; half < 2; half++) {
        __m256i bytes = _mm256_loadu_si256((const __m256i *)(at + 32 * half));
        __m256i found = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, space), _mm256_cmpeq_epi8(bytes, feed));
        mask |= (uint64_t)(uint32_t)_mm256_movemask_epi8(found) << (32 * half);
    }
    return mask;
}

#elif defined(__SSE2__)

static inline uint64_t separator_mask(const uint8_t *at) {
    const __m128i space = _mm_set1_epi8(' '), feed = _mm_set1_epi8('\n');
    uint64_t mask = 0;
    for (int quarter = 0; quarter < 4; quarter++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(at + 16 * quarter));
        __m128i found = _mm_or_si128(_mm_cmpeq_epi8(bytes, space), _mm_cmpeq_epi8(bytes, feed));
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(found) << (16 * quarter);
    }
    return mask;
}

#else

static inline uint64_t separator_mask(const uint8_t *at) {
    uint64_t mask = 0;
    for (int i = 0; i < 64; i++) mask |= (uint64_t)(at[i] == ' ' || at[i] == '\n') << i;
    return mask;
}

#endif

static inline uint64_t fold_multiply(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_of(uint64_t low, uint64_t high, uint32_t length) {
    return fold_multiply(low ^ 0xA24BAED4963EE407u, high ^ length ^ 0x9FB21C651E98DF25u);
}

static inline Word word_at(const uint8_t *start, uint32_t length) {
    Word word = {.start = start, .length = length};
    if (__builtin_expect(length <= 16, 1)) {
#if defined(__SSE2__)
        // A window into this array keeps `length` bytes and clears the rest.
        static const uint8_t window[32] __attribute__((aligned(32))) = {
            [0 ... 15] = 0xFF, [16 ... 31] = 0,
        };
        __m128i keep = _mm_loadu_si128((const __m128i *)(window + 16 - length));
        __m128i bytes = _mm_and_si128(_mm_loadu_si128((const __m128i *)start), keep);
        word.low = (uint64_t)_mm_cvtsi128_si64(bytes);
        word.high = (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(bytes, bytes));
#else
        uint64_t halves[2] = {0, 0};
        memcpy(halves, start, length);
        word.low = halves[0];
        word.high = halves[1];
#endif
    } else {
        uint64_t a = length, b = ~(uint64_t)length;
        for (uint32_t i = 0; i < length; i += 8) {
            uint64_t piece = 0;
            memcpy(&piece, start + i, length - i < 8 ? length - i : 8);
            a = fold_multiply(a ^ piece, 0xD6E8FEB86659FD93u);
            b = fold_multiply(b + piece, 0xC2B2AE3D27D4EB4Fu);
        }
        word.low = a;
        word.high = b;
    }
    word.hash = hash_of(word.low, word.high, length);
    return word;
}

// MARK: - Table

typedef struct {
    uint64_t low, high;
    const uint8_t *start;
    uint32_t length;
    uint32_t count;  // 0: free
#if !defined(PREFETCHING)
    uint64_t hash;  // without it a slot is 32 bytes, and none crosses a cache line
#endif
} Slot;

typedef struct {
    Slot *slots;
    size_t capacity;  // a power of two, at least twice `distinct`
    size_t distinct;
} Table;

static Slot *empty_slots(size_t capacity) {
    size_t bytes = capacity * sizeof(Slot), huge_page = (size_t)2 << 20;
    Slot *slots = aligned_alloc(huge_page, (bytes + huge_page - 1) / huge_page * huge_page);
    if (!slots) {
        fprintf(stderr, "word_count: out of memory\n");
        exit(1);
    }
#if defined(PREFETCHING) && defined(MADV_HUGEPAGE)
    madvise(slots, bytes, MADV_HUGEPAGE);
#endif
    memset(slots, 0, bytes);
    return slots;
}

static inline Slot slot_of(const Word *word, uint32_t count) {
    Slot slot = {.low = word->low, .high = word->high, .start = word->start, .length = word->length, .count = count};
#if !defined(PREFETCHING)
    slot.hash = word->hash;
#endif
    return slot;
}

static inline Word word_of(const Slot *slot) {
#if defined(PREFETCHING)
    uint64_t hash = hash_of(slot->low, slot->high, slot->length);
#else
    uint64_t hash = slot->hash;
#endif
    return (Word){slot->low, slot->high, slot->start, slot->length, hash};
}

static inline Slot *slot_for(const Table *table, const Word *word) {
    size_t last = table->capacity - 1;
    for (size_t i = word->hash & last;; i = (i + 1) & last) {
        Slot *slot = &table->slots[i];
        if (slot->low == word->low && slot->high == word->high && slot->length == word->length &&
            (word->length <= 16 || memcmp(slot->start, word->start, word->length) == 0))
            return slot;
        if (slot->count == 0) return slot;
    }
}

static void add(Table *table, const Word *word, uint32_t count);

static __attribute__((noinline)) void grow(Table *table) {
    Table larger = {empty_slots(table->capacity * 2), table->capacity * 2, 0};
    for (size_t i = 0; i < table->capacity; i++) {
        const Slot *old = &table->slots[i];
        if (old->count == 0) continue;
        Word word = word_of(old);
        add(&larger, &word, old->count);
    }
    free(table->slots);
    *table = larger;
}

static __attribute__((noinline)) void insert(Table *table, Slot *slot, const Word *word, uint32_t count) {
    *slot = slot_of(word, count);
    if (++table->distinct * 2 > table->capacity) grow(table);
}

static inline void add(Table *table, const Word *word, uint32_t count) {
    Slot *slot = slot_for(table, word);
    if (__builtin_expect(slot->count != 0, 1)) slot->count += count;
    else insert(table, slot, word, count);
}

static void add_all(Table *into, const Table *from) {
    for (size_t i = 0; i < from->capacity; i++) {
        const Slot *slot = &from->slots[i];
        if (slot->count == 0) continue;
        Word word = word_of(slot);
        add(into, &word, slot->count);
    }
}

// MARK: - Threads

typedef struct {
    const uint8_t *start, *end;
    Table table;
    uint64_t words;
} Section;

static void *count_section(void *argument) {
    Section *section = argument;
    const uint8_t *end = section->end, *word_start = section->start;
    Table table = {empty_slots(FIRST_CAPACITY), FIRST_CAPACITY, 0};
    uint64_t words = 0;

#if defined(PREFETCHING)
    Word waiting[64];
#endif
    for (const uint8_t *block = section->start; block < end; block += 64) {
        uint64_t mask = separator_mask(block);
        if (__builtin_expect(end - block < 64, 0)) {
            // The end of the section ends a word too.
            mask = (mask & (((uint64_t)1 << (end - block)) - 1)) | (uint64_t)1 << (end - block);
        }
#if defined(PREFETCHING)
        int count = 0;
#endif
        while (mask) {
            const uint8_t *separator = block + __builtin_ctzll(mask);
            mask &= mask - 1;
            uint32_t length = (uint32_t)(separator - word_start);
            if (length > 0) {
                Word word = word_at(word_start, length);
#if defined(PREFETCHING)
                __builtin_prefetch(&table.slots[word.hash & (table.capacity - 1)], 1);
                waiting[count++] = word;
#else
                add(&table, &word, 1);
#endif
                words++;
            }
            word_start = separator + 1;
        }
#if defined(PREFETCHING)
        for (int i = 0; i < count; i++) add(&table, &waiting[i], 1);
#endif
    }
    if (word_start < end) {  // only if the section is a whole number of blocks
        Word word = word_at(word_start, (uint32_t)(end - word_start));
        add(&table, &word, 1);
        words++;
    }
    section->table = table;
    section->words = words;
    return NULL;
}

// MARK: - Program

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool map_text(const char *path) {
    struct stat status;
    int file = open(path, O_RDONLY);
    if (file < 0 || fstat(file, &status) != 0) return false;
    text_size = (size_t)status.st_size;
    // A larger reservation under the file makes the bytes after it readable.
    void *reserved = mmap(NULL, text_size + PAD, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (reserved == MAP_FAILED) return false;
    int kind = MAP_SHARED | MAP_FIXED;
#if defined(MAP_POPULATE)
    kind |= MAP_POPULATE;
#endif
    if (text_size > 0 && mmap(reserved, text_size, PROT_READ, kind, file, 0) == MAP_FAILED) return false;
    text = reserved;
    close(file);
    return true;
}

int main(int argc, char **argv) {
    int threads = argc == 3 ? atoi(argv[2]) : 1;
    if (argc < 2 || argc > 3 || threads < 1 || threads > MOST_THREADS) {
        fprintf(stderr, "usage: word_count FILE [THREADS]   (1 to %d threads)\n", MOST_THREADS);
        return 2;
    }

    double began = seconds_now();
    if (!map_text(argv[1])) {
        perror(argv[1]);
        return 1;
    }
    Section sections[MOST_THREADS];
    const uint8_t *start = text, *end = text + text_size;
    for (int i = 0; i < threads; i++) {
        const uint8_t *cut = text + text_size / (size_t)threads * (size_t)(i + 1);
        if (i == threads - 1) cut = end;
        if (cut < start) cut = start;
        while (cut > start && cut < end && cut[-1] != '\n') cut++;
        sections[i] = (Section){.start = start, .end = cut};
        start = cut;
    }

    pthread_t others[MOST_THREADS];
    for (int i = 1; i < threads; i++) {
        if (pthread_create(&others[i], NULL, count_section, &sections[i]) != 0) {
            fprintf(stderr, "word_count: cannot start a thread\n");
            return 1;
        }
    }
    count_section(&sections[0]);
    uint64_t words = sections[0].words;
    for (int i = 1; i < threads; i++) {
        pthread_join(others[i], NULL);
        add_all(&sections[0].table, &sections[i].table);
        words += sections[i].words;
    }
    double seconds = seconds_now() - began;

    printf("threads=%d words=%llu distinct=%zu sec=%.4f MB/s=%.0f\n", threads, (unsigned long long)words,
           sections[0].table.distinct, seconds, (double)text_size / 1e6 / seconds);
    return 0;
}
