/* error.h - what went wrong: a code to act on, a sentence to read. */
#ifndef PF_ERROR_H
#define PF_ERROR_H

/*
 * A call that can fail returns enum pf_rc. PF_OK is zero, so `if (rc)` reads
 * "if that failed". A call that can say more than a code also takes a struct
 * pf_error as its last parameter, and fills it only on failure.
 *
 * A code tells the caller what to do: AGAIN means wait, END finish, SETTLE see
 * to what is under way, ABORTED do it again; the others give up. Those that a
 * script may want to tell apart have their own exit code, which is the number
 * here.
 */
#define PF_RC_MAP(X)                                \
    X(OK, 0, "success")                             \
    X(AGAIN, 1, "not now, try again")               \
    X(END, 0, "nothing more to come")               \
    X(SETTLE, 1, "settle first, then go on")        \
    X(ABORTED, 1, "what was written is taken back") \
    X(FORMAT, 1, "malformed input")                 \
    X(RANGE, 1, "value out of range")               \
    X(CONFIG, 2, "bad usage or configuration")      \
    X(IO, 1, "input or output failed")              \
    X(NOMEM, 1, "out of memory")                    \
    X(UNDELIVERED, 3, "records were not delivered") \
    X(FATAL, 4, "Kafka cannot go on")               \
    X(INVALID, 1, "not valid")                      \
    X(UNDECIDED, 2, "cannot decide")

enum pf_rc {
#define PF_RC_ENUM(name, code, text) PF_##name,
    PF_RC_MAP(PF_RC_ENUM)
#undef PF_RC_ENUM
};

/** The meaning of a code in a few words, such as "input or output failed". */
const char *pf_rc_text(enum pf_rc rc);

/**
 * The exit code of a program whose work ended with rc: 0 finished; 1 failed,
 * or not valid (audit); 2 usage or configuration, or cannot decide (audit);
 * 3 records undelivered; 4 fatal Kafka error.
 */
int pf_exit_code(enum pf_rc rc);

/** What went wrong, in a sentence for a person. Empty until something fails. */
struct pf_error {
    char text[400];
};

/**
 * Write a sentence into *err (which may be NULL) and return rc, so that a
 * failing function ends in one line:
 *
 *     return pf_fail(err, PF_RANGE, "feed.rate: %g is below %g", v, min);
 */
enum pf_rc pf_fail(struct pf_error *err, enum pf_rc rc, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * Prefix the sentence in *err (which may be NULL) with the thing that was
 * being worked on, so that context is added on the way up:
 * "producer.properties:2: " + "feed.rate: 'soon' is not a number".
 * Returns rc.
 */
enum pf_rc pf_fail_in(struct pf_error *err, enum pf_rc rc, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
