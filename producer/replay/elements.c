#include "elements.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 65536 /* most bytes put in at once */

enum place {
    BEFORE_MARK,  /* there may be a byte order mark */
    BEFORE_FIRST, /* the form may not be known yet */
    IN_LINES,
    IN_ARRAY,
    AFTER_ARRAY,
    NOT_IN_ARRAY, /* it should begin here, and does not */
    AT_END,       /* no more elements will come */
};

struct pf_elements {
    enum pf_form form;
    enum place place;
    size_t limit, size; /* bytes: of an element at most, of buf */
    bool ended;         /* no more bytes will come */
    size_t start;       /* where the current element begins */
    size_t pos;         /* bytes before this have been scanned */
    size_t used;
    uint64_t line; /* line number of start */

    /* For an array. */
    bool some; /* an element has been found */
    bool in_string, escaped;
    size_t depth;

    /* For an element that is too long: only this is kept of it. */
    bool dropping;
    uint64_t dropped_line;
    char shown[PF_ELEMENT_SHOWN];

    char buf[];
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Move start forward to a position that has been scanned. */
static void move_start(struct pf_elements *e, size_t to)
{
    const char *at = e->buf + e->start, *end = e->buf + to;

    while ((at = memchr(at, '\n', (size_t)(end - at)))) {
        at++;
        e->line++;
    }
    e->start = to;
}

/* Drop the blanks before an element. */
static void skip_blanks(struct pf_elements *e, size_t end)
{
    size_t to = e->start;

    while (to < end && is_blank(e->buf[to]))
        to++;
    move_start(e, to);
}

/* The element ends at end, and the next one may begin at next. */
static void cut(struct pf_elements *e, size_t end, size_t next,
                struct pf_element *ret)
{
    if (!e->dropping)
        skip_blanks(e, end);
    *ret = (struct pf_element){
        .at = e->buf + e->start, .len = end - e->start, .line = e->line};
    if (e->dropping) {
        ret->at = e->shown;
        ret->len = PF_ELEMENT_SHOWN;
        ret->line = e->dropped_line;
        ret->bad = "too long";
    } else if (ret->len > e->limit) {
        ret->len = ret->len < PF_ELEMENT_SHOWN ? ret->len : PF_ELEMENT_SHOWN;
        ret->bad = "too long";
    } else {
        while (ret->len && is_blank(ret->at[ret->len - 1]))
            ret->len--;
    }
    move_start(e, next);
    e->pos = next;
    e->dropping = false;
}

/* Everything in buf has been scanned: keep only what is still needed. */
static enum pf_rc want_more(struct pf_elements *e)
{
    if (!e->dropping)
        skip_blanks(e, e->pos);
    if (!e->dropping && e->pos - e->start > e->limit) {
        size_t len = e->pos - e->start;

        e->dropping = true;
        e->dropped_line = e->line;
        memset(e->shown, ' ', PF_ELEMENT_SHOWN); /* a limit may be small */
        memcpy(e->shown, e->buf + e->start,
               len < PF_ELEMENT_SHOWN ? len : PF_ELEMENT_SHOWN);
    }
    if (e->dropping)
        move_start(e, e->pos);
    return PF_AGAIN;
}

/* Find out which form it is, and skip a byte order mark. */
static enum pf_rc begin(struct pf_elements *e)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t n = e->used < 3 ? e->used : 3;

    if (e->place == BEFORE_MARK && !memcmp(e->buf, mark, n)) {
        if (n < 3 && !e->ended)
            return PF_AGAIN;
        e->start = n == 3 ? 3 : 0;
    }
    e->place = BEFORE_FIRST;
    skip_blanks(e, e->used);
    e->pos = e->start;
    if (e->start == e->used && !e->ended)
        return PF_AGAIN;
    if (e->start < e->used && e->buf[e->start] == '[' &&
        e->form != PF_FORM_LINES) {
        e->pos = ++e->start;
        e->place = IN_ARRAY;
    } else if (e->form != PF_FORM_ARRAY) {
        e->place = IN_LINES;
    } else {
        e->place = e->start < e->used ? NOT_IN_ARRAY : AFTER_ARRAY;
    }
    return PF_OK;
}

