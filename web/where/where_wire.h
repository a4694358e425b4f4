/* where_wire.h - what a filter in a process of its own is sent, and answers.
 *
 * Both ends are the same program on the same machine, so numbers are sent as
 * they are in memory. One end asks and the other answers, in turn: there is
 * never more than one message under way.
 */
#ifndef PF_WEB_WHERE_WIRE_H
#define PF_WEB_WHERE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"
#include "record.h"
#include "vec.h"

/** What is answered. The first message asks for a program to be compiled, each
 * one after it about a record. */
enum web_where_answer {
    WEB_WHERE_NO,      /* it is not true; of a program: it is ready */
    WEB_WHERE_YES,     /* it is true; of a program: it wants $record as well */
    WEB_WHERE_CANNOT,  /* with a sentence that says why */
    WEB_WHERE_ANSWERS, /* how many */
};

/** What a message begins with. */
struct web_wire_head {
    uint32_t size; /* bytes after it */
    uint32_t code; /* enum web_where_answer; of a question: 0 */
};

/** Begin a message in *out, whatever is in it, and end it: what was appended in
 * between is part of it. */
void web_wire_begin(struct pf_buffer *out, uint32_t code);
void web_wire_end(struct pf_buffer *out);

/** Append a record; with whole also its key and its headers. */
void web_wire_put(struct pf_buffer *out, const struct pf_record *record,
                  bool whole);

/** A record that has come. All zero: none yet. */
struct web_wire_record {
    struct pf_record record; /* borrows from the message, and from this */
    struct pf_headers headers;
    PF_VEC(struct pf_header) list;
};

/** Take the record that was put into these bytes. False: memory ran out. */
bool web_wire_take(const char *bytes, struct web_wire_record *ret);
void web_wire_release(struct web_wire_record *record);

/** Send a message. False: there is nobody at the other end. */
bool web_wire_send(int fd, const struct pf_buffer *message);

/**
 * Receive a message with at most most bytes after its head: *in then has all of
 * it. By deadline_ms (pf_now_ms()), if fd has a receive timeout.
 *
 * PF_AGAIN   not by then
 * PF_END     there is nobody at the other end
 * PF_FORMAT  it is longer
 * PF_NOMEM   memory ran out
 */
enum pf_rc web_wire_receive(int fd, struct pf_buffer *in, size_t most,
                            int64_t deadline_ms);

#endif
