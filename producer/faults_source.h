/* faults_source.h - a source that damages what another one gives. */
#ifndef PF_FAULTS_SOURCE_H
#define PF_FAULTS_SOURCE_H

#include "faults.h"
#include "source.h"

/**
 * A source of inner's records, numbered by their offset from 0 up, of which
 * some are damaged as *faults says:
 *
 * drop            the record is left out; its number is missing
 * duplicate       it comes twice, with one number
 * reorder         it comes after the one that follows it
 * delay           it, and all behind it, wait for 1.5 s; its made_ns tells
 *                 when it was due
 * silence         nothing comes for 3 s, then it does
 * sequence-reset  from it on offsets count from 0 again
 * the others      its value is altered: pf_fault_alter()
 *
 * Which ones does not depend on how inner's records are cut into batches, nor
 * on where they begin; only numbers count from the first reset that is seen.
 * A record's offset is the number it claims to have, the batch's
 * next remains inner's position. A drop or a reorder needs the record behind
 * it: where inner ends before, there is none, and the record comes as it is.
 *
 * The file faults->sheet is emptied, and gets a line for each fault, by one
 * write(2), before its record is handed out: "FINDING INDEX WORD", sorted by
 * the record's index, which is its number plus what resets have taken off.
 *
 * Takes inner over on success. Where nothing is to be damaged *ret is inner
 * itself, and the sheet an empty file.
 *
 * PF_IO     the sheet cannot be written; a later read() may give it, too
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_faults_source_open(const struct pf_faults *faults,
                                 struct pf_source *inner,
                                 struct pf_source **ret, struct pf_error *err);

#endif
