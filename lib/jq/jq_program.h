/* jq_program.h - a program in jq, and what it makes of a value.
 *
 * A program is a text, or the name of a file, as in file:PATH. Its results
 * depend on its input, on $record, on variables that it is given and, with now
 * and the local time, on the clock; on nothing else. So these of jq are refused
 * when it is compiled: env
 * and $ENV; input, inputs, input_filename and input_line_number; halt and
 * halt_error; import, include, modulemeta and get_search_list. debug and stderr
 * write a line to the log, at most one in five seconds. As in jq, definitions
 * in the file
 * ~/.jq are known.
 *
 * One thread compiles and runs a program; another one needs a program of its
 * own, and a watch of its own.
 */
#ifndef PF_JQ_PROGRAM_H
#define PF_JQ_PROGRAM_H

#include <jv.h>
#include <stdbool.h>

#include "error.h"
#include "jq_source.h"
#include "jq_watch.h"

/** A program that is compiled. */
struct pf_jq;

/**
 * Compile a program. name is for its debug lines in the log, such as
 * "feed.where", and watch (NULL: nobody) for when it runs; both are borrowed.
 * pure: its results have to depend on the input and $record alone, so that it
 * must not use now, localtime or strflocaltime.
 *
 * PF_CONFIG  it is wrong, or refused: *err says where, with the file and the
 *            line, and why
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_jq_open(const char *program, const char *name, bool pure,
                      struct pf_jq_watch *watch, struct pf_jq **ret,
                      struct pf_error *err);

/**
 * The same with a program that was read, and is needed no longer than this
 * takes; and with variables, an object that is taken over: the member x of it
 * is $x. They are part of what is compiled: other values need another
 * compilation, and libjq makes no copy of them.
 */
enum pf_rc pf_jq_compile(const struct pf_jq_source *source, const char *name,
                         bool pure, jv variables, struct pf_jq_watch *watch,
                         struct pf_jq **ret, struct pf_error *err);

/** From now on this watch is for when it runs; NULL: nobody. Borrowed. */
void pf_jq_set_watch(struct pf_jq *jq, struct pf_jq_watch *watch);

/** Closing NULL does nothing. */
void pf_jq_close(struct pf_jq *jq);

/** Does it mention $record? */
bool pf_jq_wants_record(const struct pf_jq *jq);

/** Begin to run it with this input, which it takes over; and with record, which
 * it takes over as well, as its $record if it wants one. */
void pf_jq_start(struct pf_jq *jq, jv input, jv record);

/**
 * The next result of it; jv_free() it.
 *
 * PF_END     there are no more
 * PF_FORMAT  the program refuses its input: *err is what it says, which may
 * have any byte but NUL. error("why") says why; another value is given as JSON
 * PF_RANGE   a limit of the watch is reached: *err says which one
 */
enum pf_rc pf_jq_next(struct pf_jq *jq, jv *ret, struct pf_error *err);

/**
 * Run it until a result is neither false nor null: *ret is whether there was
 * one. Takes over as pf_jq_start() does, and fails as pf_jq_next() does.
 */
enum pf_rc pf_jq_is_true(struct pf_jq *jq, jv input, jv record, bool *ret,
                         struct pf_error *err);

/** Run it for the one result that it has to have: PF_FORMAT if it has none, or
 * several. Otherwise the same. */
enum pf_rc pf_jq_one(struct pf_jq *jq, jv input, jv record, jv *ret,
                     struct pf_error *err);

#endif
