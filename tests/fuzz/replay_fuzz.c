/* Any bytes as a recording: they are cut into the same elements however they
 * come; what is JSON is that for json-c, too, and is found again in an array;
 * and a time that is moved, as one that reaches so far can be, is that much
 * later. */
#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "elements.h"
#include "event_time.h"
#include "json_scan.h"

#define LIMIT 300

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* A cutter, and the text that it still has to get. */
struct cutter {
    struct pf_elements *elements;
    const char *rest;
    size_t len, piece;
};

static struct cutter begin(enum pf_form form, const char *text, size_t len,
                           size_t piece)
{
    struct cutter c = {.rest = text, .len = len, .piece = piece};

    must(pf_elements_new(form, LIMIT, &c.elements, NULL) == PF_OK);
    return c;
}

static enum pf_rc next(struct cutter *c, struct pf_element *ret)
{
    enum pf_rc rc;

    while ((rc = pf_elements_next(c->elements, ret)) == PF_AGAIN) {
        size_t room, n = c->len < c->piece ? c->len : c->piece;
        char *to = pf_elements_room(c->elements, &room);

        must(room > 0);
        n = n < room ? n : room;
        memcpy(to, c->rest, n);
        pf_elements_put(c->elements, n);
        c->rest += n;
        c->len -= n;
    }
    return rc;
}

static void check_pieces(enum pf_form form, const char *text, size_t len,
                         size_t piece)
{
    struct cutter whole = begin(form, text, len, SIZE_MAX);
    struct cutter pieces = begin(form, text, len, piece);
    struct pf_element a, b;
    enum pf_rc rc;

    do {
        rc = next(&whole, &a);
        must(next(&pieces, &b) == rc);
        if (rc)
            break;
        must(a.line == b.line && a.line > 0 && !a.bad == !b.bad);
        must(!a.bad || !strcmp(a.bad, b.bad));
        must(a.bad ||
             (a.len == b.len && a.len <= LIMIT && !memcmp(a.at, b.at, a.len)));
    } while (true);
    must(rc == PF_END);
    pf_elements_free(whole.elements);
    pf_elements_free(pieces.elements);
}

static void check_time(const char *text, size_t len)
{
    char moved[PF_TIME_SIZE];
    int64_t was, is;
    size_t moved_len;
    bool reaches;

    if (pf_time_parse(text, len, &was, NULL))
        return;
    reaches = pf_time_reaches(text, len, was, was + 86461 * PF_SECOND_US);
    if (pf_time_move(text, len, 86461, moved, &moved_len, NULL)) {
        must(!reaches);
        return;
    }
    must(pf_time_parse(moved, moved_len, &is, NULL) == PF_OK);
    must(is == was + 86461 * PF_SECOND_US);
}

/* The first element of the second one of an array, if it has that. */
static void check_place(struct json_object *tree,
                        const struct pf_json_find *find)
{
    struct json_object *second = NULL;

    if (!json_object_is_type(tree, json_type_array))
        return;
    if (json_object_array_length(tree) > 1)
        second = json_object_array_get_idx(tree, 1);
    if (json_object_is_type(second, json_type_array))
        must(!find->at == !json_object_array_length(second));
    else
        must(!find->at || json_object_is_type(second, json_type_object));
}

/* What the scan takes, json-c must take, and find the same member. */
static void check_json(const struct pf_element *e)
{
    struct json_tokener *tokener = json_tokener_new_ex(PF_JSON_DEPTH_MAX + 2);
    struct pf_json_find finds[3], find;
    struct json_object *tree, *at = NULL;
    bool is_object;

    must(pf_json_find_init(&finds[0], "at", NULL) == PF_OK);
    must(pf_json_find_init(&finds[1], "/at", NULL) == PF_OK);
    must(pf_json_find_init(&finds[2], "1.0", NULL) == PF_OK);
    if (pf_json_scan(e->at, e->len, finds, 3, NULL)) {
        json_tokener_free(tokener);
        return;
    }
    tree = json_tokener_parse_ex(tokener, e->at, (int)e->len);
    if (json_tokener_get_error(tokener) == json_tokener_continue)
        tree = json_tokener_parse_ex(tokener, "\n", 1); /* ends a number */
    must(json_tokener_get_error(tokener) == json_tokener_success);
    find = finds[0];
    must(find.at == finds[1].at && (!find.at || find.len == finds[1].len));
    check_place(tree, &finds[2]);
    is_object = json_object_is_type(tree, json_type_object);
    if (find.at)
        must(is_object && json_object_object_get_ex(tree, "at", &at));
    else if (is_object && !memchr(e->at, '\\', e->len))
        must(!json_object_object_get_ex(tree, "at", &at));
    if (find.at && *find.at == '"')
        check_time(find.at + 1, find.len - 2);
    else if (find.at)
        check_time(find.at, find.len);
    json_object_put(tree);
    json_tokener_free(tokener);
}

/* Lines that are JSON, put into an array, come out of it as they are. */
static void check_array(const char *text, size_t len)
{
    struct cutter lines = begin(PF_FORM_LINES, text, len, SIZE_MAX), array;
    char *joined = malloc(2 * len + 3);
    struct pf_element e;
    size_t used = 0, n = 0;

    joined[used++] = '[';
    while (next(&lines, &e) == PF_OK) {
        if (e.bad || pf_json_scan(e.at, e.len, NULL, 0, NULL))
            continue;
        check_json(&e);
        if (n++)
            joined[used++] = ',';
        memcpy(joined + used, e.at, e.len);
        used += e.len;
    }
    joined[used++] = ']';

    pf_elements_free(lines.elements);
    lines = begin(PF_FORM_LINES, text, len, SIZE_MAX);
    array = begin(PF_FORM_AUTO, joined, used, 7);
    while (next(&lines, &e) == PF_OK) {
        struct pf_element same;

        if (e.bad || pf_json_scan(e.at, e.len, NULL, 0, NULL))
            continue;
        must(next(&array, &same) == PF_OK && !same.bad);
        must(e.len == same.len && !memcmp(e.at, same.at, e.len));
    }
    must(next(&array, &e) == PF_END);
    pf_elements_free(lines.elements);
    pf_elements_free(array.elements);
    free(joined);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data + 1;
    size_t piece;

    if (!size)
        return 0;
    piece = 1 + data[0] % 16;
    check_pieces(PF_FORM_AUTO, text, size - 1, piece);
    check_pieces(PF_FORM_LINES, text, size - 1, piece);
    check_pieces(PF_FORM_ARRAY, text, size - 1, piece);
    check_array(text, size - 1);
    check_time(text, size - 1);
    return 0;
}
