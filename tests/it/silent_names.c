/* silent_names.so - for a program that preloads it, a name server that never
 * answers. It says so once it has been asked. */
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

int getaddrinfo(const char *restrict name, const char *restrict service,
                const struct addrinfo *restrict hints,
                struct addrinfo **restrict ret)
{
    (void)service, (void)hints, (void)ret;
    fprintf(stderr, "asked for %s\n", name);
    for (;;)
        pause(); /* through every signal that does not end the process */
}
