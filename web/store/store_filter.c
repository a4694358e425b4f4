#include "store_filter.h"

#include <string.h>

#include "store_words.h"

static const struct {
    const char *name, *sql;
} operators[] = {
    {"eq.", " = "},   {"neq.", " <> "}, {"gt.", " > "},
    {"gte.", " >= "}, {"lt.", " < "},   {"lte.", " <= "},
};

static const char *const truths[] = {"null", "true", "false", "unknown"};

/* If *text begins with word, go on after it. */
static bool skip(const char **text, const char *word)
{
    size_t n = strlen(word);

    if (strncmp(*text, word, n) != 0)
        return false;
    *text += n;
    return true;
}

static enum pf_rc no_operator(const struct web_store_column *column,
                              const char *text, struct pf_error *err)
{
    return pf_fail(err, PF_FORMAT,
                   "%s: '%.60s' does not begin with a condition: eq., neq., "
                   "gt., gte., lt., lte., like., ilike., in.(a,b) or is.null, "
                   "each also after not.; such as %s=eq.%.60s",
                   column->name, text, column->name, text);
}

/* In a URL, % would have to be written as %25: * is the same. */
static enum pf_rc put_pattern(const struct web_store_column *column,
                              const char *text, struct web_statement *s)
{
    char *pattern = strdup(text);

    if (!pattern)
        return PF_NOMEM;
    for (char *at = pattern; *at; at++)
        if (*at == '*')
            *at = '%';
    web_put_value(s, pattern, column);
    free(pattern);
    return PF_OK;
}

static enum pf_rc put_list(const struct web_store_column *column,
                           const char *text, struct web_statement *s,
                           struct pf_error *err)
{
    size_t n = strlen(text);
    struct web_words words = {0};
    enum pf_rc rc;

    if (n < 2 || text[0] != '(' || text[n - 1] != ')')
        return pf_fail(err, PF_FORMAT,
                       "%s: '%.60s' is not a list such as "
                       "in.(a,b)",
                       column->name, text);
    rc = web_words_split(text + 1, n - 2, &words, err);
    if (rc) {
        pf_fail_in(err, rc, "%s: ", column->name);
    } else if (!words.list.n) {
        web_put_sql(s, "false");
    } else {
        web_put_column(s, column);
        web_put_sql(s, " IN (");
        for (size_t i = 0; i < words.list.n; i++) {
            web_put_sql(s, i ? ", " : "");
            web_put_value(s, words.list.at[i], column);
        }
        web_put_sql(s, ")");
    }
    web_words_release(&words);
    return rc;
}

static enum pf_rc put_truth(const struct web_store_column *column,
                            const char *text, struct web_statement *s,
                            struct pf_error *err)
{
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++)
        if (!strcmp(text, truths[i])) {
            web_put_column(s, column);
            web_put_sql(s, " IS ");
            web_put_sql(s, truths[i]);
            return PF_OK;
        }
    return pf_fail(err, PF_FORMAT,
                   "%s: 'is.%.60s' is not is.null, is.true, is.false or "
                   "is.unknown",
                   column->name, text);
}

static enum pf_rc put_comparison(const struct web_store_column *column,
                                 const char *text, struct web_statement *s,
                                 struct pf_error *err)
{
    const char *whole = text;

    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (skip(&text, operators[i].name)) {
            web_put_column(s, column);
            web_put_sql(s, operators[i].sql);
            web_put_value(s, text, column);
            return PF_OK;
        }
    if (skip(&text, "like.") || skip(&text, "ilike.")) {
        web_put_column(s, column);
        web_put_sql(s, *whole == 'i' ? " ILIKE " : " LIKE ");
        return put_pattern(column, text, s);
    }
    return no_operator(column, whole, err);
}

enum pf_rc web_store_filter(const struct web_store_column *column,
                            const char *text, struct web_statement *s,
                            struct pf_error *err)
{
    enum pf_rc rc;

    web_put_sql(s, " AND ");
    web_put_sql(s, skip(&text, "not.") ? "NOT (" : "(");
    if (skip(&text, "in."))
        rc = put_list(column, text, s, err);
    else if (skip(&text, "is."))
        rc = put_truth(column, text, s, err);
    else
        rc = put_comparison(column, text, s, err);
    web_put_sql(s, ")");
    return rc;
}
