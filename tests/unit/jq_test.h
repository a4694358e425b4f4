/* jq_test.h - what tests of jq need. */
#ifndef PF_JQ_TEST_H
#define PF_JQ_TEST_H

#include "unit.h"

#include "jq_program.h"

/** Does libjq keep a number's digits? That began with 1.7, as pick() did. If
 * not, says that a test is left out. */
static inline bool numbers_are_exact(void)
{
    struct pf_jq *jq = NULL;
    enum pf_rc rc = pf_jq_open("pick(.a)", "", false, NULL, &jq, NULL);

    pf_jq_close(jq);
    if (rc)
        print_message("# left out: libjq is older than 1.7\n");
    return !rc;
}

#endif
