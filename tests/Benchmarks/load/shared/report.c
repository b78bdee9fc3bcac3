#include "report.h"

#include <stdio.h>
#include <string.h>

void report_start(struct report *r)
{
    r->round_trips = r->handshakes = r->resumed = 0;
    memset(&r->latencies, 0, sizeof r->latencies);
    r->start_cpu = cpu_now();
    r->start_ns = now_ns();
    say("START");
}

void report_end(struct report *r)
{
    r->end_ns = now_ns();
    r->end_cpu = cpu_now();
    say("END");
}

void report_session(struct report *r, const SSL *ssl)
{
    snprintf(r->protocol, sizeof r->protocol, "%s", SSL_get_version(ssl));
    snprintf(r->cipher, sizeof r->cipher, "%s", SSL_get_cipher_name(ssl));
}

void report_print(const struct report *r)
{
    double seconds = (double)(r->end_ns - r->start_ns) / 1e9;
    printf("{\"round_trips\":%llu,\"seconds\":%.6f,\"per_second\":%.1f,", (unsigned long long)r->round_trips, seconds,
        seconds > 0 ? (double)r->round_trips / seconds : 0);
    printf("\"p50_us\":%.2f,\"p99_us\":%.2f,\"p999_us\":%.2f,\"max_us\":%.2f,", histogram_percentile(&r->latencies, 50),
        histogram_percentile(&r->latencies, 99), histogram_percentile(&r->latencies, 99.9), (double)r->latencies.max / 1000);
    printf("\"user_us\":%llu,\"system_us\":%llu,", (unsigned long long)(r->end_cpu.user_us - r->start_cpu.user_us),
        (unsigned long long)(r->end_cpu.system_us - r->start_cpu.system_us));
    printf("\"connect_seconds\":%.3f,", r->connect_seconds);
    printf("\"handshakes\":%llu,\"resumed\":%llu,\"protocol\":\"%s\",\"cipher\":\"%s\"}\n", (unsigned long long)r->handshakes,
        (unsigned long long)r->resumed, r->protocol, r->cipher);
    fflush(stdout);
}
