#include "jq_source.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

#define FILE_PREFIX "file:"
#define MISTAKE "jq: error: " /* how libjq begins */

/* A variable that is not there: libjq names it when a definition is used that
 * has it, and leaves out one that is not used. */
#define REFUSED "pf_refused_"

#define CLOCK "the same record has to have the same result again"

static const struct {
    const char *name, *parameters, *why;
    bool clock; /* refused only where a result must not depend on it */
} refused[] = {
    {"env", "", "a program gets nothing of the environment", false},
    {"input", "", "each record is worked on by itself", false},
    {"inputs", "", "each record is worked on by itself", false},
    {"input_filename", "", "$record.topic is where a record comes from", false},
    {"input_line_number", "", "$record.offset is the place of a record", false},
    {"halt", "", "empty gives no result, and error(\"why\") refuses a record",
     false},
    {"halt_error", "", "error(\"why\") refuses a record", false},
    {"halt_error", "(code)", "error(\"why\") refuses a record", false},
    {"modulemeta", "", "there are no modules", false},
    {"get_search_list", "", "there are no modules", false},
    {"now", "", CLOCK, true},
    {"localtime", "", CLOCK, true},
    {"strflocaltime", "(format)", CLOCK, true},
};

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The first blank or comment is behind us. */
static const char *first_word(const char *text)
{
    for (;;) {
        text += strspn(text, " \t\r\n");
        if (*text != '#')
            return text;
        text += strcspn(text, "\n");
    }
}

static bool begins_with(const char *text, const char *word)
{
    size_t len = strlen(word);

    return !strncmp(text, word, len) && !is_name(text[len]);
}

/* What libjq would not say, or not well. The text ends in a NUL. */
static enum pf_rc check(const struct pf_jq_source *source, struct pf_error *err)
{
    const char *first = source->text.at;

    if (strlen(first) + 1 != source->text.n)
        return pf_fail(err, PF_CONFIG, "a NUL in it; is this a program in jq?");
    first = first_word(first);
    if (!*first)
        return pf_fail(err, PF_CONFIG, "there is no program in it");
    if (begins_with(first, "import") || begins_with(first, "include") ||
        begins_with(first, "module"))
        return pf_fail(err, PF_CONFIG,
                       "there are no modules: put definitions into the "
                       "program's own file");
    if (pf_jq_source_mentions(source, "ENV"))
        return pf_fail(err, PF_CONFIG,
                       "it mentions $ENV, and a program gets nothing of the "
                       "environment");
    return PF_OK;
}

enum pf_rc pf_jq_source_read(const char *program, struct pf_jq_source *ret,
                             struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    *ret = (struct pf_jq_source){0};
    if (!strncmp(program, FILE_PREFIX, strlen(FILE_PREFIX))) {
        ret->path = program + strlen(FILE_PREFIX);
        if (pf_file_read(ret->path, PF_JQ_SOURCE_MAX, &ret->text, err))
            rc = pf_fail_in(err, PF_CONFIG, "%s: ", ret->path);
    } else {
        pf_buffer_text(&ret->text, program);
    }
    pf_buffer_put(&ret->text, "", 1);
    if (!rc && ret->text.failed)
        return pf_fail(err, PF_NOMEM, "out of memory");
    if (rc)
        return rc;
    rc = check(ret, err);
    ret->text.n--;
    return rc && ret->path ? pf_fail_in(err, rc, "%s: ", ret->path) : rc;
}

void pf_jq_source_release(struct pf_jq_source *source)
{
    pf_buffer_release(&source->text);
}

/* libjq 1.6 takes blanks and comments after the $. */
bool pf_jq_source_mentions(const struct pf_jq_source *source, const char *name)
{
    const char *at = source->text.at;

    while ((at = strchr(at, '$'))) {
        at++;
        if (begins_with(first_word(at), name))
            return true;
    }
    return false;
}

void pf_jq_source_prelude(bool pure, struct pf_buffer *out)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (pure || !refused[i].clock)
            pf_buffer_printf(out, "def %s%s: $" REFUSED "%s; ", refused[i].name,
                             refused[i].parameters, refused[i].name);
    pf_buffer_text(out, "def stderr: debug; ");
}

/* What is refused here, and why. False: libjq means something else. */
static bool say_refused(const char *message, struct pf_buffer *out)
{
    static const char prefix[] = MISTAKE "$" REFUSED;
    const char *name = message + strlen(prefix);

    if (strncmp(message, prefix, strlen(prefix)) != 0)
        return false;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (begins_with(name, refused[i].name)) {
            pf_buffer_printf(out, "%s is not for records: %s", refused[i].name,
                             refused[i].why);
            return true;
        }
    return false;
}

/* "jq: error: syntax error, unexpected ... (Unix shell quoting issues?) at
 * <top-level>, line 2:" and more lines: what is wrong, and in which line; 0:
 * not known. Two that come after the program are of its last line. */
static int say_mistake(const char *message, struct pf_buffer *out)
{
    static const char prefix[] = MISTAKE, place[] = " at <top-level>, ";
    const char *end = strstr(message, place), *aside;
    int line = 0;

    if (!strncmp(message, prefix, strlen(prefix)))
        message += strlen(prefix);
    if (end)
        sscanf(end + strlen(place), "line %d", &line);
    else
        end = message + strcspn(message, "\n");
    aside = strstr(message, " (Unix shell quoting");
    if (!aside)
        aside = strstr(message, " (Windows cmd shell quoting");
    if (aside && aside < end)
        end = aside;
    pf_buffer_put(out, message, (size_t)(end - message));
    return line;
}

enum pf_rc pf_jq_source_fail(const struct pf_jq_source *source,
                             const char *message, struct pf_error *err)
{
    struct pf_buffer what = {0};
    int line = say_refused(message, &what) ? 0 : say_mistake(message, &what);
    bool lines = source->path || strchr(source->text.at, '\n');

    pf_fail(err, PF_CONFIG, "%.*s", (int)what.n, what.at ? what.at : "");
    pf_buffer_release(&what);
    if (line && source->path)
        return pf_fail_in(err, PF_CONFIG, "%s:%d: ", source->path, line);
    if (source->path)
        return pf_fail_in(err, PF_CONFIG, "%s: ", source->path);
    return line && lines ? pf_fail_in(err, PF_CONFIG, "line %d: ", line)
                         : PF_CONFIG;
}
