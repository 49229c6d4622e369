// feeder [--ready PATH] [--began PATH] file PORT PATH [TIMES]
//     Sends the file at PATH, TIMES over (1 by default), as fast as the client
//     takes it, and then waits for the client to close.
// feeder [--ready PATH] [--began PATH] stamps PORT EVERY_MS SECONDS
//     Sends a line "@<microseconds since 1970> alpha beta gamma" about every
//     EVERY_MS milliseconds. Each gap is drawn between half and one and a half
//     of that, so that the lines meet a batch at every phase of its interval.
//
// Serves one client, only on 127.0.0.1. Port 0 selects a free one. --ready
// writes the port to PATH once a client can connect; --began writes the
// microseconds since 1970 at which sending begins. Both files appear complete.
// Ends by itself after 15 minutes.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/sendfile.h>
#endif

static void stop_with(const char *what) {
    fprintf(stderr, "feeder: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void show_usage(void) {
    fprintf(stderr, "usage: feeder [--ready PATH] [--began PATH] file PORT PATH [TIMES]\n"
                    "       feeder [--ready PATH] [--began PATH] stamps PORT EVERY_MS SECONDS\n");
    exit(2);
}

static int64_t microseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

// A reader that waits for the file never sees it incomplete.
static void publish(const char *path, int64_t number) {
    char draft[PATH_MAX];
    snprintf(draft, sizeof draft, "%s.draft", path);
    FILE *file = fopen(draft, "w");
    if (!file) stop_with(draft);
    fprintf(file, "%lld\n", (long long)number);
    if (fclose(file) != 0 || rename(draft, path) != 0) stop_with(path);
}

static int accept_one(int port, const char *ready) {
    int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, size) != 0) stop_with("bind");
    if (listen(listener, 1) != 0) stop_with("listen");
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) stop_with("getsockname");
    if (ready) publish(ready, ntohs(address.sin_port));

    int client = accept(listener, NULL, NULL);
    if (client < 0) stop_with("accept");
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    close(listener);
    return client;
}

static bool send_all(int client, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = write(client, bytes, count);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes += sent;
        count -= (size_t)sent;
    }
    return true;
}

static bool send_file(int client, int file, off_t size) {
#if defined(__linux__)
    off_t sent = 0;
    while (sent < size) {
        if (sendfile(client, file, &sent, 1 << 20) <= 0) return false;
    }
#else
    static char piece[1 << 20];
    for (off_t sent = 0; sent < size;) {
        ssize_t count = pread(file, piece, sizeof piece, sent);
        if (count <= 0 || !send_all(client, piece, (size_t)count)) return false;
        sent += count;
    }
#endif
    return true;
}

static bool send_stamps(int client, long every_ms, long seconds) {
    uint32_t random = 1;
    int64_t next = microseconds(CLOCK_MONOTONIC), end = next + (int64_t)seconds * 1000000;
    while (next < end) {
        char line[80];
        int length = snprintf(line, sizeof line, "@%lld alpha beta gamma\n", (long long)microseconds(CLOCK_REALTIME));
        if (!send_all(client, line, (size_t)length)) return false;
        random = random * 1664525u + 1013904223u;
        next += every_ms * (500 + (int64_t)(random >> 16) * 1000 / 65536);
        int64_t pause = next - microseconds(CLOCK_MONOTONIC);
        if (pause > 0) usleep((useconds_t)pause);
    }
    return true;
}

int main(int argc, char **argv) {
    const char *ready = NULL, *began = NULL;
    int i = 1;
    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        if (strcmp(argv[i], "--ready") == 0) ready = argv[i + 1];
        else if (strcmp(argv[i], "--began") == 0) began = argv[i + 1];
        else show_usage();
    }
    char **rest = argv + i;
    int count = argc - i;
    bool file_mode = (count == 3 || count == 4) && strcmp(rest[0], "file") == 0;
    bool stamp_mode = count == 4 && strcmp(rest[0], "stamps") == 0;
    if (!file_mode && !stamp_mode) show_usage();

    int file = -1;
    struct stat status = {0};
    if (file_mode) {
        file = open(rest[2], O_RDONLY);
        if (file < 0 || fstat(file, &status) != 0) stop_with(rest[2]);
    }
    signal(SIGPIPE, SIG_IGN);
    alarm(15 * 60);

    int client = accept_one(atoi(rest[1]), ready);
    if (began) publish(began, microseconds(CLOCK_REALTIME));
    bool sent = true;
    if (stamp_mode) {
        sent = send_stamps(client, atol(rest[2]), atol(rest[3]));
    } else {
        for (int times = count == 4 ? atoi(rest[3]) : 1; sent && times > 0; times--) {
            sent = send_file(client, file, status.st_size);
        }
        char ignored;
        while (sent && read(client, &ignored, 1) > 0) {}
    }
    close(client);
    return sent ? 0 : 1;
}
