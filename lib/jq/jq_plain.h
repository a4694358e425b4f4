/* jq_plain.h - programs in jq that need no libjq.
 *
 * Many are no more than a path, or one comparison:
 *
 *     .user.id
 *     .price > 5
 *     .device.type == "android"
 *
 * The scan that every value has to pass (jq_value.h) finds the member as well,
 * and its bytes say the rest. Where it is not certain that libjq would say the
 * same, the answer is that: names with escapes, strings with escapes, numbers
 * of more than 15 digits, and members of what may not be an object.
 */
#ifndef PF_JQ_PLAIN_H
#define PF_JQ_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "json_find.h"

/** Bytes of the longest path, with a NUL. */
#define PF_JQ_PATH_SIZE 256

/** In libjq's order of kinds. */
enum pf_jq_kind {
    PF_JQ_NULL,
    PF_JQ_FALSE,
    PF_JQ_TRUE,
    PF_JQ_NUMBER,
    PF_JQ_STRING,
    PF_JQ_ARRAY,
    PF_JQ_OBJECT,
};

/** Such a program. It points into itself, so a copy of it is of no use. Members
 * are private to jq_plain.c. */
struct pf_jq_plain {
    struct pf_json_find *find;
    char path[PF_JQ_PATH_SIZE];
    int compare; /* how */
    enum pf_jq_kind kind;
    double number;
    const char *string; /* borrowed from the program */
    size_t len;
};

enum pf_jq_answer { PF_JQ_NO, PF_JQ_YES, PF_JQ_ASK_LIBJQ };

/** Is this such a program? Then find, which is borrowed as the program is, is
 * set to what pf_jq_check() has to look for. */
bool pf_jq_plain_init(struct pf_jq_plain *plain, struct pf_json_find *find,
                      const char *program);

/** Is its result neither false nor null, for the json that pf_jq_check() has
 * found good? */
enum pf_jq_answer pf_jq_plain_is_true(const struct pf_jq_plain *plain,
                                      const char *json);

/**
 * The result of a path alone, as pf_jq_print_text() has it: *ret, which is part
 * of json. PF_JQ_NO: it is null.
 */
enum pf_jq_answer pf_jq_plain_text(const struct pf_jq_plain *plain,
                                   const char *json, const char **ret,
                                   size_t *ret_len);

#endif
