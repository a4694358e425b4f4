/* children.h - child processes, orphans included. */
#ifndef PF_CHILDREN_H
#define PF_CHILDREN_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * Reap every child that has ended, without waiting. Returns true if pid was
 * among them, with its wait status in *ret_status.
 */
bool children_reap(pid_t pid, int *ret_status);

/**
 * Send signal (0: none) to every child but the n in spared, and wait at most ms
 * milliseconds until they have ended. Do the same with orphans that become our
 * children meanwhile. signals is a signalfd with SIGCHLD. Returns true if none
 * is left.
 */
bool children_end(int signal, const pid_t *spared, size_t n, int ms,
                  int signals);

#endif
