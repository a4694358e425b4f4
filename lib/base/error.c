#include "error.h"

#include <stdarg.h>
#include <stdio.h>

const char *pf_rc_text(enum pf_rc rc)
{
    static const char *const texts[] = {
#define PF_RC_STRING(name, text) [PF_##name] = text,
        PF_RC_MAP(PF_RC_STRING)
#undef PF_RC_STRING
    };

    return texts[rc];
}

int pf_exit_code(enum pf_rc rc)
{
    switch (rc) {
    case PF_OK:
    case PF_END:
        return 0;
    case PF_CONFIG:
    case PF_UNDECIDED:
        return 2;
    case PF_UNDELIVERED:
        return 3;
    case PF_FATAL:
        return 4;
    default:
        return 1;
    }
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
    int len;

    if (!err)
        return rc;

    inner = *err;
    va_start(args, fmt);
    len = vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    if (len >= 0 && (size_t)len < sizeof err->text)
        snprintf(err->text + len, sizeof err->text - (size_t)len, "%s",
                 inner.text);
    return rc;
}
