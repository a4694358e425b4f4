#include "mhd.h"

#include <dlfcn.h>
#include <string.h>

/* The version that this is built for; it changes with the interface. */
#define LIBRARY "libmicrohttpd.so.12"

struct pf_mhd pf_mhd;

/* POSIX allows a pointer to a function in a void *, C does not. */
static enum pf_rc find(void *library, const char *name, void *ret,
                       struct pf_error *err)
{
    void *found = dlsym(library, name);

    if (!found)
        return pf_fail(err, PF_IO, "%s has no %s", LIBRARY, name);
    memcpy(ret, &found, sizeof found);
    return PF_OK;
}

enum pf_rc pf_mhd_load(struct pf_error *err)
{
    static const char *const names[] = {
#define PF_MHD_NAME(name) "MHD_" #name,
        PF_MHD_MAP(PF_MHD_NAME)
#undef PF_MHD_NAME
    };
    void *library = dlopen(LIBRARY, RTLD_NOW);
    enum pf_rc rc = PF_OK;

    if (!library)
        return pf_fail(err, PF_IO, "%s", dlerror());
    for (size_t i = 0; !rc && i < sizeof names / sizeof *names; i++)
        rc = find(library, names[i],
                  (char *)&pf_mhd + i * sizeof(void (*)(void)), err);
    return rc;
}
