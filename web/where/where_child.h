/* where_child.h - the process in which an expression in jq runs, see where.h.
 */
#ifndef PF_WEB_WHERE_CHILD_H
#define PF_WEB_WHERE_CHILD_H

#include <stdbool.h>

/** The first argument of that process, its name. */
#define WEB_WHERE_CHILD "pf-web-where"

/** Is this process one? Ask first in main(), with its arguments. */
bool web_where_is_child(char **argv);

/** The main function of such a process, which answers what comes on descriptor
 * 0 until that is closed. Returns the exit code. */
int web_where_child(void);

#endif
