#include "findings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct pf_finding_text pf_finding_texts[] = {
#define PF_FINDING_ROW(name, word, meaning) {word, meaning},
    PF_FINDING_MAP(PF_FINDING_ROW)
#undef PF_FINDING_ROW
};

void pf_findings_release(struct pf_findings *findings)
{
    free(findings->list.at);
    *findings = (struct pf_findings){0};
}

/* Does b continue where a ends? */
static bool continues(const struct pf_finding *a, const struct pf_finding *b)
{
    return a->kind == b->kind && a->run == b->run && a->place < 0 &&
           b->place < 0 && !a->line && !b->line &&
           a->number + a->n == b->number && a->sequence + a->n == b->sequence;
}

bool pf_findings_add(struct pf_findings *findings,
                     const struct pf_finding *finding)
{
    uint64_t *count = &findings->counts[finding->kind];
    struct pf_finding *last = findings->list.n ? PF_VEC_LAST(&findings->list)
                                               : NULL;

    if (__builtin_add_overflow(*count, finding->n, count))
        *count = UINT64_MAX;
    if (last && continues(last, finding)) {
        last->n += finding->n;
        return true;
    }
    return PF_VEC_PUSH(&findings->list, *finding);
}

void pf_findings_take_back(struct pf_findings *findings,
                           const struct pf_findings *before)
{
    findings->list.n = before->list.n;
    memcpy(findings->counts, before->counts, sizeof findings->counts);
}

const char *pf_findings_counts(const struct pf_findings *findings, char *buf,
                               size_t size)
{
    size_t len = 0;

    buf[0] = '\0';
    for (int i = 0; i < PF_FINDING_KINDS && len < size; i++)
        if (findings->counts[i])
            len += (size_t)snprintf(buf + len, size - len, "%s%s %" PRIu64,
                                    len ? ", " : "", pf_finding_texts[i].word,
                                    findings->counts[i]);
    return buf;
}

static int compare(const void *a, const void *b)
{
    const struct pf_finding *x = a, *y = b;
    int order = PF_ORDER(x->sequence, y->sequence);

    order = order ? order : PF_ORDER(x->kind, y->kind);
    order = order ? order : PF_ORDER(x->place, y->place);
    return order ? order : PF_ORDER(x->line, y->line);
}

void pf_findings_sort(struct pf_findings *findings)
{
    if (findings->list.n)
        qsort(findings->list.at, findings->list.n, sizeof *findings->list.at,
              compare);
}

enum pf_rc pf_findings_write(const struct pf_findings *findings,
                             const char *path, struct pf_error *err)
{
    FILE *out = fopen(path, "we");
    int left = PF_FINDINGS_MAX;
    bool failed;

    if (!out)
        return pf_fail(err, PF_IO, "%s: %s", path, strerror(errno));
    for (size_t i = 0; i < findings->list.n; i++) {
        const struct pf_finding *f = &findings->list.at[i];

        for (uint64_t k = 0; k < f->n && left; k++, left--)
            fprintf(out, "%s %" PRIu64 "\n", pf_finding_texts[f->kind].word,
                    f->sequence + k);
    }
    failed = ferror(out);
    if (fclose(out) || failed)
        return pf_fail(err, PF_IO, "%s: %s", path, strerror(errno));
    return PF_OK;
}
