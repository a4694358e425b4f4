/* confirm.c - the question before something is deleted. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

enum pf_rc ctl_confirm(const struct ctl *ctl, struct pf_error *err)
{
    char answer[16];

    if (ctl->yes)
        return PF_OK;
    if (!isatty(STDIN_FILENO))
        return pf_fail(err, PF_CONFIG,
                       "there is no terminal to ask on; use --yes to delete "
                       "all records");
    printf("Go on? [y/N] ");
    fflush(stdout);
    if (!fgets(answer, sizeof answer, stdin) ||
        (strcmp(answer, "y\n") && strcmp(answer, "yes\n")))
        return pf_fail(err, PF_IO, "nothing was deleted");
    return PF_OK;
}
