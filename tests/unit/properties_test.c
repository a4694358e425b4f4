/* Java's properties dialect, and the mistakes that it finds in a file. */
#include "unit.h"

#include <errno.h>
#include <sys/stat.h>

#include "properties.h"
#include "properties_write.h"

/* Properties as "name=value@line;" each. */
struct text {
    char text[PF_PROPERTIES_LINE_MAX + 100];
    size_t n;
};

static enum pf_rc put(void *context, const char *name, const char *value,
                      const char *where, struct pf_error *err)
{
    struct text *all = context;
    size_t used = strlen(all->text);

    if (!strcmp(name, "bad"))
        return pf_fail(err, PF_RANGE, "bad: '%s' is too bad", value);
    snprintf(all->text + used, sizeof all->text - used, "%s=%s@%s;", name,
             value, strchr(where, ':') + 1);
    all->n++;
    return PF_OK;
}

static struct text all;

static enum pf_rc read_bytes(const char *bytes, size_t len,
                             struct pf_error *err)
{
    FILE *out = fopen("f", "we");

    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
    all = (struct text){0};
    return pf_properties_read("f", put, &all, err);
}

/* A folder for the file f, which messages name as it was given. */
static char folder[] = "/tmp/pf-properties-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return !mkdtemp(folder) || chdir(folder);
}

static int remove_folder(void **state)
{
    (void)state;
    unlink("f");
    return rmdir(folder);
}

#define INPUT(text) text, sizeof(text) - 1

static void reads_the_dialect_of_java(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *properties;
    } cases[] = {
        {INPUT(""), ""},
        {INPUT("\n\n"), ""},
        {INPUT("a=b"), "a=b@1;"},
        {INPUT("a=b\n"), "a=b@1;"},
        {INPUT("a = b\n"), "a=b@1;"},
        {INPUT("a: b\n"), "a=b@1;"},
        {INPUT("a b\n"), "a=b@1;"},
        {INPUT("a\tb\n"), "a=b@1;"},
        {INPUT(" \t\f a = b \n"), "a=b @1;"},
        {INPUT("a==b\n"), "a==b@1;"},
        {INPUT("a=b=c:d e\n"), "a=b=c:d e@1;"},
        {INPUT("a=\n"), "a=@1;"},
        {INPUT("a:\n"), "a=@1;"},
        {INPUT("# c\n! d\n  # e\na=b\n"), "a=b@4;"},
        {INPUT("# c \\\na=b\n"), "a=b@2;"},
        {INPUT("a=b # no comment\n"), "a=b # no comment@1;"},
        {INPUT("a=b\r\nc=d\r\n"), "a=b@1;c=d@2;"},
        {INPUT("a=b\rc=d\r"), "a=b@1;c=d@2;"},
        {INPUT("\xef\xbb\xbf"
               "a=b\n"),
         "a=b@1;"},
        {INPUT("a=b\\\n  c\\\r\n  d\ne=f\n"), "a=bcd@1;e=f@4;"},
        {INPUT("a=b\\\n\nc=d\n"), "a=b@1;c=d@3;"},
        {INPUT("a=b\\\\\nc=d\n"), "a=b\\@1;c=d@2;"},
        {INPUT("a=b\\"), "a=b@1;"},
        {INPUT("\\"), ""},
        {INPUT("a=b\\\n# c\n"), "a=b# c@1;"},
        {INPUT("a\\=b=c\n"), "a=b=c@1;"},
        {INPUT("a\\ b = c\n"), "a b=c@1;"},
        {INPUT("a=\\t\\n\\r\\f\\\\\\q\n"), "a=\t\n\r\f\\q@1;"},
        {INPUT("a=\\u0041\\u00e9\\u20AC\n"), "a=A\xc3\xa9\xe2\x82\xac@1;"},
        {INPUT("a=\\ud83d\\ude00\n"), "a=\xf0\x9f\x98\x80@1;"},
        {INPUT("\\u0061=b\n"), "a=b@1;"},
        {INPUT("a=\xc3\xa9\n"), "a=\xc3\xa9@1;"},
        {INPUT("a=\xe9\n"), "a=\xe9@1;"},
        {INPUT("a=1\na=2\n"), "a=1@1;a=2@2;"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_error err = {0};

        if (read_bytes(cases[i].bytes, cases[i].len, &err))
            fail_msg("%s: %s", cases[i].bytes, err.text);
        assert_string_equal(all.text, cases[i].properties);
    }
}

