// generate_bids FOLDER FILES LINES [SEED]
//
// Writes FILES files of LINES bids of an auction house each into FOLDER/json
// and FOLDER/csv, which must be there: the same bids as objects in lines of
// JSON, and as CSV without a header. A bid is
//
//     {"auction":1042,"bidder":1007,"price":23851,"channel":"channel-731","dateTime":"2026-01-01T00:00:00.137"}
//
// after the bids of the Nexmark benchmark. 10,000 bids arrive in a second.
// Every second bid is for the auction of the moment, three of four come from
// its bidder; prices follow a power law. The same arguments give the same bytes
// on every machine.
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "random.h"

enum {
    BIDS_PER_SECOND = 10000,
    BIDS_PER_AUCTION = 100,   // a new auction begins after this many bids
    AUCTIONS_PER_PEAK = 100,  // and every hundredth is the auction of the moment
};

static const char *const CHANNELS[] = {"apple", "baidu", "facebook", "google"};

typedef struct {
    long long auction, bidder, price, milliseconds;
    char channel[24];
} Bid;

static Bid make_bid(long long number) {
    long long newest = number / BIDS_PER_AUCTION, peak = newest / AUCTIONS_PER_PEAK * AUCTIONS_PER_PEAK;
    Bid bid = {.milliseconds = number * 1000 / BIDS_PER_SECOND};
    bid.auction = 1000 + (random_below(2) ? peak : newest + random_below(100));
    bid.bidder = 1000 + (random_below(4) ? peak + 1 : newest + random_below(1000));
    // One digit more is ten times as rare.
    bid.price = 100 + random_below(900);
    while (bid.price < 100000000 && random_below(6)) bid.price = bid.price * 10 + random_below(10);
    if (random_below(2)) {
        snprintf(bid.channel, sizeof bid.channel, "%s", CHANNELS[random_below(4)]);
    } else {
        snprintf(bid.channel, sizeof bid.channel, "channel-%u", random_below(10000));
    }
    return bid;
}

static FILE *create_part(const char *folder, const char *format, long part) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s/part-%04ld.%s", folder, format, part, format);
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        exit(1);
    }
    setvbuf(file, NULL, _IOFBF, 1 << 20);
    return file;
}

int main(int argc, char **argv) {
    long files = argc >= 4 ? atol(argv[2]) : 0, lines = argc >= 4 ? atol(argv[3]) : 0;
    if (argc > 5 || files < 1 || lines < 1) {
        fprintf(stderr, "usage: generate_bids FOLDER FILES LINES [SEED]\n");
        return 2;
    }
    seed_random(argc == 5 ? strtoull(argv[4], NULL, 10) : 1);

    long long number = 0;
    for (long part = 0; part < files; part++) {
        FILE *json = create_part(argv[1], "json", part), *csv = create_part(argv[1], "csv", part);
        for (long left = lines; left > 0; left--, number++) {
            Bid bid = make_bid(number);
            long long seconds = bid.milliseconds / 1000;
            int milli = (int)(bid.milliseconds % 1000), second = (int)(seconds % 60), minute = (int)(seconds / 60 % 60),
                hour = (int)(seconds / 3600 % 24);
            fprintf(json,
                    "{\"auction\":%lld,\"bidder\":%lld,\"price\":%lld,\"channel\":\"%s\","
                    "\"dateTime\":\"2026-01-01T%02d:%02d:%02d.%03d\"}\n",
                    bid.auction, bid.bidder, bid.price, bid.channel, hour, minute, second, milli);
            fprintf(csv, "%lld,%lld,%lld,%s,2026-01-01 %02d:%02d:%02d.%03d\n", bid.auction, bid.bidder, bid.price,
                    bid.channel, hour, minute, second, milli);
        }
        if (ferror(json) || ferror(csv) || fclose(json) != 0 || fclose(csv) != 0) {
            perror("generate_bids");
            return 1;
        }
    }
    return 0;
}
