#include "headers.h"

#include <string.h>

bool pf_run_name_ok(const void *name, size_t len)
{
    const char *bytes = name;

    if (!bytes || !len || len >= PF_RUN_SIZE)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!memchr("abcdefghijklmnopqrstuvwxyz"
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-",
                    bytes[i], 65))
            return false;
    return true;
}
