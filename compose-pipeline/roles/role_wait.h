/* role_wait.h - wait for what a role needs, such as Kafka. */
#ifndef PF_ROLE_WAIT_H
#define PF_ROLE_WAIT_H

#include <stdbool.h>

#include "error.h"

/**
 * Wait, as long as it takes, until one of the addresses in list accepts a
 * connection: "host:port,host,SSL://host:port/path". An address without a port
 * has that one. After a second, and then each ten, a line says for whom this
 * waits (what, such as "Kafka") and why; and another that it has answered.
 */
void role_wait(const char *what, const char *list, const char *port);

/**
 * Wait, as long as it takes, until all files that are named, with blanks
 * between them, are in dir and can be read. Says what it waits for, as above.
 */
void role_wait_for_files(const char *dir, const char *names);

/**
 * Does one of them accept a connection? If not, *err says why the last one does
 * not. May wait for name servers, and two seconds for each address.
 */
bool role_knock(const char *list, const char *port, struct pf_error *err);

#endif