static void names_file_and_line_of_a_mistake(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *text;
    } cases[] = {
        {INPUT("a=b\nfeed.rate\n"),
         "f:2: 'feed.rate' has no value; write feed.rate=..."},
        {INPUT("feed.rate  \n"), "f:1: 'feed.rate' has no value"},
        {INPUT("=b\n"), "f:1: a value without a name"},
        {INPUT("\n: b\n"), "f:2: a value without a name"},
        {INPUT("a=\\u12\n"), "f:1: \\u needs four hexadecimal digits"},
        {INPUT("a=\\u12"), "f:1: \\u needs four hexadecimal digits"},
        {INPUT("a=\\u\n"), "f:1: \\u needs"},
        {INPUT("a=\\u12g4\n"), "not '12g4'"},
        {INPUT("a=\\u0000\n"), "not '0000'"},
        {INPUT("a=\\ud800x\n"), "not 'd800'"},
        {INPUT("\\ud83d=x\n"), "not 'd83d'"},
        {INPUT("a=\\ud83d\\u0041\n"), "not 'd83d'"},
        {INPUT("a=\\ude00\\ud83d\n"), "not 'de00'"},
        {INPUT("a=\\ude00\\ude00\n"), "not 'de00'"},
        {INPUT("a=b\n# \n\na=b\0c\n"), "f:4: a NUL byte"},
        {INPUT("a=b\nc\0=d\n"), "f:2: a NUL byte"},
        {INPUT("a=b\\\n c\\\n \0d\n"), "f:1: a NUL byte"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_error err = {0};

        assert_int_equal(read_bytes(cases[i].bytes, cases[i].len, &err),
                         PF_CONFIG);
        assert_contains(err.text, cases[i].text);
    }
}

static void a_refusal_of_the_caller_gets_file_and_line_too(void **state)
{
    struct pf_error err = {0};

    (void)state;
    assert_int_equal(read_bytes(INPUT("a=b\n\nbad=very\nc=d\n"), &err),
                     PF_RANGE);
    assert_string_equal(err.text, "f:3: bad: 'very' is too bad");
    assert_string_equal(all.text, "a=b@1;");
}

