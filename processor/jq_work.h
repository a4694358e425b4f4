/* jq_work.h - the work of programs in jq on one record. */
#ifndef PF_JQ_WORK_H
#define PF_JQ_WORK_H

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"
#include "jq_conf.h"
#include "jq_plain.h"
#include "jq_program.h"
#include "jq_source.h"
#include "lookups.h"
#include "record.h"
#include "settings.h"

/** A program. */
struct pf_jq_part {
    struct pf_jq *jq; /* NULL: there is none */
    struct pf_jq_source source;
    bool is_plain; /* it can be tried without libjq */
    struct pf_jq_plain plain;
};

/** All of them, and the record at work. It must not be copied. Members are for
 * reading. */
struct pf_jq_work {
    const struct pf_jq_conf *conf;
    struct pf_lookups lookups;
    bool pure;                 /* as in pf_jq_conf */
    struct pf_jq_watch *watch; /* NULL: it is not open */
    struct pf_deaths *deaths;  /* NULL: nobody counts them */
    struct pf_jq_part parts[PF_JQ_STEPS];
    struct pf_json_find finds[PF_JQ_STEPS];
    size_t n_finds;

    const struct pf_record *record;
    jv value;            /* of it; invalid: not parsed yet */
    const char *kind;    /* why it is refused, in one word; NULL: it is not */
    struct pf_error why; /* the same in a sentence */
};

/**
 * Read the lookups and the programs of *conf, and compile them. The lookups'
 * settings are borrowed until *ret is freed.
 *
 * PF_CONFIG  one of them is wrong; *err begins with the place in settings
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_jq_work_new(const struct pf_jq_conf *conf,
                          const struct pf_settings *settings,
                          struct pf_jq_work **ret, struct pf_error *err);

/** Freeing NULL does nothing. */
void pf_jq_work_free(struct pf_jq_work *work);

/**
 * Work on records begins, by this thread; *conf, with the same programs, is
 * borrowed until pf_jq_work_close().
 *
 * PF_IO     there is no timer to be had
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_jq_work_open(struct pf_jq_work *work,
                           const struct pf_jq_conf *conf, struct pf_error *err);

/** It has ended, and may begin again. */
void pf_jq_work_close(struct pf_jq_work *work);

/** What the programs are, and what becomes of tombstones, as a number that is
 * the same everywhere; never 0. */
uint64_t pf_jq_work_hash(const struct pf_jq_work *work);

/** Between two records: look whether lookups have changed, as
 * pf_lookups_look() does, and give the programs the new values. What cannot be
 * used is told, and everything stays as it was. */
void pf_jq_work_look(struct pf_jq_work *work);

/** Is there a program for this step? */
static inline bool pf_jq_has(const struct pf_jq_work *work,
                             enum pf_jq_step step)
{
    return work->parts[step].jq;
}

/** Work on the records of a batch is between these two. */
void pf_jq_work_enter(struct pf_jq_work *work);
void pf_jq_work_leave(struct pf_jq_work *work);

/*
 * All calls below return false if the record is refused; kind and why then say
 * why. The work on a record is between the first two; it has to have a value.
 */

/** Begin with a record, which is borrowed until the end. */
bool pf_jq_work_begin(struct pf_jq_work *work, const struct pf_record *record);
void pf_jq_work_end(struct pf_jq_work *work);

/** Refuse it; *work has a sentence. Returns false. */
bool pf_jq_refuse(struct pf_jq_work *work, const char *kind);

/** Does feed.where keep it? */
bool pf_jq_where(struct pf_jq_work *work, bool *ret);

/** Begin with feed.map; the next of its results, which is the caller's.
 * *ret_last: there is none. */
bool pf_jq_map(struct pf_jq_work *work);
bool pf_jq_map_next(struct pf_jq_work *work, jv *ret, bool *ret_last);

/** What a step gives as text. */
struct pf_jq_text {
    bool is_null;
    const char
        *at; /* part of the record's value; NULL: it is appended to out */
    size_t len;
};

/** Have PF_JQ_KEY or PF_JQ_TIME give the text of value, which stays the
 * caller's; if it is invalid, of the record's own value. */
bool pf_jq_text(struct pf_jq_work *work, enum pf_jq_step step, jv value,
                struct pf_buffer *out, struct pf_jq_text *ret);

#endif
