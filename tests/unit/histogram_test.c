/* Quantiles in little memory, compared with sorting. */
#include "unit.h"

#include "histogram.h"
#include "prng.h"

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void is_within_a_128th_of_what_sorting_gives(void **state)
{
    static const double parts[] = {0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1};
    static uint64_t values[10000];
    static struct pf_histogram h;

    (void)state;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        memset(&h, 0, sizeof h);
        for (size_t i = 0; i < COUNT(values); i++) {
            values[i] = pf_prng_at(1, i) >> shift;
            pf_histogram_add(&h, values[i], 1);
        }
        qsort(values, COUNT(values), sizeof *values, compare);
        assert_int_equal(h.max, values[COUNT(values) - 1]);
        for (size_t i = 0; i < COUNT(parts); i++) {
            size_t rank = (size_t)(parts[i] * COUNT(values) + 0.5);
            uint64_t exact = values[rank ? rank - 1 : 0];
            uint64_t found = pf_histogram_quantile(&h, parts[i]);

            assert_true(found >= exact);
            assert_true(found - exact <= exact / 128);
        }
    }
}

static void small_values_are_exact(void **state)
{
    static struct pf_histogram h;

    (void)state;
    for (uint64_t v = 0; v < 256; v++) {
        memset(&h, 0, sizeof h);
        pf_histogram_add(&h, v, 3);
        pf_histogram_add(&h, 1000, 1);
        assert_int_equal(pf_histogram_quantile(&h, 0.5), v);
        assert_int_equal(pf_histogram_quantile(&h, 1), 1000);
    }
}

static void takes_every_value(void **state)
{
    static struct pf_histogram h;

    (void)state;
    assert_int_equal(pf_histogram_quantile(&h, 0.5), 0);
    pf_histogram_add(&h, UINT64_MAX, 1);
    assert_int_equal(pf_histogram_quantile(&h, 0.5), UINT64_MAX);
    for (unsigned bit = 0; bit < 64; bit++)
        for (int d = -1; d <= 1; d++)
            pf_histogram_add(&h, (UINT64_C(1) << bit) + (uint64_t)d, 1);
    assert_int_equal(h.n, 1 + 64 * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_within_a_128th_of_what_sorting_gives),
        cmocka_unit_test(small_values_are_exact),
        cmocka_unit_test(takes_every_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
