/* The bytes of a recording: packed or not, whole or not, or something else. */
#include "unit.h"

#include <bzlib.h>
#include <zlib.h>
#include <zstd.h>

#include "input.h"

static char path[] = "/tmp/pf-input-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    close(mkstemp(path));
    return 0;
}

static int remove_file(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

/* Bytes that become a file. */
struct bytes {
    size_t len;
    char at[4000];
};

static void add(struct bytes *b, const void *at, size_t len)
{
    assert_true(b->len + len <= sizeof b->at);
    memcpy(b->at + b->len, at, len);
    b->len += len;
}

static void add_gzip(struct bytes *b, const char *text, size_t text_len)
{
    z_stream z = {0};

    assert_int_equal(
        deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)text;
    z.avail_in = (uInt)text_len;
    z.next_out = (Bytef *)b->at + b->len;
    z.avail_out = (uInt)(sizeof b->at - b->len);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    b->len += z.total_out;
    deflateEnd(&z);
}

static void add_bzip2(struct bytes *b, const char *text, size_t text_len)
{
    unsigned len = (unsigned)(sizeof b->at - b->len);

    assert_int_equal(BZ2_bzBuffToBuffCompress(b->at + b->len, &len,
                                              (char *)(uintptr_t)text,
                                              (unsigned)text_len, 1, 0, 0),
                     BZ_OK);
    b->len += len;
}

static void add_zstd(struct bytes *b, const char *text, size_t text_len)
{
    size_t len = ZSTD_compress(b->at + b->len, sizeof b->at - b->len, text,
                               text_len, 3);

    assert_false(ZSTD_isError(len));
    b->len += len;
}

static const struct {
    const char *name;
    void (*add)(struct bytes *b, const char *text, size_t len);
} packings[] = {{"gzip", add_gzip}, {"bzip2", add_bzip2}, {"zstd", add_zstd}};

enum { GZIP, BZIP2, ZSTD };

static void pack(struct bytes *b, size_t packing, const char *text)
{
    packings[packing].add(b, text, strlen(text));
}

static void write_file(const struct bytes *b)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fwrite(b->at, 1, b->len, file);
    fclose(file);
}

/* All that the input gives, a number of bytes at a time, and why it failed. */
static const char *rest_of(struct pf_input *in, size_t piece)
{
    static char text[4000];
    size_t used = 0, len;
    struct pf_error err;
    enum pf_rc rc;

    while ((rc = pf_input_read(in, 1000, text + used, piece, &len, &err)) ==
           PF_OK) {
        assert_in_range(len, 1, piece);
        used += len;
    }
    snprintf(text + used, sizeof text - used, "%s",
             rc == PF_END      ? ""
             : rc == PF_CONFIG ? "CONFIG "
             : rc == PF_FORMAT ? "FORMAT "
                               : "??");
    if (rc != PF_END)
        strcat(text, err.text);
    return text;
}

/* The same of a file with these bytes; *heard is what was said. */
static const char *read_all(const struct bytes *b, size_t piece,
                            struct heard *heard)
{
    struct pf_input *in;
    const char *text;

    write_file(b);
    begin_to_listen(heard);
    assert_int_equal(pf_input_open(path, &in, NULL), PF_OK);
    text = rest_of(in, piece);
    pf_input_close(in);
    end_to_listen(heard);
    return text;
}

static void unpacks_one_member_after_another(void **state)
{
    struct heard heard;

    (void)state;
    for (size_t i = 0; i < COUNT(packings); i++)
        for (size_t piece = 1; piece < 12; piece += 5) {
            struct bytes b = {0};

            pack(&b, i, "1\n2\n");
            pack(&b, i, "");
            pack(&b, i, "3\n");
            assert_string_equal(read_all(&b, piece, &heard), "1\n2\n3\n");
            assert_string_equal(heard.text, "");
        }
}

static void passes_over_what_zstd_has_to_skip(void **state)
{
    struct bytes b = {0};
    struct heard heard;

    (void)state;
    add(&b, "\x5a\x2a\x4d\x18\3\0\0\0abc", 11);
    pack(&b, ZSTD, "1\n");
    add(&b, "\x50\x2a\x4d\x18\0\0\0\0", 8);
    pack(&b, ZSTD, "2\n");
    assert_string_equal(read_all(&b, 100, &heard), "1\n2\n");
    assert_string_equal(heard.text, "");
}

