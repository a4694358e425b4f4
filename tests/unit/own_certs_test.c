/* The certificates of a secure feed: made, read back, made again in time; and
 * somebody's own. */
#include "unit.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "certificate.h"
#include "certs.h"
#include "own_certs.h"
#include "private_file.h"

#define DAY 86400

static const char *const hosts[] = {"localhost", "feed", "127.0.0.1", "::1"};
static const char *const files[] = {
    "authority.pem", "ca.pem",       "broker.pem",   "server.pem",
    "pf-broker.pem", "producer.pem", "consumer.pem", "web.pem"};

struct world {
    char dir[32];
    struct pf_own_certs wanted;
    struct pf_made made;
    struct pf_error err;
};

static const char *path_of(const struct world *w, const char *file)
{
    return path_in(w->dir, file);
}

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    strcpy(w->dir, "/tmp/pf-own-certs-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    w->wanted = (struct pf_own_certs){
        .dir = w->dir, .hosts = hosts, .n = COUNT(hosts), .now = time(NULL)};
    *state = w;
    return 0;
}

static int remove_world(void **state)
{
    static const char *const others[] = {"mine.pem", "mine.key", "given.pem"};
    struct world *w = *state;

    for (size_t i = 0; i < COUNT(files); i++)
        remove(path_of(w, files[i]));
    for (size_t i = 0; i < COUNT(others); i++)
        remove(path_of(w, others[i]));
    assert_int_equal(rmdir(w->dir), 0); /* nothing else was left */
    free(w);
    return 0;
}

static void settle(struct world *w)
{
    if (pf_own_certs_settle(&w->wanted, &w->made, &w->err))
        fail_msg("%s", w->err.text);
}

static struct pf_cert read_cert(struct world *w, const char *file)
{
    struct pf_cert cert = {0};

    if (pf_cert_read(path_of(w, file), path_of(w, file), &cert, &w->err))
        fail_msg("%s", w->err.text);
    return cert;
}

