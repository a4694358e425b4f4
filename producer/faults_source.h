/* faults_source.h - a source that damages the records of another source. */
#ifndef PF_FAULTS_SOURCE_H
#define PF_FAULTS_SOURCE_H

#include "faults.h"
#include "source.h"

/**
 * A source that gives inner's records, numbered by their offset from 0 up, and
 * damages some of them as *faults says:
 *
 * drop            the record is left out; its number is missing
 * duplicate       it comes twice, with the same number
 * reorder         it comes after the record that follows it
 * delay           it and all records after it wait for 1.5 s; its made_ns is
 *                 when it was due
 * silence         nothing comes for 3 s, then the record
 * sequence-reset  from this record on, offsets count from 0 again
 * the others      its value is altered: pf_fault_alter()
 *
 * Which records are damaged does not depend on how inner cuts its batches, nor
 * on where inner begins; only the numbers count from the first reset that is
 * seen. A record's offset is the number it claims to have; the batch's next
 * remains inner's position. A drop or a reorder needs the record after it: if
 * inner ends before that, the record comes undamaged.
 *
 * The file faults->sheet is emptied. It gets a line for each fault, by one
 * write(2), before the record is given: "FINDING INDEX WORD", sorted by the
 * record's index, which is its number plus what resets have taken off.
 *
 * Takes over inner on success. If nothing is to be damaged, *ret is inner
 * itself and the sheet is an empty file.
 *
 * PF_IO     the sheet cannot be written; a later read() may fail so, too
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_faults_source_open(const struct pf_faults *faults,
                                 struct pf_source *inner,
                                 struct pf_source **ret, struct pf_error *err);

#endif
