#include "store_words.h"

void web_words_release(struct web_words *words)
{
    for (size_t i = 0; i < words->list.n; i++)
        free(words->list.at[i]);
    free(words->list.at);
    *words = (struct web_words){0};
}

/* Copy a value in quotes to *word: the bytes from at, after the quote, to end.
 * Returns where it ends, after the other quote; NULL: there is none. */
static const char *unquote(const char *at, const char *end, char *word)
{
    for (; at < end && *at != '"'; at++) {
        if (*at == '\\' && at + 1 < end && (at[1] == '"' || at[1] == '\\'))
            at++;
        *word++ = *at;
    }
    *word = '\0';
    return at < end ? at + 1 : NULL;
}

/* Copy the next value to *word, from at on. Returns where it ends, or NULL: it
 * is malformed. */
static const char *copy_word(const char *at, const char *end, char *word,
                             struct pf_error *err)
{
    const char *comma = memchr(at, ',', (size_t)(end - at));
    size_t n = (size_t)((comma ? comma : end) - at);

    if (at == end || *at != '"') {
        memcpy(word, at, n);
        word[n] = '\0';
        return at + n;
    }
    at = unquote(at + 1, end, word);
    if (at && (at == end || *at == ','))
        return at;
    pf_fail(err, PF_FORMAT,
            at ? "a comma has to follow a value in quotes"
               : "a quote is not closed");
    return NULL;
}

enum pf_rc web_words_split(const char *text, size_t n, struct web_words *ret,
                           struct pf_error *err)
{
    const char *end = text + n;
    char *word = n ? malloc(n + 1) : NULL; /* room for the longest */
    enum pf_rc rc = PF_OK;

    if (!n)
        return PF_OK;
    for (const char *at = text; word && !rc; at++) { /* the comma */
        char *copy;

        at = copy_word(at, end, word, err);
        if (!at) {
            rc = PF_FORMAT;
            break;
        }
        copy = strdup(word);
        if (!copy || !PF_VEC_PUSH(&ret->list, copy)) {
            free(copy);
            rc = pf_fail(err, PF_NOMEM, "out of memory");
        }
        if (at == end)
            break;
    }
    if (!word)
        rc = pf_fail(err, PF_NOMEM, "out of memory");
    free(word);
    return rc;
}
