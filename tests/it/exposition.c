/* exposition: prints files of counters as Prometheus reads them.
 *
 *   exposition [--openmetrics] [PROGRAM FILE]... */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "metrics_text.h"

#define PROGRAMS_MAX 10

int main(int argc, char **argv)
{
    struct pf_metrics_program programs[PROGRAMS_MAX] = {0};
    bool openmetrics = argc > 1 && !strcmp(argv[1], "--openmetrics");
    struct pf_buffer text = {0};
    struct pf_error err;
    size_t n = 0, left_out;

    for (int i = 1 + openmetrics; i + 1 < argc && n < PROGRAMS_MAX; i += 2) {
        programs[n].name = argv[i];
        if (pf_stats_attach(argv[i + 1], &programs[n++].stats, &err)) {
            fprintf(stderr, "%s\n", err.text);
            return 1;
        }
    }
    left_out = pf_metrics_write(&text, programs, n, openmetrics, pf_boot_ns());
    pf_metrics_end(&text, openmetrics);
    if (left_out)
        fprintf(stderr, "%zu metrics are left out\n", left_out);
    fwrite(text.at, 1, text.n, stdout);
    for (size_t i = 0; i < n; i++)
        pf_stats_close(programs[i].stats);
    pf_buffer_release(&text);
    return left_out || fflush(stdout);
}
