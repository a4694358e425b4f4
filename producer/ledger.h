/* ledger.h - a file of what a producer has sent, and of its fate.
 *
 * pf-audit compares the topic with it. It has lines of text, each written
 * whole:
 *
 *     run NAME topic TOPIC partition P first N time NS
 *     sent FIRST COUNT NS CRC,CRC,...
 *     acked FIRST COUNT OFFSET NS
 *     failed FIRST COUNT REASON
 *     unknown FIRST COUNT REASON
 *     end NS
 *
 * Numbers count the run's records from 0. From number N on, all that is sent is
 * here. Below N there may be what this producer sends because a partition lacks
 * it. NS is a time in nanoseconds since 1970. CRC is zlib's crc32 of a value, 8
 * hexadecimal digits, or - for a record without a value. OFFSET is the first
 * record's, or -1: acknowledged, but the response with the offset was lost.
 * REASON is one word from librdkafka.
 *
 * If the keys decide the partitions, the first line says `partition by-key`,
 * and instead of `acked` there is
 *
 *     arrived P OFFSET NS COUNT N,N,...
 *
 * The COUNT records with these numbers are in partition P, at consecutive
 * offsets from OFFSET on; -1: as above.
 *
 * Each record is in a `sent` line before it is produced. After a kill there is
 * no `end`, and a record that was sent and is in no line of its fate may or may
 * not be in the topic.
 */
#ifndef PF_LEDGER_H
#define PF_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "kafka_sink.h"
#include "record.h"

/** The most records that one call of pf_ledger_enter() accepts. */
#define PF_LEDGER_BATCH 1000

struct pf_ledger;

/**
 * Open the ledger at path, borrowed until it is closed, and append to it. With
 * an empty path *ret is NULL, with which every call below does nothing.
 *
 * PF_IO     it cannot be opened or written to
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_ledger_open(const char *path, struct pf_ledger **ret,
                          struct pf_error *err);

/** Note that a producer begins, or goes on, with that partition, or PF_BY_KEY.
 * No record of the run from number first on has been sent before. */
enum pf_rc pf_ledger_run(struct pf_ledger *ledger, const char *run,
                         const char *topic, int32_t partition, uint64_t first,
                         struct pf_error *err);

/**
 * Enter these n records, at most PF_LEDGER_BATCH and numbered by their offsets
 * without a gap, before they are offered to librdkafka. It may not have room
 * for all of them: then report with pf_ledger_taken() how many it took. The
 * rest must be the first to be entered again, which writes nothing new.
 *
 * PF_IO  the ledger cannot be written: do not produce the records
 */
enum pf_rc pf_ledger_enter(struct pf_ledger *ledger,
                           const struct pf_record *records, size_t n,
                           struct pf_error *err);
void pf_ledger_taken(struct pf_ledger *ledger, size_t n);

/**
 * Note what was reported of the record that has that number in its run.
 * Neighbours of one fate share a line, which is written by pf_ledger_flush() or
 * when the next line begins. The next flush reports a failure to write.
 */
void pf_ledger_fate(struct pf_ledger *ledger, uint64_t number,
                    const struct pf_report *report);

/** Write what is not written yet. PF_IO: this or an earlier write failed. */
enum pf_rc pf_ledger_flush(struct pf_ledger *ledger, struct pf_error *err);

/**
 * Note that the producer ends by itself, and that records which were entered
 * but never taken have failed; then close. NULL does nothing.
 */
void pf_ledger_close(struct pf_ledger *ledger);

#endif
