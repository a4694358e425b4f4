#include "cert_settle.h"

#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void pf_made_note(struct pf_made *made, const char *name)
{
    size_t used = strlen(made->text);

    snprintf(made->text + used, sizeof made->text - used, "%s%s",
             used ? " " : "", name);
}

enum pf_rc pf_authority_read(const char *path, time_t now, struct pf_cert *ret,
                             struct pf_error *err)
{
    time_t soon = now + (time_t)PF_SPARE_DAYS * 86400;
    enum pf_rc rc = pf_cert_read(path, path, ret, err);

    /* One that is not valid yet is to stay: it is the clock that is wrong. */
    if (rc || !pf_cert_ends_by(ret, soon))
        return rc;
    pf_cert_release(ret);
    return PF_END;
}

enum pf_rc pf_authority_make(const char *path, const char *whose, time_t now,
                             struct pf_cert *ret, struct pf_error *err)
{
    struct pf_cert_wish wish = {.is_authority = true,
                                .days = PF_AUTHORITY_DAYS};
    struct pf_cert made = {0};
    uint32_t number;
    char name[64];
    enum pf_rc rc;

    if (RAND_bytes((unsigned char *)&number, sizeof number) != 1)
        return pf_fail(err, PF_IO, "%s: no random numbers", path);
    snprintf(name, sizeof name, "%s %08x", whose, (unsigned)number);
    wish.name = name;
    rc = pf_cert_make(&wish, NULL, now, &made, err);
    if (!rc)
        rc = pf_cert_write(&made, path, err);
    if (rc)
        pf_cert_release(&made);
    else
        *ret = made;
    return rc;
}

/* What is there is not what was made: nothing of it is overwritten. */
static enum pf_rc refuse(enum pf_rc rc, struct pf_error *err)
{
    char reason[sizeof err->text];

    if (rc != PF_CONFIG || !err)
        return rc;
    snprintf(reason, sizeof reason, "%s", err->text);
    return pf_fail(err, rc, "%s; remove it to have it made again", reason);
}

enum pf_rc pf_leaf_settle(const char *path, const struct pf_cert_wish *wish,
                          const struct pf_cert *authority, bool renew,
                          time_t now, bool *ret, struct pf_error *err)
{
    struct pf_cert cert = {0};
    enum pf_rc rc = pf_cert_read(path, path, &cert, err);
    bool fits = !rc && !renew &&
                pf_cert_fits(&cert, wish, authority, now, PF_SPARE_DAYS);

    *ret = false;
    pf_cert_release(&cert);
    if (fits || (rc && rc != PF_AGAIN))
        return refuse(rc, err);
    rc = pf_cert_make(wish, authority, now, &cert, err);
    if (!rc)
        rc = pf_cert_write(&cert, path, err);
    *ret = !rc;
    pf_cert_release(&cert);
    return rc;
}
