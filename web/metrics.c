#include "metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "clock.h"
#include "lags.h"
#include "metrics_text.h"
#include "web.h"

const struct pf_metric web_metrics[WEB_METRICS] = {
    {"healthy", "1 while prices flow, as /health says.", PF_GAUGE, "boolean"},
    {"broker_up", "1 while the broker answers.", PF_GAUGE, "boolean"},
    {"data_free_bytes", "What the feed can still write where its data is.",
     PF_GAUGE, "bytes"},
    {"data_size_bytes", "The size of the file system where its data is.",
     PF_GAUGE, "bytes"},
};

/* The counters that others keep in feed.run, and what they are named. */
static const char *const names[] = {"consumer", "producer", "init"};

enum { OTHERS = sizeof names / sizeof *names };

/* The room on the feed's volume. */
static void look_at_data(struct pf_stats *stats)
{
    const char *data = getenv("PF_DATA");
    struct statvfs fs;

    if (!data || statvfs(data, &fs))
        return;
    pf_stats_set(stats, WEB_DATA_FREE, (uint64_t)fs.f_bavail * fs.f_frsize);
    pf_stats_set(stats, WEB_DATA_SIZE, (uint64_t)fs.f_blocks * fs.f_frsize);
}

void web_metrics_answer(void *context, const struct pf_http_request *request,
                        struct pf_http_reply *reply)
{
    bool openmetrics = pf_metrics_wants_openmetrics(
        pf_http_header(request, "Accept"));
    struct web *web = context;
    struct pf_metrics_program programs[OTHERS + 1] = {
        {.name = "web", .stats = web->stats}};
    size_t n = 1;

    look_at_data(web->stats);
    for (size_t i = 0; i < OTHERS && *web->conf->run; i++) {
        char path[4096];

        snprintf(path, sizeof path, "%s/%s.stats", web->conf->run, names[i]);
        programs[n].name = names[i];
        if (!pf_stats_attach(path, &programs[n].stats, NULL))
            n++;
    }
    reply->type = openmetrics ? PF_METRICS_OPENMETRICS : PF_METRICS_TEXT;
    pf_metrics_write(&reply->body, programs, n, openmetrics, pf_boot_ns());
    web_lags_put(web->lags, &reply->body);
    pf_metrics_end(&reply->body, openmetrics);
    for (size_t i = 1; i < n; i++)
        pf_stats_close(programs[i].stats);
}
