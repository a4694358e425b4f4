#include "window_plan.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "json_find.h"
#include "text.h"

#define SUM_WORDS (sizeof(struct pf_decimal_sum) / sizeof(uint64_t))
#define NUMBER_WORDS (sizeof(struct pf_decimal) / sizeof(uint64_t))

/* What a list can have, and of what it is made. */
struct part {
    const char *name;
    enum pf_window_column_kind column;
    enum pf_window_cell_kind cell;
};

static const struct aggregate {
    const char *name;
    size_t n;
    struct part parts[4];
} aggregates[] = {
    {"count", 1, {{"count", PF_WINDOW_COUNT, PF_WINDOW_SUM}}},
    {"sum", 1, {{"sum", PF_WINDOW_PLAIN, PF_WINDOW_SUM}}},
    {"avg", 1, {{"avg", PF_WINDOW_AVG, PF_WINDOW_SUM}}},
    {"min", 1, {{"min", PF_WINDOW_PLAIN, PF_WINDOW_MIN}}},
    {"max", 1, {{"max", PF_WINDOW_PLAIN, PF_WINDOW_MAX}}},
    {"first", 1, {{"first", PF_WINDOW_PLAIN, PF_WINDOW_FIRST}}},
    {"last", 1, {{"last", PF_WINDOW_PLAIN, PF_WINDOW_LAST}}},
    {"ohlc",
     4,
     {{"open", PF_WINDOW_PLAIN, PF_WINDOW_FIRST},
      {"high", PF_WINDOW_PLAIN, PF_WINDOW_MAX},
      {"low", PF_WINDOW_PLAIN, PF_WINDOW_MIN},
      {"close", PF_WINDOW_PLAIN, PF_WINDOW_LAST}}},
};

/* A word of the list. */
struct word {
    const char *at;
    size_t len;
};

static struct word trim(const char *at, size_t len)
{
    while (len && *at == ' ')
        at++, len--;
    while (len && at[len - 1] == ' ')
        len--;
    return (struct word){at, len};
}

static bool is(struct word word, const char *text)
{
    return word.len == strlen(text) && !memcmp(word.at, text, word.len);
}

static const struct aggregate *find_aggregate(struct word name)
{
    for (size_t i = 0; i < sizeof aggregates / sizeof *aggregates; i++)
        if (is(name, aggregates[i].name))
            return &aggregates[i];
    return NULL;
}

/* The member with that path; it is added if it is new. */
static enum pf_rc find_member(struct pf_window_plan *plan, struct word path,
                              size_t *ret, struct pf_error *err)
{
    struct pf_json_find find = {0};

    if (path.len && *path.at == '.')
        path.at++, path.len--;
    if (!path.len)
        return pf_fail(err, PF_CONFIG, "which member, as in sum(.price)?");
    for (size_t i = 0; i < plan->n_members; i++)
        if (is(path, plan->members[i])) {
            *ret = i;
            return PF_OK;
        }
    if (plan->n_members == PF_WINDOW_MEMBERS_MAX)
        return pf_fail(err, PF_CONFIG, "more than %d members",
                       PF_WINDOW_MEMBERS_MAX);
    plan->members[plan->n_members] = strndup(path.at, path.len);
    if (!plan->members[plan->n_members])
        return pf_fail(err, PF_NOMEM, "out of memory");
    *ret = plan->n_members++;
    return pf_json_find_init(&find, plan->members[*ret], err) ? PF_CONFIG
                                                              : PF_OK;
}

/* The cell of that kind and member; it is added if it is new. There is room: a
 * column has one at most. */
static size_t find_cell(struct pf_window_plan *plan,
                        enum pf_window_cell_kind kind, size_t member)
{
    struct pf_window_cell *new = &plan->cells[plan->n_cells];

    for (size_t i = 0; i < plan->n_cells; i++)
        if (plan->cells[i].kind == kind && plan->cells[i].member == member)
            return i;
    *new = (struct pf_window_cell){kind, member, plan->words};
    plan->words += kind == PF_WINDOW_SUM ? SUM_WORDS : NUMBER_WORDS;
    plan->words += kind == PF_WINDOW_FIRST || kind == PF_WINDOW_LAST;
    return plan->n_cells++;
}

static enum pf_rc check_name(const struct pf_window_plan *plan,
                             const char *name, const char *const *taken,
                             struct pf_error *err)
{
    bool used = false;

    for (; *taken; taken++)
        used |= !strcmp(*taken, name);
    for (size_t i = 0; i < plan->n_columns; i++)
        used |= !strcmp(plan->columns[i].name, name);
    return used ? pf_fail(err, PF_CONFIG,
                          "the result has two members '%s': name one of them, "
                          "as in sum(.price) as turnover",
                          name)
                : PF_OK;
}