static void zeros_after_the_end_are_none(void **state)
{
    static const char zeros[1000];
    struct heard heard;

    (void)state;
    for (size_t i = 0; i < COUNT(packings); i++)
        for (size_t n = 1; n < 1000; n *= 7) {
            struct bytes b = {0};

            pack(&b, i, "1\n2\n");
            add(&b, zeros, n);
            assert_string_equal(read_all(&b, 3, &heard), "1\n2\n");
            assert_string_equal(heard.text, "");
        }
}

static void other_bytes_after_the_end_are_said(void **state)
{
    static const char *const others[] = {"x",     "\x1f",      "B",
                                         "(\xb5", "{\"a\":1}", "BZ2"};
    struct heard heard;

    (void)state;
    for (size_t i = 0; i < COUNT(packings); i++)
        for (size_t k = 0; k < COUNT(others); k++) {
            struct bytes b = {0};
            char wanted[100];

            pack(&b, i, "1\n2\n");
            add(&b, "\0\0", k % 3); /* after zeros, too */
            add(&b, others[k], strlen(others[k]));
            assert_string_equal(read_all(&b, 3, &heard), "1\n2\n");
            snprintf(wanted, sizeof wanted,
                     "%s: bytes after the end of its %s data are ignored", path,
                     packings[i].name);
            assert_contains(heard.text, wanted);
        }
}

static void what_is_cut_or_damaged_is_given_up_to_there(void **state)
{
    struct heard heard;
    char wanted[100];

    (void)state;
    for (size_t i = 0; i < COUNT(packings); i++) {
        struct bytes b = {0};
        size_t whole;

        pack(&b, i, "1\n2\n");
        whole = b.len;
        pack(&b, i, "3\n4\n");
        b.len -= 3;
        snprintf(wanted, sizeof wanted, "FORMAT its %s data are cut off",
                 packings[i].name);
        assert_memory_equal(read_all(&b, 3, &heard), "1\n2\n", 4);
        assert_contains(read_all(&b, 3, &heard), wanted);

        b.len = whole;
        pack(&b, i, "3\n4\n");
        memset(b.at + whole + 4, 8, b.len - whole - 4);
        snprintf(wanted, sizeof wanted, "FORMAT its %s data are damaged",
                 packings[i].name);
        assert_memory_equal(read_all(&b, 3, &heard), "1\n2\n", 4);
        assert_contains(read_all(&b, 3, &heard), wanted);
    }
}

static void other_forms_are_named_with_what_helps(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *why;
    } cases[] = {
#define CASE(bytes, why) {bytes, sizeof bytes - 1, why}
        CASE("\xfd"
             "7zXZ\0\0",
             "it is xz, which is not read; unpack it first, or on the way: "
             "xz -dc FILE | pf-producer -X feed.replay.path=- ..."),
        CASE("PK\3\4....", "it is zip, "),
        CASE("7z\xbc\xaf\x27\x1c..", "it is 7z, "),
        CASE("Rar!\x1a\7..", "it is rar, "),
        CASE("\x04\"M\x18....", "it is lz4, "),
        CASE("LZIP\1", "it is lzip, "),
        CASE("\x89LZO", "it is lzop, "),
        CASE("\x1f\x9d\x90", "it is compress, "),
        CASE("\xff\6\0\0sNaPpY", "it is snappy, "),
        CASE("Obj\1", "it is Avro, "),
        CASE("PAR1", "it is Parquet, which is not read; turn it into JSON "
                     "Lines first"),
        CASE("ORC\x1c", "it is ORC, "),
        CASE("ARROW1\0\0", "it is Arrow, "),
        CASE("\xff\xfe{\0\n\0", "iconv -f UTF-16 -t UTF-8 FILE | "),
        CASE("\xfe\xff\0{", "it is UTF-16, "),
        CASE("{\0\"\0", "iconv -f UTF-16LE "),
        CASE("\0[\0 ", "iconv -f UTF-16BE "),
        CASE("\xff\xfe\0\0{\0\0\0", "iconv -f UTF-32 "),
    };
    struct heard heard;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes b = {0};

        add(&b, cases[i].bytes, cases[i].len);
        assert_memory_equal(read_all(&b, 100, &heard), "CONFIG ", 7);
        assert_contains(read_all(&b, 100, &heard), cases[i].why);
        assert_contains(read_all(&b, 100, &heard), path);
    }
}

