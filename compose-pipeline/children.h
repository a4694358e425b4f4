/* children.h - processes that are this one's to bury. */
#ifndef PF_CHILDREN_H
#define PF_CHILDREN_H

#include <stdbool.h>
#include <sys/types.h>

/** Become the one that orphans below this process fall to, PID 1 or not. */
void children_adopt_orphans(void);

/**
 * Bury every child that has ended, without waiting. Returns true when pid was
 * among them, with its wait status in *ret_status.
 */
bool children_reap(pid_t pid, int *ret_status);

/**
 * Send signal to every child but except (0: to every one), wait until these
 * are gone, for ms milliseconds at most, and do the same with the orphans
 * that fall to us meanwhile. signals is a signalfd with SIGCHLD. Returns true
 * when none is left.
 */
bool children_end(int signal, pid_t except, int ms, int signals);

#endif
