/* shortage.h - report a lack of memory, processes or disk space. */
#ifndef PF_SHORTAGE_H
#define PF_SHORTAGE_H

#include "places.h"

/** Before a start: report what will not suffice, and how much would. */
void shortage_foresee(const struct pf_places *places);

/** After a program has failed: report what may have run out. */
void shortage_explain(const struct pf_places *places);

#endif
