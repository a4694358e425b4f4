/* pages.h - memory in large pages.
 *
 * A processor knows the places of some thousand pages of 4 KiB; where any other
 * one is it has to look up in memory, which in a virtual machine takes several
 * reads. So what is read all over, such as a large hash table, is better in
 * pages of 2 MiB.
 */
#ifndef PF_PAGES_H
#define PF_PAGES_H

#include <stddef.h>

/** The size of a large page, in bytes. */
#define PF_PAGE_LARGE ((size_t)2 << 20)

/** Allocate size bytes; from PF_PAGE_LARGE on in large pages, where the kernel
 * has some and lets programs ask for them (transparent_hugepage). Free it with
 * pf_pages_free(). NULL: memory ran out. */
void *pf_pages_alloc(size_t size);

/** Free what was allocated with that size; NULL is fine. */
void pf_pages_free(void *at, size_t size);

#endif