static void so_are_those_that_are_packed(void **state)
{
    char tar[512] = "a.json";
    struct bytes b = {0}, twice = {0};
    struct heard heard;

    (void)state;
    memcpy(tar + 257, "ustar", 6);
    add(&b, tar, sizeof tar);
    assert_contains(read_all(&b, 600, &heard),
                    "it is tar, which is not read; unpack it first, or on the "
                    "way: tar -xOf FILE | ");
    b.len = 0;
    add_gzip(&b, tar, sizeof tar);
    assert_contains(read_all(&b, 600, &heard), "it is tar in gzip, ");
    assert_contains(read_all(&b, 600, &heard), ": tar -xOf FILE | ");

    b.len = 0;
    pack(&b, BZIP2, "\xff\xfe{");
    assert_contains(read_all(&b, 600, &heard), "it is UTF-16 in bzip2, ");
    assert_contains(read_all(&b, 600, &heard),
                    "bzip2 -dc FILE | iconv -f UTF-16 -t UTF-8 | ");

    b.len = 0;
    pack(&b, BZIP2, "{}");
    add_zstd(&twice, b.at, b.len);
    assert_contains(read_all(&twice, 600, &heard), "it is bzip2 in zstd, ");
    assert_contains(read_all(&twice, 600, &heard), ": zstd -dc FILE | pf-");
}

static void a_window_beyond_128_mib_is_refused_with_its_remedy(void **state)
{
    struct bytes b = {0};
    struct heard heard;

    (void)state;
    add(&b, "\x28\xb5\x2f\xfd\0\x88\x09\0\0x", 10); /* 2^27 */
    assert_string_equal(read_all(&b, 100, &heard), "x");
    b.at[5] = (char)0x90;
    assert_memory_equal(read_all(&b, 100, &heard), "CONFIG ", 7);
    assert_contains(read_all(&b, 100, &heard),
                    "zstd -dc --long=31 FILE | pf-producer");
}

static void text_is_given_as_it_is_and_at_once(void **state)
{
    static const char *const texts[] = {
        "",     "{",  "B",  "BZh",           "P", "OR", "\xff",
        "\x1f", "7z", "{}", "\xef\xbb\xbf{}"};
    struct bytes b = {0};
    struct pf_input *in;
    struct heard heard;
    char buf[10], name[30];
    int ends[2];
    size_t len;

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        b.len = 0;
        add(&b, texts[i], strlen(texts[i]));
        assert_string_equal(read_all(&b, 2, &heard), texts[i]);
    }
    assert_int_equal(pipe(ends), 0);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    assert_int_equal(pf_input_open(name, &in, NULL), PF_OK);
    assert_int_equal(write(ends[1], "{", 1), 1);
    assert_int_equal(pf_input_read(in, 0, buf, 10, &len, NULL), PF_AGAIN);
    assert_int_equal(write(ends[1], "}\n", 2), 2);
    assert_int_equal(pf_input_read(in, 1000, buf, 10, &len, NULL), PF_OK);
    assert_int_equal(len, 3);
    assert_memory_equal(buf, "{}\n", 3);
    pf_input_close(in);
    close(ends[0]);
    close(ends[1]);
}

static void starts_again(void **state)
{
    struct pf_input *in;

    (void)state;
    for (size_t i = 0; i < COUNT(packings); i++) {
        struct bytes b = {0};

        pack(&b, i, "1\n2\n");
        pack(&b, i, "3\n");
        write_file(&b);
        assert_int_equal(pf_input_open(path, &in, NULL), PF_OK);
        for (int n = 0; n < 3; n++) {
            char buf[2];
            size_t len;

            assert_int_equal(pf_input_read(in, 0, buf, 2, &len, NULL), PF_OK);
            assert_int_equal(pf_input_rewind(in, NULL), PF_OK);
            assert_string_equal(rest_of(in, 3), "1\n2\n3\n");
            assert_int_equal(pf_input_rewind(in, NULL), PF_OK);
        }
        pf_input_close(in);
    }
}

static void a_folder_is_not_a_recording(void **state)
{
    struct pf_input *in;
    struct pf_error err;

    (void)state;
    assert_int_equal(pf_input_open("/tmp", &in, &err), PF_CONFIG);
    assert_string_equal(err.text, "/tmp: Is a directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpacks_one_member_after_another),
        cmocka_unit_test(passes_over_what_zstd_has_to_skip),
        cmocka_unit_test(zeros_after_the_end_are_none),
        cmocka_unit_test(other_bytes_after_the_end_are_said),
        cmocka_unit_test(what_is_cut_or_damaged_is_given_up_to_there),
        cmocka_unit_test(other_forms_are_named_with_what_helps),
        cmocka_unit_test(so_are_those_that_are_packed),
        cmocka_unit_test(a_window_beyond_128_mib_is_refused_with_its_remedy),
        cmocka_unit_test(text_is_given_as_it_is_and_at_once),
        cmocka_unit_test(starts_again),
        cmocka_unit_test(a_folder_is_not_a_recording),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
