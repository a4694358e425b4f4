#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

static char dir[] = "/tmp/pf-file-XXXXXX";

static const char *in_dir(const char *name)
{
    static char path[100];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

/* What the file has, as a text. */
static const char *content(const char *path)
{
    static char text[100];
    struct pf_buffer read = {0};

    assert_int_equal(pf_file_read(path, sizeof text - 1, &read, NULL), PF_OK);
    snprintf(text, sizeof text, "%.*s", (int)read.n, read.at ? read.at : "");
    pf_buffer_release(&read);
    return text;
}

static int make_dir(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    unlink(in_dir("one"));
    return rmdir(dir);
}

static void replaces_the_whole_file_with_its_mode(void **state)
{
    struct stat status;
    mode_t mask = umask(022);

    (void)state;
    for (int sync = 0; sync < 2; sync++) {
        assert_int_equal(
            pf_file_replace(in_dir("one"), "longer", 6, 0600, sync, NULL),
            PF_OK);
        assert_int_equal(stat(in_dir("one"), &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
        assert_int_equal(
            pf_file_replace(in_dir("one"), "new", 3, 0666, sync, NULL), PF_OK);
        assert_int_equal(stat(in_dir("one"), &status), 0);
        assert_int_equal(status.st_mode & 0777, 0644);
        assert_string_equal(content(in_dir("one")), "new");
    }
    assert_int_equal(access(in_dir("one.new"), F_OK), -1);
    umask(mask);
}

static void what_a_killed_writer_left_is_not_in_the_way(void **state)
{
    int fd = open(in_dir("one.new"), O_WRONLY | O_CREAT, 0400);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(pf_file_replace(in_dir("one"), "x", 1, 0600, false, NULL),
                     PF_OK);
    assert_string_equal(content(in_dir("one")), "x");
}

static void
a_file_that_cannot_be_written_is_named_and_the_old_one_stays(void **state)
{
    struct pf_error err;

    (void)state;
    assert_int_equal(pf_file_replace("/nowhere/one", "x", 1, 0600, false, &err),
                     PF_IO);
    assert_string_equal(err.text, "/nowhere/one: No such file or directory");
    /* A directory is in the way of the name. */
    assert_int_equal(pf_file_replace(dir, "x", 1, 0600, false, &err), PF_IO);
    assert_contains(err.text, dir);
    assert_int_equal(access(dir, X_OK), 0);
}

static void reads_up_to_its_most_and_says_what_is_longer(void **state)
{
    struct pf_buffer text = {0};
    struct pf_error err;

    (void)state;
    assert_int_equal(
        pf_file_replace(in_dir("one"), "a\0c", 3, 0600, false, NULL), PF_OK);
    pf_buffer_text(&text, "before ");
    assert_int_equal(pf_file_read(in_dir("one"), 3, &text, &err), PF_OK);
    assert_int_equal(text.n, 10);
    assert_memory_equal(text.at, "before a\0c", 10);
    assert_int_equal(pf_file_read(in_dir("one"), 2, &text, &err), PF_IO);
    assert_string_equal(err.text, "longer than 2 bytes");
    assert_int_equal(pf_file_read(in_dir("two"), 2, &text, &err), PF_IO);
    assert_string_equal(err.text, "No such file or directory");
    assert_int_equal(pf_file_read(dir, 2, &text, &err), PF_IO);
    assert_string_equal(err.text, "Is a directory");
    pf_buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_the_whole_file_with_its_mode),
        cmocka_unit_test(what_a_killed_writer_left_is_not_in_the_way),
        cmocka_unit_test(
            a_file_that_cannot_be_written_is_named_and_the_old_one_stays),
        cmocka_unit_test(reads_up_to_its_most_and_says_what_is_longer),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
