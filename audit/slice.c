#include "slice.h"

#include <stdlib.h>

void pf_slice_release(struct pf_slice *p)
{
    free(p->crcs.at);
    free(p->told.at);
    free(p->offsets.at);
    free(p->numbers.at);
    free(p->odd.at);
    free(p->made.at);
    free(p->times.at);
    free(p->keys.at);
    free(p->matches.at);
    free(p->bad_headers.at);
    free(p->resets.at);
    free(p->late.at);
    free(p->silences.at);
    *p = (struct pf_slice){0};
}

bool pf_slice_line(const struct pf_slice *p, uint64_t at, uint32_t *ret)
{
    const struct pf_odd *odd = p->odd.n
                                   ? &p->odd.at[PF_VEC_FIND(&p->odd, at, at)]
                                   : NULL;

    if (!odd || odd->at != at)
        *ret = p->crcs.at[at];
    else if (!odd->refused)
        *ret = odd->line;
    else
        return false;
    return true;
}

int64_t pf_slice_offset(const struct pf_slice *p, uint64_t at)
{
    const struct pf_offset_span *span =
        &p->offsets.at[PF_VEC_FIND(&p->offsets, at, at)];

    return span->offset + (int64_t)(at - span->at);
}

int64_t pf_slice_index(const struct pf_slice *p, int64_t offset)
{
    uint64_t at, end;
    size_t low;

    if (!p->offsets.n || offset < p->offsets.at[0].offset)
        return -1;
    low = PF_VEC_FIND(&p->offsets, offset, offset);
    at = p->offsets.at[low].at + (uint64_t)(offset - p->offsets.at[low].offset);
    end = low + 1 < p->offsets.n ? p->offsets.at[low + 1].at : p->crcs.n;
    return at < end ? (int64_t)at : -1;
}

int64_t pf_slice_end(const struct pf_slice *p)
{
    return p->crcs.n ? pf_slice_offset(p, p->crcs.n - 1) + 1 : p->start;
}

const struct pf_number_span *pf_slice_span(const struct pf_slice *p,
                                           uint64_t at)
{
    size_t low = 0, high = p->numbers.n;

    if (!high)
        return NULL;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (p->numbers.at[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    return &p->numbers.at[low];
}

uint64_t pf_slice_span_len(const struct pf_slice *p,
                           const struct pf_number_span *span)
{
    uint64_t end = span == PF_VEC_LAST(&p->numbers) ? p->crcs.n : span[1].at;

    return end - span->at;
}

void pf_slice_window(const struct pf_slice *p, uint64_t at,
                     int64_t *ret_from_ms, int64_t *ret_to_ms)
{
    size_t i = at / PF_TIME_STEP;

    *ret_from_ms = p->times.at[at % PF_TIME_STEP == 0 && i ? i - 1 : i];
    *ret_to_ms = p->times.at[i + 1 < p->times.n ? i + 1 : i];
}
