/* Any bytes: they are refused with a place, or give properties that survive
 * being written for Java and read again. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "properties.h"
#include "properties_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Write each property on, as Java would read it. */
static enum pf_rc put(void *context, const char *name, const char *value,
                      const char *where, struct pf_error *err)
{
    (void)err;
    must(atoi(strchr(where, ':') + 1) > 0 && *name);
    pf_properties_write(context, name, value);
    return PF_OK;
}

/* Read the bytes; *ret is what was read, written again: the caller's. */
static enum pf_rc rewrite(const void *bytes, size_t size, char **ret,
                          size_t *ret_size, struct pf_error *err)
{
    int fd = memfd_create("file", 0);
    FILE *out = open_memstream(ret, ret_size);
    char path[40];
    enum pf_rc rc;

    must(write(fd, bytes, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    rc = pf_properties_read(path, put, out, err);
    close(fd);
    fclose(out);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *once = NULL, *twice = NULL;
    size_t once_size, twice_size;
    struct pf_error err = {0};

    if (rewrite(data, size, &once, &once_size, &err)) {
        must(strncmp(err.text, "/proc/self/fd/", 14) == 0);
    } else if (once_size) {
        /* An escape has six bytes where there was one: it may be too long. */
        if (rewrite(once, once_size, &twice, &twice_size, &err))
            must(strstr(err.text, "a line of more than"));
        else
            must(once_size == twice_size && !memcmp(once, twice, once_size));
    }
    free(once);
    free(twice);
    return 0;
}
