/*
 * The load generator of the benchmark: one thread, epoll and OpenSSL, mutual TLS, every echo compared byte for byte.
 * It prints START and END at the edges of the measured time, and at the end one line of JSON; a wrong echo or a lost
 * connection ends it with exit code 1. In C, so that it costs little beside the servers that it measures.
 */
#include "echoes.h"
#include "handshakes.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int usage(void)
{
    fputs("Usage: load [--send-proxy] MODE ...\n"
          "       load load      PORT CA CERT KEY 1.2|1.3 CONNECTIONS MIN MAX WARM-UP SECONDS DEPTH\n"
          "       load many      PORT CA CERT KEY 1.2|1.3 CONNECTIONS MIN MAX RATE SECONDS\n"
          "       load idle      PORT CA CERT KEY 1.2|1.3 CONNECTIONS\n"
          "       load handshake PORT CA CERT KEY 1.2|1.3 full|resumed LANES WARM-UP SECONDS\n"
          "Sizes in bytes, times in seconds, a rate in messages a second over all connections, a depth in messages on each.\n"
          "All but handshake hold their connections until standard input ends.\n"
          "--send-proxy begins each connection with a header of the PROXY protocol, version 2.\n",
        stderr);
    return 2;
}

int main(int argc, char **argv)
{
    int send_proxy = argc > 1 && strcmp(argv[1], "--send-proxy") == 0;
    argv += send_proxy;
    argc -= send_proxy;
    if (argc < 8) return usage();
    struct target target = {
        .port = (uint16_t)atoi(argv[2]), .ca = argv[3], .cert = argv[4], .key = argv[5], .version = argv[6], .send_proxy = send_proxy};
    const char *mode = argv[1];
    char **rest = argv + 7;
    int count = argc - 7;
    signal(SIGPIPE, SIG_IGN);

    if (strcmp(mode, "idle") == 0 && count == 1 && atoi(rest[0]) > 0) return run_idle(&target, atoi(rest[0]));
    if (strcmp(mode, "handshake") == 0 && count == 4 && atoi(rest[1]) > 0)
        return run_handshakes(&target, strcmp(rest[0], "resumed") == 0, atoi(rest[1]), atof(rest[2]), atof(rest[3]));
    int is_many = strcmp(mode, "many") == 0;
    if (is_many ? count != 5 : strcmp(mode, "load") != 0 || count != 6) return usage();
    struct shape shape = {
        .connections = atoi(rest[0]),
        .min_size = (uint32_t)atoi(rest[1]),
        .max_size = (uint32_t)atoi(rest[2]),
        .depth = is_many ? 1 : (uint32_t)atoi(rest[5]),
        .warm_up = is_many ? 0 : atof(rest[3]),
        .seconds = atof(rest[4]),
    };
    if (shape.connections < 1 || shape.min_size < 1 || shape.max_size < shape.min_size || shape.depth < 1) return usage();
    return is_many ? run_many(&target, &shape, atof(rest[3])) : run_load(&target, &shape);
}
