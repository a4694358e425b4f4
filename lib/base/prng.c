#include "prng.h"

#include <sys/random.h>

#include "text.h"

enum pf_rc pf_seed_choose(const char *text, uint64_t *ret, struct pf_error *err)
{
    uint64_t seed;

    if (*text)
        return pf_parse_uint(text, UINT64_MAX, ret, err) ? PF_CONFIG : PF_OK;
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        return pf_fail(err, PF_IO, "the kernel gave no number");
    *ret = seed;
    return PF_OK;
}
