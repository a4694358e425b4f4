/* Memory in large pages. */
#include "unit.h"

#include "pages.h"

static void has_room_for_any_size(void **state)
{
    static const size_t sizes[] = {1,
                                   100,
                                   PF_PAGE_LARGE - 1,
                                   PF_PAGE_LARGE,
                                   PF_PAGE_LARGE + 1,
                                   3 * PF_PAGE_LARGE};

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        char *at = pf_pages_alloc(sizes[i]);

        assert_non_null(at);
        if (sizes[i] >= PF_PAGE_LARGE)
            assert_int_equal((uintptr_t)at % PF_PAGE_LARGE, 0);
        memset(at, 1, sizes[i]);
        pf_pages_free(at, sizes[i]);
    }
}

static void refuses_what_no_machine_has(void **state)
{
    (void)state;
    assert_null(pf_pages_alloc(SIZE_MAX / 2));
    assert_null(pf_pages_alloc(SIZE_MAX));
    pf_pages_free(NULL, 1);
    pf_pages_free(NULL, PF_PAGE_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_room_for_any_size),
        cmocka_unit_test(refuses_what_no_machine_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
