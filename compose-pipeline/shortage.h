/* shortage.h - what the feed has too little of: memory, or room for its data.
 */
#ifndef PF_SHORTAGE_H
#define PF_SHORTAGE_H

#include "places.h"

/** Before a start: say what will not suffice, and how much would. */
void shortage_foresee(const struct pf_places *places);

/** After a program has failed: say what may have been too little. */
void shortage_explain(const struct pf_places *places);

#endif
