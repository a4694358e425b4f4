#include "role_note.h"

#include <stdio.h>
#include <unistd.h>

#include "file.h"

#define NOTE "role"

enum pf_rc pf_role_note_write(const struct pf_places *places, const char *role,
                              pid_t pid, struct pf_error *err)
{
    char line[40];
    int len = snprintf(line, sizeof line, "%s %d\n", role, (int)pid);

    return pf_file_replace(pf_path_in(places->run, NOTE).text, line,
                           (size_t)len, 0666, false, err);
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