static enum pf_rc next_line(struct pf_elements *e, struct pf_element *ret)
{
    do {
        const char *end = memchr(e->buf + e->pos, '\n', e->used - e->pos);

        if (end) {
            e->pos = (size_t)(end - e->buf);
            cut(e, e->pos, e->pos + 1, ret);
        } else if (!e->ended) {
            e->pos = e->used;
            return want_more(e);
        } else if (e->start < e->used || e->dropping) {
            cut(e, e->used, e->used, ret);
        } else {
            e->place = AT_END;
            return PF_END;
        }
    } while (!ret->len);
    return PF_OK;
}

/* Scan for the comma or bracket that ends this element of the array. */
static bool find_separator(struct pf_elements *e)
{
    for (; e->pos < e->used; e->pos++) {
        char c = e->buf[e->pos];

        if (e->in_string) {
            if (e->escaped)
                e->escaped = false;
            else if (c == '\\')
                e->escaped = true;
            else if (c == '"')
                e->in_string = false;
        } else if (c == '"') {
            e->in_string = true;
        } else if (c == '{' || c == '[') {
            e->depth++;
        } else if (!e->depth && (c == ',' || c == ']')) {
            return true;
        } else if (e->depth && (c == '}' || c == ']')) {
            e->depth--;
        }
    }
    return false;
}

/* What is left is not an element: report all of it as one bad element. */
static enum pf_rc end_badly(struct pf_elements *e, const char *why,
                            struct pf_element *ret)
{
    cut(e, e->used, e->used, ret);
    ret->bad = why; /* not "too long": how much has arrived yet is chance */
    e->place = AT_END;
    return PF_OK;
}

/* Nothing but blanks may follow the array. */
static enum pf_rc next_after_array(struct pf_elements *e,
                                   struct pf_element *ret)
{
    skip_blanks(e, e->used);
    e->pos = e->start;
    if (e->start < e->used)
        return end_badly(e, "bytes after the array", ret);
    if (!e->ended)
        return PF_AGAIN;
    e->place = AT_END;
    return PF_END;
}

static enum pf_rc next_in_array(struct pf_elements *e, struct pf_element *ret)
{
    bool last;

    if (!find_separator(e)) {
        if (!e->ended)
            return want_more(e);
        return end_badly(e, "the array is not closed", ret);
    }
    last = e->buf[e->pos] == ']';
    cut(e, e->pos, e->pos + 1, ret);
    if (last)
        e->place = AFTER_ARRAY;
    if (!ret->len && last && !e->some)
        return next_after_array(e, ret); /* it is empty */
    if (!ret->len)
        ret->bad = "an element is missing";
    e->some = true;
    return PF_OK;
}

enum pf_rc pf_elements_next(struct pf_elements *e, struct pf_element *ret)
{
    if (e->place <= BEFORE_FIRST && begin(e))
        return PF_AGAIN;
    switch (e->place) {
    case IN_LINES:
        return next_line(e, ret);
    case IN_ARRAY:
        return next_in_array(e, ret);
    case AFTER_ARRAY:
        return next_after_array(e, ret);
    case NOT_IN_ARRAY:
        return end_badly(e, "not an array", ret);
    default:
        return PF_END;
    }
}

char *pf_elements_room(struct pf_elements *e, size_t *ret_size)
{
    memmove(e->buf, e->buf + e->start, e->used - e->start);
    e->pos -= e->start;
    e->used -= e->start;
    e->start = 0;
    *ret_size = e->size - e->used;
    if (*ret_size > CHUNK)
        *ret_size = CHUNK;
    return e->buf + e->used;
}

void pf_elements_put(struct pf_elements *e, size_t len)
{
    e->used += len;
    e->ended = len == 0;
}

uint64_t pf_elements_line(const struct pf_elements *e)
{
    return e->line;
}

void pf_elements_reset(struct pf_elements *e)
{
    *e = (struct pf_elements){
        .form = e->form, .limit = e->limit, .size = e->size, .line = 1};
}

enum pf_rc pf_elements_new(enum pf_form form, size_t limit,
                           struct pf_elements **ret, struct pf_error *err)
{
    size_t size = limit + 1 + CHUNK;
    struct pf_elements *e = malloc(sizeof *e + size);

    if (!e)
        return pf_fail(err, PF_NOMEM, "%zu bytes for elements", size);
    *e = (struct pf_elements){
        .form = form, .limit = limit, .size = size, .line = 1};
    *ret = e;
    return PF_OK;
}

void pf_elements_free(struct pf_elements *e)
{
    free(e);
}
