/* replay.h - a source of recorded events. */
#ifndef PF_REPLAY_H
#define PF_REPLAY_H

#include "replay_conf.h"
#include "source.h"

/**
 * Open a source that gives the elements of a recording in their order, byte
 * for byte unless they are restamped. Its position counts records only: bad
 * elements, which it refuses (source.h), and those outside of start and end,
 * are not counted. Memory use is bounded, whatever the file's size.
 *
 * To start at a later record, the source reads all records before it. Bad
 * elements among those are skipped, and so are those among records that have no
 * pace (start.at_once), and in later rounds of a loop. With restamp_from_now, a
 * later start behaves as if the run had never stopped: its first record has the
 * time that it would have had without the stop, if max_gap_s has cut no pause
 * until then. A pause that was cut counts in full, so what follows it is that
 * much too early. The records that have no pace (start.at_once) all get the
 * time at which they are given, which the first one after them has, too.
 *
 * When it is closed, the source logs how well it kept its pace. If the
 * recording ends without a single record, reading fails with PF_FORMAT.
 *
 * PF_CONFIG  a file cannot be opened, or time or key is not a valid path
 * PF_IO      the kernel gave no timer
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_replay_source_open(const struct pf_replay *replay,
                                 struct pf_source **ret, struct pf_error *err);

#endif
