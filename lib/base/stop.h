/* stop.h - requests to stop, and the only way to wait. */
#ifndef PF_STOP_H
#define PF_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/**
 * Replace standard descriptors that are closed by ones that cannot be written
 * to: the next file or connection that is opened would get their numbers, and
 * what is printed would be written there. pf_stop_init() does so.
 */
void pf_hold_standard_descriptors(void);

/**
 * Block SIGINT and SIGTERM, which the calls below report, and ignore SIGPIPE
 * and SIGXFSZ, as write(2) returns the error. Call it first in main(): threads
 * started later inherit the signal mask, and children made by fork(2) are not
 * covered. A second signal has its default action, whatever the main thread
 * is doing, so that asking twice always works; within 300 ms of the first it
 * counts as the same request. Neither ever interrupts a system call.
 * Before or without this call no signal is blocked, and the calls below only
 * wait.
 *
 * PF_IO  the system gave no descriptor or no thread; no signal is blocked
 */
enum pf_rc pf_stop_init(struct pf_error *err);

/** True once a stop has been asked for. Never waits. */
bool pf_stop_asked(void);

/**
 * Accept the stop: from now on it no longer ends pf_wait(), so that the program
 * can finish its work.
 */
void pf_stop_accept(void);

/**
 * Wait up to ms milliseconds (0: do not wait; -1: as long as it takes) until fd
 * (-1: none) is ready for events, as in poll(2), or a stop is asked for.
 *
 * PF_OK     fd is ready, or broken: the next call on it tells
 * PF_AGAIN  timeout
 * PF_END    a stop has been asked for, and not been accepted yet
 */
enum pf_rc pf_wait(int fd, short events, int ms);

/**
 * Wait until at_ns on the monotonic clock, at most ms milliseconds, with the
 * precision of timer, a timerfd of the monotonic clock. Returns as pf_wait().
 */
enum pf_rc pf_wait_until(int timer, int64_t at_ns, int ms);

#endif
