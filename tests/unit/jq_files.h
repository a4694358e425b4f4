/* jq_files.h - a folder of its own for the files of a test of jq. */
#ifndef PF_JQ_FILES_H
#define PF_JQ_FILES_H

#include "unit.h"

/* The working directory of the tests, so that messages name files as they were
 * given. */
static char folder[] = "/tmp/pf-jq-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return !mkdtemp(folder) || chdir(folder);
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

/* Like an editor or cp(1): in place. */
static void put_bytes(const char *path, const char *bytes, size_t len)
{
    FILE *out = fopen(path, "we");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
}

static void put(const char *path, const char *text)
{
    put_bytes(path, text, strlen(text));
}

#endif
