/* Listening for pf-proxy: what is said when it cannot. */
#include "unit.h"

#include <fcntl.h>
#include <sys/resource.h>

#include "routes.h"

/* Make the number of the next file the first one that is too many. */
static bool no_more_files(void)
{
    int next = open("/", O_RDONLY);
    struct rlimit limit = {(rlim_t)next, (rlim_t)next};

    close(next);
    return !setrlimit(RLIMIT_NOFILE, &limit);
}

static int says_why(void)
{
    struct routes routes;
    struct pf_error err = {""};

    if (!no_more_files() ||
        routes_open("127.0.0.1:1=127.0.0.1:2", &routes, &err) != PF_IO)
        return 1;
    routes_close(&routes);
    return strcmp(err.text, "127.0.0.1:1: cannot listen: Too many open files")
               ? 2
               : 0;
}

static void a_socket_that_there_is_not_is_why(void **state)
{
    (void)state;
    assert_int_equal(outcome(says_why), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_socket_that_there_is_not_is_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
