#include "bad_lines.h"

#include <stdbool.h>
#include <string.h>

void pf_bad_lines_add(struct pf_bad_lines *bad, const char *file,
                      const struct pf_element *element, const char *reason,
                      struct pf_record *record)
{
    struct pf_refusal *refusal = &bad->refusals[bad->n];
    char *value = bad->values[bad->n++];
    bool is_short = element->len <= PF_ELEMENT_SHOWN;

    if (is_short && element->len) /* it may not be there for long */
        memcpy(value, element->at, element->len);
    *record = (struct pf_record){.topic = file,
                                 .partition = -1,
                                 .offset = (int64_t)element->line,
                                 .timestamp = -1,
                                 .value = is_short ? value : element->at,
                                 .value_len = element->len};
    refusal->record = record;
    refusal->kind = "line";
    pf_fail(&refusal->reason, PF_FORMAT, "%s", reason);
}
