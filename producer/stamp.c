#include "stamp.h"

#include <stdint.h>
#include <stdlib.h>

#include "clock.h"
#include "headers.h"
#include "text.h"

enum { RUN, NUMBER, TIME, HEADERS };

/* The headers of one record; two of their values are in number and time. */
struct pf_stamp {
    struct pf_headers headers;
    struct pf_header at[HEADERS];
    char number[PF_UINT_SIZE], time[PF_UINT_SIZE];
};

bool pf_stamps_init(struct pf_stamps *s, const char *run, size_t n)
{
    s->records = calloc(n, sizeof *s->records);
    s->stamps = calloc(n, sizeof *s->stamps);
    if (!s->records || !s->stamps)
        return false;
    for (size_t i = 0; i < n; i++) {
        struct pf_stamp *p = &s->stamps[i];

        p->at[RUN] = (struct pf_header){PF_HEADER_RUN, run, strlen(run)};
        p->at[NUMBER] = (struct pf_header){PF_HEADER_NUMBER, p->number, 0};
        p->at[TIME] = (struct pf_header){PF_HEADER_TIME, p->time, 0};
        p->headers = (struct pf_headers){.at = p->at, .n = HEADERS};
    }
    return true;
}

void pf_stamps_release(struct pf_stamps *s)
{
    free(s->records);
    free(s->stamps);
}

const struct pf_record *pf_stamp(struct pf_stamps *s,
                                 const struct pf_record *records, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct pf_stamp *p = &s->stamps[i];
        int64_t made_ns = records[i].made_ns;

        if (!made_ns)
            made_ns = pf_wall_ns();
        p->at[NUMBER].len = pf_put_uint(p->number, (uint64_t)records[i].offset);
        p->at[TIME].len = pf_put_uint(p->time, (uint64_t)made_ns);
        s->records[i] = records[i];
        s->records[i].headers = &p->headers;
        s->records[i].header_at = pf_headers_at;
    }
    return s->records;
}