static void put_text(const struct world *w, const char *file, const char *text)
{
    FILE *out = fopen(path_of(w, file), "we");

    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

/* Does a client or a server who trusts only ca.pem take this certificate? */
static bool is_trusted(struct world *w, const char *file, int purpose,
                       const char *host)
{
    return is_taken(path_of(w, file), path_of(w, "ca.pem"), purpose, host);
}

static void makes_what_is_missing_for_this_user_alone(void **state)
{
    struct world *w = *state;
    struct stat status;

    settle(w);
    assert_string_equal(w->made.text,
                        "authority.pem broker.pem server.pem pf-broker.pem "
                        "producer.pem consumer.pem web.pem");
    for (size_t i = 0; i < COUNT(files); i++) {
        assert_int_equal(stat(path_of(w, files[i]), &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
}

static void each_proves_what_it_is_for_and_nothing_else(void **state)
{
    struct world *w = *state;

    settle(w);
    for (size_t i = 0; i < COUNT(hosts); i++)
        assert_true(
            is_trusted(w, "server.pem", X509_PURPOSE_SSL_SERVER, hosts[i]));
    assert_false(is_trusted(w, "server.pem", X509_PURPOSE_SSL_SERVER, "other"));
    assert_false(
        is_trusted(w, "server.pem", X509_PURPOSE_SSL_SERVER, "10.0.0.1"));
    assert_false(is_trusted(w, "server.pem", X509_PURPOSE_SSL_CLIENT, NULL));
    assert_true(
        is_trusted(w, "broker.pem", X509_PURPOSE_SSL_SERVER, "127.0.0.1"));
    assert_true(is_trusted(w, "broker.pem", X509_PURPOSE_SSL_CLIENT, NULL));
    assert_true(is_trusted(w, "producer.pem", X509_PURPOSE_SSL_CLIENT, NULL));
    assert_false(is_trusted(w, "producer.pem", X509_PURPOSE_SSL_SERVER, NULL));
}

static void a_certificate_names_its_program(void **state)
{
    struct world *w = *state;
    struct pf_cert cert;
    char text[100];

    settle(w);
    cert = read_cert(w, "consumer.pem");
    X509_NAME_oneline(X509_get_subject_name(cert.certificate), text,
                      sizeof text);
    assert_string_equal(text, "/CN=consumer");
    assert_int_equal(EVP_PKEY_bits(cert.key), 256);
    pf_cert_release(&cert);
}

static void the_public_file_has_no_key(void **state)
{
    struct world *w = *state;
    struct pf_cert cert = {0};

    settle(w);
    assert_int_equal(pf_cert_read(path_of(w, "ca.pem"), path_of(w, "ca.pem"),
                                  &cert, &w->err),
                     PF_CONFIG);
    assert_contains(w->err.text, "there is no private key in it");
}

static void leaves_what_fits_alone(void **state)
{
    struct world *w = *state;

    settle(w);
    w->wanted.now += (PF_SERVER_DAYS - PF_SPARE_DAYS - 1) * DAY;
    settle(w);
    assert_string_equal(w->made.text, "");
}

static void makes_again_what_ends_soon(void **state)
{
    struct world *w = *state;

    settle(w);
    w->wanted.now += (PF_SERVER_DAYS - PF_SPARE_DAYS + 1) * DAY;
    settle(w);
    assert_string_equal(w->made.text, "server.pem");
}

static void makes_all_again_when_the_authority_ends_soon(void **state)
{
    struct world *w = *state;

    settle(w);
    w->wanted.now += (PF_AUTHORITY_DAYS - PF_SPARE_DAYS + 1) * (time_t)DAY;
    settle(w);
    assert_string_equal(w->made.text,
                        "authority.pem broker.pem server.pem pf-broker.pem "
                        "producer.pem consumer.pem web.pem");
}

static void makes_the_servers_again_for_other_names(void **state)
{
    static const char *const more[] = {"localhost", "10.0.0.1"};
    struct world *w = *state;

    settle(w);
    w->wanted.hosts = more;
    w->wanted.n = COUNT(more);
    settle(w);
    assert_string_equal(w->made.text, "server.pem");
    assert_true(
        is_trusted(w, "server.pem", X509_PURPOSE_SSL_SERVER, "10.0.0.1"));
    assert_false(is_trusted(w, "server.pem", X509_PURPOSE_SSL_SERVER, "feed"));
    w->wanted.n = 1;
    settle(w);
    assert_string_equal(w->made.text, "server.pem");
}

static void makes_the_servers_again_when_asked_to(void **state)
{
    struct world *w = *state;

    settle(w);
    w->wanted.renew = true;
    settle(w);
    assert_string_equal(w->made.text, "server.pem");
    assert_true(
        is_trusted(w, "server.pem", X509_PURPOSE_SSL_SERVER, "localhost"));
}

static void makes_again_what_another_authority_has_signed(void **state)
{
    struct world *w = *state;
    struct pf_cert other = {0};
    struct pf_cert_wish wish = {.name = "web", .asks = true, .days = 3000};

    settle(w);
    assert_int_equal(pf_cert_make(&wish, NULL, w->wanted.now, &other, &w->err),
                     PF_OK);
    assert_int_equal(pf_cert_write(&other, path_of(w, "web.pem"), &w->err),
                     PF_OK);
    pf_cert_release(&other);
    assert_false(is_trusted(w, "web.pem", X509_PURPOSE_SSL_CLIENT, NULL));
    settle(w);
    assert_string_equal(w->made.text, "web.pem");
    assert_true(is_trusted(w, "web.pem", X509_PURPOSE_SSL_CLIENT, NULL));
}

static void writes_the_public_file_again(void **state)
{
    struct world *w = *state;

    settle(w);
    put_text(w, "ca.pem", "not this\n");
    settle(w);
    assert_true(is_trusted(w, "web.pem", X509_PURPOSE_SSL_CLIENT, NULL));
}

static void refuses_to_go_on_without_the_authority(void **state)
{
    struct world *w = *state;

    settle(w);
    remove(path_of(w, "authority.pem"));
    assert_int_equal(pf_own_certs_settle(&w->wanted, &w->made, &w->err),
                     PF_CONFIG);
    assert_contains(w->err.text, "authority.pem is missing, and broker.pem");
    assert_contains(w->err.text, "bring it back");
    assert_int_not_equal(access(path_of(w, "authority.pem"), F_OK), 0);
}

static void does_not_overwrite_what_it_cannot_read(void **state)
{
    static const char *const texts[] = {"", "-----BEGIN CERTIFICATE-----\n",
                                        "my notes\n"};
    struct world *w = *state;
    struct stat status;

    settle(w);
    for (size_t i = 0; i < COUNT(texts); i++) {
        put_text(w, "producer.pem", texts[i]);
        assert_int_equal(pf_own_certs_settle(&w->wanted, &w->made, &w->err),
                         PF_CONFIG);
        assert_contains(w->err.text, "producer.pem: there is no certificate");
        assert_contains(w->err.text, "remove it to have it made again");
        assert_int_equal(stat(path_of(w, "producer.pem"), &status), 0);
        assert_int_equal(status.st_size, strlen(texts[i]));
    }
}

/* Somebody's own certificate, which is valid from hour to hour. */
static void make_mine(struct world *w, int begin_hours, int end_hours)
{
    struct pf_cert cert = {0};
    struct pf_cert_wish wish = {
        .name = "mine", .hosts = hosts, .n = 2, .serves = true};
    BIO *out = BIO_new_file(path_of(w, "mine.pem"), "w");

    assert_int_equal(pf_cert_make(&wish, NULL, w->wanted.now, &cert, &w->err),
                     PF_OK);
    ASN1_TIME_set(X509_getm_notBefore(cert.certificate),
                  w->wanted.now + begin_hours * 3600);
    ASN1_TIME_set(X509_getm_notAfter(cert.certificate),
                  w->wanted.now + end_hours * 3600);
    assert_true(PEM_write_bio_X509(out, cert.certificate));
    assert_true(PEM_write_bio_X509(out, cert.certificate)); /* its issuer */
    BIO_free(out);
    out = BIO_new_file(path_of(w, "mine.key"), "w");
    assert_true(
        PEM_write_bio_PrivateKey(out, cert.key, NULL, NULL, 0, NULL, NULL));
    BIO_free(out);
    pf_cert_release(&cert);
}

static enum pf_rc take(struct world *w, const char *certificate,
                       const char *key, const char **ret)
{
    return pf_certs_take(path_of(w, certificate), path_of(w, key), &w->wanted,
                         path_of(w, "given.pem"), ret, &w->err);
}

static void takes_somebodys_own(void **state)
{
    struct world *w = *state;
    const char *without = "untouched";
    struct pf_cert given;

    make_mine(w, -1, 1);
    assert_int_equal(take(w, "mine.pem", "mine.key", &without), PF_OK);
    assert_string_equal(without, "127.0.0.1"); /* which it does not name */
    given = read_cert(w, "given.pem");
    assert_int_equal(sk_X509_num(given.above), 1);
    pf_cert_release(&given);
    w->wanted.n = 2;
    assert_int_equal(take(w, "mine.pem", "mine.key", &without), PF_OK);
    assert_null(without);
}

static void refuses_an_own_one_outside_its_time(void **state)
{
    struct world *w = *state;
    const char *without = "untouched";

    make_mine(w, -2, -1);
    assert_int_equal(take(w, "mine.pem", "mine.key", &without), PF_CONFIG);
    assert_contains(w->err.text, "mine.pem: the certificate has expired");
    make_mine(w, 1, 2);
    assert_int_equal(take(w, "mine.pem", "mine.key", &without), PF_CONFIG);
    assert_contains(w->err.text, "is not valid yet");
    assert_string_equal(without, "untouched");
    assert_int_not_equal(access(path_of(w, "given.pem"), F_OK), 0);
}

static void refuses_an_own_one_in_parts(void **state)
{
    struct world *w = *state;
    const char *without;

    make_mine(w, -1, 1);
    assert_int_equal(take(w, "none.pem", "mine.key", &without), PF_CONFIG);
    assert_contains(w->err.text, "none.pem: No such file");
    assert_int_equal(take(w, "mine.pem", "none.key", &without), PF_CONFIG);
    assert_contains(w->err.text, "none.key: No such file");
    assert_int_equal(take(w, "mine.pem", "mine.pem", &without), PF_CONFIG);
    assert_contains(w->err.text, "there is no private key in it");
    settle(w);
    assert_int_equal(take(w, "mine.pem", "web.pem", &without), PF_CONFIG);
    assert_contains(w->err.text, "the key is not that of the certificate in");
}

static void refuses_a_key_with_a_passphrase_and_asks_nobody(void **state)
{
    struct world *w = *state;
    const char *without;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *out;

    make_mine(w, -1, 1);
    out = BIO_new_file(path_of(w, "mine.key"), "w");
    assert_true(PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_128_cbc(),
                                              "secret", 6, NULL, NULL));
    BIO_free(out);
    EVP_PKEY_free(key);
    assert_int_equal(take(w, "mine.pem", "mine.key", &without), PF_CONFIG);
    assert_contains(w->err.text, "the key needs a passphrase");
}

static void passwords_differ_and_are_read_back(void **state)
{
    struct world *w = *state;
    char one[PF_PASSWORD_SIZE], other[PF_PASSWORD_SIZE];
    char back[PF_PASSWORD_SIZE];
    const char *path = path_of(w, "mine.key");

    assert_int_equal(pf_password_read(path, back, sizeof back, &w->err),
                     PF_AGAIN);
    assert_int_equal(pf_password_make(one, &w->err), PF_OK);
    assert_int_equal(pf_password_make(other, &w->err), PF_OK);
    assert_string_not_equal(one, other);
    assert_int_equal(strlen(one), PF_PASSWORD_SIZE - 1);
    assert_int_equal(pf_private_file_write(path, one, strlen(one), &w->err),
                     PF_OK);
    assert_int_equal(pf_password_read(path, back, sizeof back, &w->err), PF_OK);
    assert_string_equal(one, back);
}

static void the_end_of_a_line_is_not_of_the_password(void **state)
{
    static const char *const rows[] = {"1234567", "1234567\n", "12345\r\n"};
    struct world *w = *state;
    char back[8];

    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(pf_private_file_write(path_of(w, "mine.key"), rows[i],
                                               strlen(rows[i]), &w->err),
                         PF_OK);
        assert_int_equal(pf_password_read(path_of(w, "mine.key"), back,
                                          sizeof back, &w->err),
                         PF_OK);
        assert_int_equal(strlen(back), strcspn(rows[i], "\r\n"));
    }
}

/* What a writer sends later than the rest comes, too. */
static void a_password_may_come_through_a_pipe_in_parts(void **state)
{
    struct world *w = *state;
    char back[20], path[40];
    int fds[2];
    pid_t writer;

    assert_int_equal(pipe(fds), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", fds[0]);
    writer = fork();
    if (!writer) {
        struct pollfd reader = {.fd = fds[1]};
        int left = 7;

        /* The second part is written when the first has been taken. */
        if (write(fds[1], "correct", 7) != 7)
            _exit(1);
        while (left && !ioctl(fds[1], FIONREAD, &left))
            poll(&reader, 0, 1);
        _exit(write(fds[1], "-horse\n", 7) != 7);
    }
    close(fds[1]);
    assert_int_equal(pf_password_read(path, back, sizeof back, &w->err), PF_OK);
    assert_string_equal(back, "correct-horse");
    close(fds[0]);
    assert_int_equal(waitpid(writer, NULL, 0), writer);
}

static void refuses_what_is_not_a_password(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *why;
    } rows[] = {
        {"", 0, "there is no password in it"},
        {"\n", 1, "there is no password in it"},
        {"a\nb\n", 4, "one line of text"},
        {"a\0b", 3, "one line of text"},
        {"123456789", 9, "longer than 7 bytes"},
        {"12345678", 8, "longer than 7 bytes"},
        {"1234567\nb", 9, "longer than 7 bytes"},
    };
    struct world *w = *state;
    char back[8];

    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(pf_private_file_write(path_of(w, "mine.key"),
                                               rows[i].bytes, rows[i].len,
                                               &w->err),
                         PF_OK);
        assert_int_equal(pf_password_read(path_of(w, "mine.key"), back,
                                          sizeof back, &w->err),
                         PF_CONFIG);
        assert_contains(w->err.text, rows[i].why);
    }
}

static void a_file_that_cannot_be_written_is_named(void **state)
{
    struct world *w = *state;

    assert_int_equal(pf_private_file_write("/nowhere/a.pem", "x", 1, &w->err),
                     PF_IO);
    assert_contains(w->err.text, "/nowhere/a.pem: No such file");
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_world, remove_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(makes_what_is_missing_for_this_user_alone),
        TEST(each_proves_what_it_is_for_and_nothing_else),
        TEST(a_certificate_names_its_program),
        TEST(the_public_file_has_no_key),
        TEST(leaves_what_fits_alone),
        TEST(makes_again_what_ends_soon),
        TEST(makes_all_again_when_the_authority_ends_soon),
        TEST(makes_the_servers_again_for_other_names),
        TEST(makes_the_servers_again_when_asked_to),
        TEST(makes_again_what_another_authority_has_signed),
        TEST(writes_the_public_file_again),
        TEST(refuses_to_go_on_without_the_authority),
        TEST(does_not_overwrite_what_it_cannot_read),
        TEST(takes_somebodys_own),
        TEST(refuses_an_own_one_outside_its_time),
        TEST(refuses_an_own_one_in_parts),
        TEST(refuses_a_key_with_a_passphrase_and_asks_nobody),
        TEST(passwords_differ_and_are_read_back),
        TEST(the_end_of_a_line_is_not_of_the_password),
        TEST(a_password_may_come_through_a_pipe_in_parts),
        TEST(refuses_what_is_not_a_password),
        TEST(a_file_that_cannot_be_written_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
