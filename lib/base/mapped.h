/* mapped.h - a small file that one program keeps mapped, and others read. */
#ifndef PF_MAPPED_H
#define PF_MAPPED_H

#include <stddef.h>

#include "error.h"

/** Mapped memory. All zero: nothing is mapped. */
struct pf_mapped {
    void *at;
    size_t size; /* bytes */
};

/**
 * Map a new file of size bytes, all 0, to write it. It gets its name by
 * pf_mapped_publish(), which has to follow once it is complete, so that a
 * reader never sees half of it. With an empty path it is memory alone, and that
 * call does nothing. On failure no file is left, and nothing is mapped.
 *
 * PF_IO  the file cannot be created
 */
enum pf_rc pf_mapped_create(const char *path, size_t size,
                            struct pf_mapped *ret, struct pf_error *err);

/**
 * Give the file that this process has created its name, path, which another one
 * may have: who has mapped that keeps it. It stays mapped whatever the outcome.
 *
 * PF_IO  it cannot be named, and is removed
 */
enum pf_rc pf_mapped_publish(const char *path, struct pf_error *err);

/**
 * Map the file at path, to read it. Its size and its bytes are as others made
 * them; an empty one is mapped to NULL. As long as they do not make it shorter,
 * it can be read.
 *
 * PF_IO  there is no such file, or it cannot be read
 */
enum pf_rc pf_mapped_attach(const char *path, struct pf_mapped *ret,
                            struct pf_error *err);

/**
 * Map size bytes of the open file fd, which stays the caller's, to read and
 * write them. What it has of them stays; it is made that long if it is shorter,
 * and there is room for all of them on the disk.
 *
 * PF_IO  the disk has no room for them, or the file cannot be mapped
 */
enum pf_rc pf_mapped_keep(int fd, size_t size, struct pf_mapped *ret,
                          struct pf_error *err);

/** Unmap it; the file stays. All zero: does nothing. */
void pf_mapped_release(struct pf_mapped *mapped);

#endif
