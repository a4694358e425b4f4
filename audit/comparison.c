#include "comparison.h"

bool pf_check_found(struct pf_check *c, enum pf_finding_kind kind,
                    uint64_t place)
{
    const struct pf_number_span *span = pf_topic_span(c->topic, place);
    struct pf_finding f = {
        .kind = kind, .run = PF_NONE, .n = 1, .place = (int64_t)place};

    if (span && span->life != PF_NONE) {
        const struct pf_life *life = &c->topic->lives.at[span->life];

        f.run = life->run;
        f.number = span->number + (place - span->place);
        f.sequence = life->base + f.number;
    } else {
        f.sequence = (uint64_t)pf_topic_offset(c->topic, place);
    }
    return pf_findings_add(&c->findings, &f);
}

bool pf_check_absent(struct pf_check *c, enum pf_finding_kind kind,
                     uint32_t life, uint64_t number, uint64_t n, int64_t place)
{
    const struct pf_life *l = &c->topic->lives.at[life];
    struct pf_finding f = {.kind = kind,
                           .run = l->run,
                           .number = number,
                           .sequence = l->base + number,
                           .n = n,
                           .place = place};

    return pf_findings_add(&c->findings, &f);
}
