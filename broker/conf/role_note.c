#include "role_note.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NOTE "role"

enum pf_rc pf_role_note_write(const struct pf_places *places, const char *role,
                              pid_t pid, struct pf_error *err)
{
    struct pf_path path = pf_path_in(places->run, NOTE);
    struct pf_path fresh = pf_path_in(places->run, NOTE ".new");
    FILE *out = fopen(fresh.text, "we");
    bool failed;

    if (!out)
        return pf_fail(err, PF_IO, "%s: %s", fresh.text, strerror(errno));
    failed = fprintf(out, "%s %d\n", role, (int)pid) < 0;
    failed = fclose(out) || failed;
    if (failed || rename(fresh.text, path.text))
        return pf_fail(err, PF_IO, "%s: %s", path.text, strerror(errno));
    return PF_OK;
}

struct pf_role_note pf_role_note_read(const struct pf_places *places)
{
    struct pf_role_note note = {.role = ""};
    FILE *in = fopen(pf_path_in(places->run, NOTE).text, "re");
    int pid = 0;

    if (in && fscanf(in, "%15s %d", note.role, &pid) == 2)
        note.pid = pid;
    if (in)
        fclose(in);
    return note;
}

void pf_role_note_remove(const struct pf_places *places)
{
    unlink(pf_path_in(places->run, NOTE).text);
}
