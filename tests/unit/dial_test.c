/* Connections that are given a time, and the question to a ZooKeeper. */
#include "unit.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "clock.h"
#include "dial.h"
#include "four_letters.h"

#define MS 200

/* A socket of 127.0.0.1 that listens; its address is then in *address. */
static int listen_somewhere(int backlog, char address[32])
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, backlog), 0);
    getsockname(fd, (struct sockaddr *)&at, &(socklen_t){sizeof at});
    snprintf(address, 32, "127.0.0.1:%d", ntohs(at.sin_port));
    return fd;
}

static void
who_listens_is_reached_and_who_does_not_is_told_at_once(void **state)
{
    char address[32];
    struct pf_error err;
    int fd = listen_somewhere(5, address);

    (void)state;
    assert_int_equal(pf_knock(address, MS, &err), PF_OK);
    close(fd);
    assert_int_equal(pf_knock(address, 60000, &err), PF_AGAIN);
    assert_contains(err.text, address);
    assert_contains(err.text, "Connection refused");
    assert_int_equal(pf_knock("127.0.0.1:no", MS, &err), PF_CONFIG);
}

/* Linux drops what comes when nobody accepts, as a host that is gone does. */
static void no_answer_takes_no_longer_than_was_given(void **state)
{
    char address[32];
    struct pf_error err;
    int fd = listen_somewhere(0, address), waiting[8], n = 0;
    int64_t began_ms;
    enum pf_rc rc = PF_OK;

    (void)state;
    while (n < (int)COUNT(waiting) &&
           !(rc = pf_dial(address, MS, &waiting[n], &err)))
        n++;
    assert_int_equal(rc, PF_AGAIN);
    began_ms = pf_now_ms();
    assert_int_equal(pf_knock(address, MS, &err), PF_AGAIN);
    assert_in_range(pf_now_ms() - began_ms, MS - 1, 20 * MS);
    assert_contains(err.text, "timed out");
    while (n)
        close(waiting[--n]);
    close(fd);
}

static void an_answer_to_srvr_is_read_to_its_end(void **state)
{
    const struct pf_zookeeper_tls plain = {NULL, NULL};
    char address[32], answer[64];
    int fd = listen_somewhere(5, address);
    pid_t child = fork();

    (void)state;
    if (!child) {
        char asked[5] = "";
        int client = accept(fd, NULL, NULL);
        bool ok = read(client, asked, 4) == 4 && !strcmp(asked, "srvr") &&
                  write(client, "Mode: ", 6) == 6 &&
                  write(client, "leader\n", 7) == 7;

        _exit(!ok);
    }
    close(fd);
    pf_ask_zookeeper(address, &plain, "srvr", 5000, answer, sizeof answer);
    assert_string_equal(answer, "Mode: leader\n");
    assert_int_equal(waitpid(child, NULL, 0), child);
    pf_ask_zookeeper(address, &plain, "srvr", MS, answer, sizeof answer);
    assert_string_equal(answer, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            who_listens_is_reached_and_who_does_not_is_told_at_once),
        cmocka_unit_test(no_answer_takes_no_longer_than_was_given),
        cmocka_unit_test(an_answer_to_srvr_is_read_to_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
