/* many_files.c - preloaded, it has a process believe that it may open a
 * billion files, as some hosts of Docker allow, for tests/it/environment.bats.
 * Who goes through all of them takes minutes. */
#include <dlfcn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILES 1073741816

int getrlimit(__rlimit_resource_t resource, struct rlimit *ret)
{
    int failed = (int)syscall(SYS_prlimit64, 0, resource, NULL, ret);

    if (!failed && resource == RLIMIT_NOFILE)
        ret->rlim_cur = ret->rlim_max = FILES;
    return failed;
}

/* The same for programs that are made for large files, as all of 64 bits are.
 */
int getrlimit64(__rlimit_resource_t resource, struct rlimit64 *ret)
{
    return getrlimit(resource, (struct rlimit *)ret);
}

int getdtablesize(void)
{
    return FILES;
}

long sysconf(int name)
{
    static long (*real)(int);

    if (name == _SC_OPEN_MAX)
        return FILES;
    if (!real)
        real = (long (*)(int))dlsym(RTLD_NEXT, "sysconf");
    return real(name);
}
