#include "window_cut.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "window_span.h"

void pf_window_cut_put(char buf[static PF_WINDOW_CUT_SIZE],
                       const struct pf_window_cut *cut)
{
    snprintf(buf, PF_WINDOW_CUT_SIZE,
             "windows cut=%" PRId64 " time=%" PRId64 " settings=%016" PRIx64,
             cut->cut, cut->time, cut->settings);
}

/* What sscanf(3) takes is more than what is written: it has to be written the
 * same way again. */
enum pf_rc pf_window_cut_parse(const char *text, int64_t offset,
                               struct pf_window_cut *ret, struct pf_error *err)
{
    char again[PF_WINDOW_CUT_SIZE], shown[100];
    struct pf_window_cut cut;
    int n = sscanf(text,
                   "windows cut=%20" SCNd64 " time=%20" SCNd64
                   " settings=%16" SCNx64,
                   &cut.cut, &cut.time, &cut.settings);

    if (n == 3)
        pf_window_cut_put(again, &cut);
    if (n != 3 || strcmp(text, again) != 0 || cut.cut < -1 ||
        cut.cut >= offset || cut.time < 0 || cut.time > PF_WINDOW_LAST_MS)
        return pf_fail(
            err, PF_CONFIG,
            "somebody else has committed '%s' with the position %" PRId64
            ": choose another group.id, or set the group's offset "
            "anew",
            pf_escape(shown, sizeof shown, text, strlen(text)), offset);
    *ret = cut;
    return PF_OK;
}
