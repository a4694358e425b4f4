/* lookups.h - files in which programs in jq look things up: with
 * feed.lookup.NAME=FILE, $NAME is what is in the file. */
#ifndef PF_LOOKUPS_H
#define PF_LOOKUPS_H

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "error.h"
#include "family.h"
#include "jq_source.h"

/** How often to look whether they have changed, in milliseconds. */
#define PF_LOOKUPS_MS 250

/** What is different when a path leads to another file, or that to other bytes:
 * each change of a file sets the time, whatever else is set afterwards. */
struct pf_lookup_look {
    int why; /* errno, as there is none; 0: there is one */
    dev_t device;
    ino_t number;
    off_t size;
    struct timespec changed;
};

/** One of them. */
struct pf_lookup {
    const struct pf_relative *setting; /* borrowed */
    jv value;
    struct pf_lookup_look read; /* the file that was read last, good or not */
    struct pf_lookup_look last; /* the last look */
    bool mentioned;             /* by a program */
};

/** All of them; all zero: none, with nothing to close. Members are for reading.
 */
struct pf_lookups {
    struct pf_lookup *at;
    size_t n;
    int64_t due_ms; /* when to look next, by pf_now_ms() */
};

/**
 * Check the names, and read the files. *lookups is all zero; close it whatever
 * the outcome. settings are borrowed as long as it is open.
 *
 * PF_CONFIG  a name is not one of a variable, or a file is missing or broken;
 *            *err begins with the place and the setting
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_lookups_open(struct pf_lookups *lookups,
                           const struct pf_family *settings,
                           struct pf_error *err);

void pf_lookups_close(struct pf_lookups *lookups);

/** An object with the value of each; jv_free() it. */
jv pf_lookups_values(const struct pf_lookups *lookups);

/**
 * Read again what has changed and was the same at the last two looks: a file
 * that is being written is not read. One that is missing or broken is told, and
 * the old value stays. True: a value is another one. That is one system call
 * for each file where nothing has changed.
 */
bool pf_lookups_look(struct pf_lookups *lookups);

/** Take note of those that this program mentions; warn of those that none has
 * mentioned. */
void pf_lookups_note(struct pf_lookups *lookups,
                     const struct pf_jq_source *source);
void pf_lookups_warn(const struct pf_lookups *lookups);

#endif
