#include "pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

static size_t round_up(size_t n)
{
    return (n + PF_PAGE_LARGE - 1) & ~(PF_PAGE_LARGE - 1);
}

/* malloc() would keep what is in front of the first large page. */
static void *map(size_t size)
{
    size_t before, more = PF_PAGE_LARGE;
    char *at;

    if (size > SIZE_MAX / 2)
        return NULL;
    size = round_up(size);
    at = mmap(NULL, size + more, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    before = round_up((uintptr_t)at) - (uintptr_t)at;
    if (before)
        munmap(at, before);
    if (before < more)
        munmap(at + before + size, more - before);
    madvise(at + before, size, MADV_HUGEPAGE); /* else it is only slower */
    return at + before;
}

void *pf_pages_alloc(size_t size)
{
    return size < PF_PAGE_LARGE ? malloc(size) : map(size);
}

void pf_pages_free(void *at, size_t size)
{
    if (size < PF_PAGE_LARGE)
        free(at);
    else if (at)
        munmap(at, round_up(size));
}
