#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int exit_code;
    const char *text;
} codes[] = {
#define PF_RC_ROW(name, code, text) [PF_##name] = {code, text},
    PF_RC_MAP(PF_RC_ROW)
#undef PF_RC_ROW
};

const char *pf_rc_text(enum pf_rc rc)
{
    return codes[rc].text;
}

int pf_exit_code(enum pf_rc rc)
{
    return codes[rc].exit_code;
}

enum pf_rc pf_fail(struct pf_error *err, enum pf_rc rc, const char *fmt, ...)
{
    va_list args;

    if (err) {
        va_start(args, fmt);
        vsnprintf(err->text, sizeof err->text, fmt, args);
        va_end(args);
    }
    return rc;
}

enum pf_rc pf_fail_in(struct pf_error *err, enum pf_rc rc, const char *fmt, ...)
{
    struct pf_error inner;
    va_list args;
    size_t len;

    if (!err)
        return rc;

    inner = *err;
    va_start(args, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    len = strlen(err->text);
    snprintf(err->text + len, sizeof err->text - len, "%s", inner.text);
    return rc;
}
