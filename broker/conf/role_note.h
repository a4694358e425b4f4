/* role_note.h - which role runs with a PF_RUN, for health checks.
 *
 * PF_RUN/role has one line, "broker 17": the role's name, and the process of
 * its program; 0: none at the moment. A whole feed has no such file.
 */
#ifndef PF_ROLE_NOTE_H
#define PF_ROLE_NOTE_H

#include <sys/types.h>

#include "error.h"
#include "places.h"

/** The file in PF_RUN by which pf-connect says how the connectors are: "well
 * TEXT" or "ill TEXT", written again with each look. */
#define PF_CONNECTORS_STATE "connectors.state"

/** What the file says. */
struct pf_role_note {
    char role[16]; /* "": there is no file, so this is a whole feed */
    pid_t pid;
};

/**
 * Replace the file.
 *
 * PF_IO  it cannot be written; the old one, if any, is unchanged
 */
enum pf_rc pf_role_note_write(const struct pf_places *places, const char *role,
                              pid_t pid, struct pf_error *err);

struct pf_role_note pf_role_note_read(const struct pf_places *places);

/** Remove the file, if there is one. */
void pf_role_note_remove(const struct pf_places *places);

#endif
