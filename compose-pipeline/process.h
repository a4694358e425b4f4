/* process.h - what this process is, before it runs anything. */
#ifndef PF_PROCESS_H
#define PF_PROCESS_H

#include "error.h"

/** Open descriptors 0 to 2 if they are closed: the next files would get them.
 */
void process_open_standard_descriptors(void);

/** Put this program's directory first in PATH: our other programs are there. */
void process_find_own_programs(void);

/**
 * Let SIGTERM and SIGINT end this process at once, with 0. Until a program is
 * started there is nothing to stop in order, and a check may hang in a file
 * that cannot be read. Without a handler Linux would not end PID 1.
 */
void process_leave_when_asked(void);

/**
 * Block the signals that ask for a stop, and SIGCHLD; *ret is a signalfd that
 * has them. One that is ignored, such as SIGHUP under nohup(1), stays so.
 *
 * PF_IO  the system gave no descriptor
 */
enum pf_rc process_open_signals(int *ret, struct pf_error *err);

#endif
