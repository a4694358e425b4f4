/* foreign.h - forms of files that are known, but not read. */
#ifndef PF_FOREIGN_H
#define PF_FOREIGN_H

#include <stddef.h>

#include "error.h"

/**
 * Whether these n bytes, with which the contents of a file begin, are those of
 * a form that is known not to be JSON: packed in a way that is not unpacked
 * here, of columns, or in another encoding. packing is the name of the program
 * that packs as they were packed; NULL: they were not. file is what messages
 * call the file.
 *
 * PF_OK      it is none of these
 * PF_AGAIN   they begin as one does: more bytes would tell
 * PF_CONFIG  it is one; *err says which, and what helps
 */
enum pf_rc pf_foreign_check(const char *file, const unsigned char *at, size_t n,
                            const char *packing, struct pf_error *err);

#endif
