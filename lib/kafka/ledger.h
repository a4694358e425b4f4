/* ledger.h - what a producer sent, and what became of it, in a file.
 *
 * An audit holds the topic against it. Lines of text, each written whole:
 *
 *     run NAME topic TOPIC partition P first N time NS
 *     sent FIRST COUNT NS CRC,CRC,...
 *     acked FIRST COUNT OFFSET NS
 *     failed FIRST COUNT REASON
 *     unknown FIRST COUNT REASON
 *     end NS
 *
 * Numbers count the run's records from 0. NS is a time, in nanoseconds since
 * 1970. CRC is zlib's crc32 of a value, 8 hexadecimal digits, or - for a
 * record without one. OFFSET is that of the first record, or -1: acknowledged,
 * but the answer that said where was lost. REASON is one word of librdkafka's.
 *
 * Each record stands in a `sent` line before it is produced. After a kill there
 * is no `end`, and what is sent but neither acked nor failed may be in the
 * topic or not.
 */
#ifndef PF_LEDGER_H
#define PF_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "record.h"

/** The most records that one call of pf_ledger_enter() takes. */
#define PF_LEDGER_BATCH 1000

struct pf_ledger;

/**
 * Open the ledger at path, to write behind what is there. With an empty path
 * *ret is NULL, which every call below takes for "keep none".
 *
 * PF_IO     it cannot be opened or written to
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_ledger_open(const char *path, struct pf_ledger **ret,
                          struct pf_error *err);

/** A producer begins, or goes on, with the record of that number. */
enum pf_rc pf_ledger_run(struct pf_ledger *ledger, const char *run,
                         const char *topic, int32_t partition, uint64_t first,
                         struct pf_error *err);

/**
 * Enter these n records, at most PF_LEDGER_BATCH and numbered by their offsets
 * without a gap, before they are offered to librdkafka. It may have no room
 * for all of them: say then with pf_ledger_taken() how many it took. Those
 * that are left are the first ones to be entered again, which changes nothing.
 *
 * PF_IO  the ledger cannot be written: do not produce them
 */
enum pf_rc pf_ledger_enter(struct pf_ledger *ledger,
                           const struct pf_record *records, size_t n,
                           struct pf_error *err);
void pf_ledger_taken(struct pf_ledger *ledger, size_t n);

/** What became of a record. */
enum pf_fate { PF_ACKED, PF_FAILED, PF_UNKNOWN };

/**
 * The fate of the record of that number: its offset in the topic if it is
 * PF_ACKED, else one word why. Neighbours of one fate share a line, which is
 * written by pf_ledger_flush(), or when another one begins. A failure to
 * write is that flush's.
 */
void pf_ledger_fate(struct pf_ledger *ledger, enum pf_fate fate,
                    uint64_t number, int64_t offset, const char *reason);

/** Write what is not yet written. PF_IO: something could not be. */
enum pf_rc pf_ledger_flush(struct pf_ledger *ledger, struct pf_error *err);

/**
 * The producer ends by itself: say so, and that what was entered and never
 * taken has failed; then close. NULL does nothing.
 */
void pf_ledger_close(struct pf_ledger *ledger);

#endif
