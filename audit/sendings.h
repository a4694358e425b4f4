/* sendings.h - what the parts of a comparison with a ledger share. */
#ifndef PF_SENDINGS_H
#define PF_SENDINGS_H

#include "comparison.h"

/** State of the comparison. */
struct pf_sendings {
    struct pf_check *c;
    uint32_t *lives; /* the topic's life for each of the ledger's, or PF_NONE */
    pf_keys doubtful;   /* sendings of unknown fate */
    pf_keys acked;      /* stretches of sendings that were acknowledged */
    unsigned char *met; /* bits: those found in the topic */
    pf_keys sent;       /* each span of sendings, by number */
    uint64_t longest;   /* of these spans */
};

/** Note that the record at this place is that of this sending. False: memory
 * ran out. */
bool pf_sendings_claim(struct pf_sendings *work, uint64_t place,
                       uint64_t sending);

/** Look for all sendings that were acknowledged. False: memory ran out. */
bool pf_sendings_acked(struct pf_sendings *work);

#endif