/* The name of an aggregate's part, with the name that the list has for it. */
static enum pf_rc make_name(const struct aggregate *aggregate,
                            const struct part *part, struct word as, char *ret,
                            struct pf_error *err)
{
    size_t size = PF_WINDOW_NAME_MAX + 1;
    int len;

    if (!as.at)
        len = snprintf(ret, size, "%s", part->name);
    else if (aggregate->n == 1)
        len = snprintf(ret, size, "%.*s", (int)as.len, as.at);
    else
        len = snprintf(ret, size, "%.*s_%s", (int)as.len, as.at, part->name);
    if ((size_t)len < size && pf_name_ok(ret, (size_t)len, (size_t)len))
        return PF_OK;
    return pf_fail(err, PF_CONFIG,
                   "a name after 'as' has 1 to %d letters, digits, '.', '_' "
                   "and '-'",
                   PF_WINDOW_NAME_MAX - 6);
}

static enum pf_rc add_columns(struct pf_window_plan *plan,
                              const struct aggregate *aggregate, size_t member,
                              struct word as, const char *const *taken,
                              struct pf_error *err)
{
    for (size_t i = 0; i < aggregate->n; i++) {
        const struct part *part = &aggregate->parts[i];
        struct pf_window_column *column = &plan->columns[plan->n_columns];
        char name[PF_WINDOW_NAME_MAX + 1];
        enum pf_rc rc = make_name(aggregate, part, as, name, err);

        if (!rc)
            rc = check_name(plan, name, taken, err);
        if (rc)
            return rc;
        if (plan->n_columns == PF_WINDOW_COLUMNS_MAX)
            return pf_fail(err, PF_CONFIG, "more than %d members of a result",
                           PF_WINDOW_COLUMNS_MAX);
        column->kind = part->column;
        if (part->column != PF_WINDOW_COUNT)
            column->cell = find_cell(plan, part->cell, member);
        memcpy(column->name, name, sizeof name);
        plan->n_columns++;
    }
    return PF_OK;
}

/* One element of the list, in parts; at of those that it has not is NULL. */
struct element {
    struct word name, path, as;
};

/* Take apart NAME or NAME(PATH), and `as NAME` after that. False: something
 * else is there. */
static bool take_apart(struct word all, struct element *ret)
{
    const char *end = all.at + all.len, *at = all.at;
    struct word rest;

    while (at < end && *at != '(' && *at != ' ')
        at++;
    ret->name = trim(all.at, (size_t)(at - all.at));
    if (at < end && *at == '(') {
        const char *close = memchr(at, ')', (size_t)(end - at));

        if (!close)
            return false;
        ret->path = trim(at + 1, (size_t)(close - at - 1));
        at = close + 1;
    }
    rest = trim(at, (size_t)(end - at));
    if (!rest.len)
        return true;
    ret->as = rest.len > 3 ? trim(rest.at + 3, rest.len - 3) : (struct word){0};
    return rest.len > 3 && !memcmp(rest.at, "as ", 3);
}

static enum pf_rc add_one(struct pf_window_plan *plan, struct word all,
                          const char *const *taken, struct pf_error *err)
{
    struct element element = {0};
    bool whole = take_apart(all, &element);
    const struct aggregate *aggregate = find_aggregate(element.name);
    size_t member = 0;
    enum pf_rc rc = PF_OK;

    if (!whole || !aggregate)
        return pf_fail(err, PF_CONFIG,
                       "'%.*s' is not count, or sum, min, max, avg, first, "
                       "last or ohlc of a member, as in sum(.price)",
                       (int)(all.len < 100 ? all.len : 100), all.at);
    if (aggregate->parts[0].column == PF_WINDOW_COUNT && element.path.at)
        return pf_fail(err, PF_CONFIG, "count has no member: it is of records");
    if (aggregate->parts[0].column != PF_WINDOW_COUNT)
        rc = find_member(plan, element.path, &member, err);
    return rc ? rc
              : add_columns(plan, aggregate, member, element.as, taken, err);
}

/* How long the first element of list is: commas in brackets do not end it. */
static size_t element_len(const char *list)
{
    bool within = false;
    size_t len = 0;

    for (; list[len] && (within || list[len] != ','); len++)
        within = list[len] == '(' || (within && list[len] != ')');
    return len;
}

enum pf_rc pf_window_plan_init(struct pf_window_plan *plan, const char *list,
                               const char *const *taken, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    *plan = (struct pf_window_plan){.words = PF_WINDOW_FIXED_WORDS};
    while (!rc) {
        size_t len = element_len(list);

        rc = add_one(plan, trim(list, len), taken, err);
        if (!list[len])
            break;
        list += len + 1;
    }
    return rc;
}

void pf_window_plan_release(struct pf_window_plan *plan)
{
    for (size_t i = 0; i < plan->n_members; i++)
        free(plan->members[i]);
    *plan = (struct pf_window_plan){0};
}
