// drain PORT
//
// Connects to 127.0.0.1:PORT, reads until the other side closes or has been
// silent for half a second, and prints the speed of the bytes: the speed of TCP
// over loopback for a receiver that discards them.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: drain PORT\n");
        return 2;
    }
    int server = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    struct timeval silence = {.tv_usec = 500000};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
    if (connect(server, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("drain");
        return 1;
    }
    static char bytes[1 << 18];
    double first = seconds_now(), last = first;
    long long total = 0;
    for (ssize_t count; (count = recv(server, bytes, sizeof bytes, 0)) > 0; last = seconds_now()) total += count;
    printf("bytes=%lld sec=%.4f MB/s=%.0f\n", total, last - first, (double)total / 1e6 / (last - first));
    return 0;
}
