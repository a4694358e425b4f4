#include "moment.h"

#include <stdio.h>
#include <string.h>

#include "event_time.h"
#include "text.h"

#define DAY_S 86400
#define MOST_S (INT64_C(36500) * DAY_S) /* a century */

enum pf_rc pf_moment_parse(const char *text, int64_t now_us, int64_t *ret_us,
                           bool *ret_from_now, struct pf_error *err)
{
    static const char units[] = "smhd";
    static const int64_t seconds[] = {1, 60, 3600, DAY_S};
    size_t len = strlen(text);
    const char *unit;
    char number[10];
    int64_t n;

    *ret_from_now = !strncmp(text, "now", 3);
    if (!*ret_from_now)
        return pf_time_parse(text, len, ret_us, err);
    if (len == 3) {
        *ret_us = now_us;
        return PF_OK;
    }
    unit = len > 5 && text[3] == '-' ? strchr(units, text[len - 1]) : NULL;
    if (unit)
        snprintf(number, sizeof number, "%.*s", (int)len - 5, text + 4);
    if (!unit || len - 5 >= sizeof number ||
        pf_parse_int(number, 0, MOST_S / seconds[unit - units], &n, NULL))
        return pf_fail(err, PF_FORMAT,
                       "'%s' is neither now nor one like now-36h (s, m, h, d)",
                       text);
    *ret_us = now_us - n * seconds[unit - units] * PF_SECOND_US;
    return PF_OK;
}
