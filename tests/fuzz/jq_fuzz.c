/* Any bytes are a value: it is refused with a word and a sentence, or libjq
 * takes it, gives back JSON that is the same the second time, and says of what
 * needs no libjq what was said without it. Programs that make something of it
 * end in results that are JSON, or in a reason. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "jq_plain.h"
#include "jq_program.h"
#include "jq_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libjq itself leaks, in tonumber, in ltrimstr (1.6), and with each error that
 * leaves the iteration of an object. Values that we forget to free are found by
 * the unit tests. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libjq.so\n";
}

/* Tried without libjq as well. */
static const char *const plain_ones[] = {
    ".a", ".a.b", ".a == 5", ".a > -0.5", ".a != \"x\"", ".a.b <= null",
};
#define PLAIN (sizeof plain_ones / sizeof *plain_ones)

/* C functions of libjq's, and all kinds of work. */
static const char *const others[] = {
    ".",
    ".[]?",
    "tojson | fromjson",
    "tostring, type, length",
    "to_entries?",
    "[.. | strings | ascii_downcase, explode, @base64, @uri, @html]",
    "[.. | numbers | ., . + 1, -., floor]",
    "walk(if type == \"object\" then del(.a) else . end)",
    "paths, (tostream | tojson)",
    "if type == \"object\" then with_entries(.value |= [.]) else error end",
    "[.. | strings | tonumber?, (.[1:] | ltrimstr(\"a\")), split(\"a\")]",
    "sort?, (keys_unsorted | reverse)?, unique?, add?",
    "[$record, .] | flatten(1)?",
};
#define OTHERS (sizeof others / sizeof *others)

static struct pf_jq *programs[PLAIN + OTHERS];
static struct pf_jq_plain plain[PLAIN];
static struct pf_json_find finds[PLAIN];
static struct pf_jq_watch *watch;

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void open_all(void)
{
    const struct pf_jq_limits limits = {.time_ms = 1000, .memory = 1 << 29};

    must(!pf_jq_watch_open(&limits, &watch, NULL));
    for (size_t i = 0; i < PLAIN; i++) {
        must(pf_jq_plain_init(&plain[i], &finds[i], plain_ones[i]));
        must(!pf_jq_open(plain_ones[i], "", false, watch, &programs[i], NULL));
    }
    for (size_t i = 0; i < OTHERS; i++)
        must(!pf_jq_open(others[i], "", false, watch, &programs[PLAIN + i],
                         NULL));
}

/* Print the value that this JSON is. */
static void print_again(const struct pf_buffer *json, struct pf_buffer *out)
{
    jv value;

    must(!pf_jq_check(json->at, json->n, NULL, 0, NULL));
    must(!pf_jq_parse(json->at, json->n, &value, NULL));
    must(!pf_jq_print(value, out, NULL));
    jv_free(value);
}

/* What is printed is JSON. From then on it stays the same: a number that was
 * calculated has become one that was written. */
static void check_print(jv value)
{
    struct pf_buffer first = {0}, second = {0}, third = {0};

    if (!pf_jq_print(value, &first, NULL)) {
        print_again(&first, &second);
        print_again(&second, &third);
        must(second.n == third.n && !memcmp(second.at, third.at, third.n));
    }
    pf_buffer_release(&first);
    pf_buffer_release(&second);
    pf_buffer_release(&third);
}

static void check_plain(size_t i, jv value, const char *json)
{
    enum pf_jq_answer answer = pf_jq_plain_is_true(&plain[i], json);
    bool is_true = false;
    enum pf_rc rc = pf_jq_is_true(programs[i], jv_copy(value), jv_null(),
                                  &is_true, NULL);

    must(answer == PF_JQ_ASK_LIBJQ ||
         (!rc && is_true == (answer == PF_JQ_YES)));
}

static void check_text(size_t i, jv value, const char *json)
{
    struct pf_buffer out = {0};
    const char *text = NULL;
    size_t len = 0;
    enum pf_jq_answer answer = pf_jq_plain_text(&plain[i], json, &text, &len);
    jv result;

    if (answer == PF_JQ_ASK_LIBJQ)
        return;
    must(!pf_jq_one(programs[i], jv_copy(value), jv_null(), &result, NULL));
    must(!pf_jq_print_text(result, &out, NULL));
    must((jv_get_kind(result) == JV_KIND_NULL) == (answer == PF_JQ_NO));
    must(answer == PF_JQ_NO ||
         (out.n == len && (!len || !memcmp(out.at, text, len))));
    jv_free(result);
    pf_buffer_release(&out);
}

static void run(struct pf_jq *jq, jv value)
{
    struct pf_error err = {""};
    enum pf_rc rc;
    jv result;

    pf_jq_watch_record(watch);
    pf_jq_start(jq, jv_copy(value), jv_true());
    while (!(rc = pf_jq_next(jq, &result, &err))) {
        check_print(result);
        jv_free(result);
    }
    must(rc == PF_END || *err.text || rc == PF_FORMAT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *json = (const char *)data, *word;
    struct pf_error err = {""};
    jv value;

    if (!watch)
        open_all();
    word = pf_jq_check(json, size, finds, PLAIN, &err);
    must(!word == !*err.text);
    if (word)
        return 0;
    must(!pf_jq_parse(json, size, &value, NULL));
    check_print(value);
    pf_jq_watch_begin(watch);
    for (size_t i = 0; i < PLAIN; i++) {
        check_plain(i, value, json);
        check_text(i, value, json);
    }
    for (size_t i = 0; i < PLAIN + OTHERS; i++)
        run(programs[i], value);
    pf_jq_watch_end(watch);
    jv_free(value);
    return 0;
}
