/* stop.h - being asked to stop, and the only way to wait. */
#ifndef PF_STOP_H
#define PF_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/**
 * Hold SIGINT and SIGTERM back for the calls below, and ignore SIGPIPE and
 * SIGXFSZ, since write(2) tells. Call it first in main(): threads started later
 * inherit the signal mask, and a child made by fork(2) is not looked after. The
 * second signal has its default action, whatever the main thread does, so that
 * asking twice always works; one that comes within 300 ms of the first is the
 * same wish. No system call is ever interrupted by either. Standard descriptors
 * that are closed become ones that cannot be written to. Before this call, or
 * without it, nothing is held back and the calls below only wait.
 *
 * PF_IO  the system gave no descriptor or no thread; nothing is held back
 */
enum pf_rc pf_stop_init(struct pf_error *err);

/** True once a stop has been asked for. Looks, never waits. */
bool pf_stop_asked(void);

/**
 * From now on the stop that was asked for no longer ends pf_wait(): what
 * remains of the program's life is given to finishing its work in time.
 */
void pf_stop_accept(void);

/**
 * Wait ms milliseconds (0: only look; -1: as long as it takes) until fd (-1:
 * none) is ready for events, as in poll(2), or a stop is asked for.
 *
 * PF_OK     fd is ready, or broken: the next call on it tells
 * PF_AGAIN  the time is up
 * PF_END    a stop has been asked for, and not yet been accepted
 */
enum pf_rc pf_wait(int fd, short events, int ms);

/**
 * Wait until it is at_ns by the monotonic clock, ms milliseconds at most, to
 * the precision of that timer, a timerfd of the monotonic clock. As pf_wait().
 */
enum pf_rc pf_wait_until(int timer, int64_t at_ns, int ms);

#endif
