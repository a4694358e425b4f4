#include "texts.h"

#include <stdlib.h>

void pf_texts_begin(struct pf_texts *t)
{
    t->text.n = t->ended = t->made.n = t->from.n = 0;
}

bool pf_texts_end(struct pf_texts *t, const struct pf_record *like, size_t from)
{
    struct pf_record one = *like;

    one.value_len = t->text.n - t->ended;
    t->ended = t->text.n;
    return !t->text.failed && PF_VEC_PUSH(&t->made, one) &&
           PF_VEC_PUSH(&t->from, (uint32_t)from);
}

/* The buffer does not move any more. */
struct pf_output pf_texts_give(struct pf_texts *t)
{
    const char *at = t->text.at ? t->text.at : "";

    for (size_t i = 0; i < t->made.n; i++) {
        t->made.at[i].value = at;
        at += t->made.at[i].value_len;
    }
    return (struct pf_output){t->made.at, t->made.n, t->from.at};
}

void pf_texts_release(struct pf_texts *t)
{
    pf_buffer_release(&t->text);
    free(t->made.at);
    free(t->from.at);
    *t = (struct pf_texts){0};
}