static void what_is_written_for_Java_reads_back(void **state)
{
    static const struct {
        const char *name, *value, *line;
    } cases[] = {
        {"a", "b", "a=b\n"},
        {"a b", "  c d ", "a\\ b=\\ \\ c d \n"},
        {"a=:b", "=:", "a\\=\\:b==:\n"},
        {"#!", "#!", "\\#\\!=#!\n"},
        {"a", "C:\\x\ty\n", "a=C:\\\\x\\u0009y\\u000a\n"},
        {"\xc3\xa9", "\xe2\x82\xac", "\\u00e9=\\u20ac\n"},
        {"a", "\xf0\x9f\x98\x80", "a=\\ud83d\\ude00\n"},
        {"a", "", "a=\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[200], both[200];
        FILE *out = fmemopen(text, sizeof text, "w");

        pf_properties_write(out, cases[i].name, cases[i].value);
        fclose(out);
        assert_string_equal(text, cases[i].line);
        assert_int_equal(read_bytes(text, strlen(text), NULL), PF_OK);
        snprintf(both, sizeof both, "%s=%s@1;", cases[i].name, cases[i].value);
        assert_string_equal(all.text, both);
    }
}

static void bytes_that_are_not_UTF_8_are_written_as_Latin_1(void **state)
{
    static const struct {
        const char *value, *line;
    } cases[] = {
        {"\xe9", "a=\\u00e9\n"},
        {"\xe9z", "a=\\u00e9z\n"},
        {"\xc0\x80", "a=\\u00c0\\u0080\n"},
        {"\xe0\x80\x80", "a=\\u00e0\\u0080\\u0080\n"},
        {"\xed\xa0\x80", "a=\\u00ed\\u00a0\\u0080\n"},
        {"\xf4\x90\x80\x80", "a=\\u00f4\\u0090\\u0080\\u0080\n"},
        {"\xff\x80\x80\x80", "a=\\u00ff\\u0080\\u0080\\u0080\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[200];
        FILE *out = fmemopen(text, sizeof text, "w");

        pf_properties_write(out, "a", cases[i].value);
        fclose(out);
        assert_string_equal(text, cases[i].line);
    }
}

static void a_line_may_have_64_KiB_and_no_more(void **state)
{
    char *text = malloc(PF_PROPERTIES_LINE_MAX + 2);
    struct pf_error err = {0};

    (void)state;
    memset(text, 'x', PF_PROPERTIES_LINE_MAX + 2);
    text[1] = '=';
    text[PF_PROPERTIES_LINE_MAX] = '\n';
    assert_int_equal(read_bytes(text, PF_PROPERTIES_LINE_MAX + 1, &err), PF_OK);
    assert_int_equal(all.n, 1);

    text[PF_PROPERTIES_LINE_MAX] = 'x';
    assert_int_equal(read_bytes(text, PF_PROPERTIES_LINE_MAX + 2, &err),
                     PF_CONFIG);
    assert_string_equal(err.text, "f:1: a line of more than 65536 bytes");
    assert_int_equal(all.n, 0);
    free(text);
}

static void a_comment_may_be_of_any_length(void **state)
{
    size_t len = 2 * PF_PROPERTIES_LINE_MAX;
    char *text = malloc(len);
    struct pf_error err = {0};

    (void)state;
    memset(text, '#', len);
    memcpy(text + len - 5, "\na=b\n", 5);
    assert_int_equal(read_bytes(text, len, &err), PF_OK);
    assert_string_equal(all.text, "a=b@2;");
    free(text);
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
    struct pf_error err = {0};

    (void)state;
    assert_int_equal(
        pf_properties_read("/nowhere/x.properties", put, &all, &err), PF_IO);
    assert_string_equal(err.text,
                        "/nowhere/x.properties: No such file or directory");
    assert_int_equal(pf_properties_read("/tmp", put, &all, &err), PF_IO);
    assert_string_equal(err.text, "/tmp: Is a directory");
}

static void a_file_without_permission_is_named(void **state)
{
    char path[] = "/tmp/pf-properties-XXXXXX", text[100];
    struct pf_error err = {0};

    (void)state;
    close(mkstemp(path));
    assert_int_equal(chmod(path, 0), 0);
    if (getuid() == 0) /* root reads every file */
        assert_int_equal(seteuid(65534), 0);
    assert_int_equal(pf_properties_read(path, put, &all, &err), PF_IO);
    assert_int_equal(seteuid(getuid()), 0);
    snprintf(text, sizeof text, "%s: %s", path, strerror(EACCES));
    assert_string_equal(err.text, text);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_dialect_of_java),
        cmocka_unit_test(names_file_and_line_of_a_mistake),
        cmocka_unit_test(a_refusal_of_the_caller_gets_file_and_line_too),
        cmocka_unit_test(what_is_written_for_Java_reads_back),
        cmocka_unit_test(bytes_that_are_not_UTF_8_are_written_as_Latin_1),
        cmocka_unit_test(a_line_may_have_64_KiB_and_no_more),
        cmocka_unit_test(a_comment_may_be_of_any_length),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named),
        cmocka_unit_test(a_file_without_permission_is_named),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
