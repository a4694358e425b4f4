/* log_reader.h - the bytes of a log, in pieces, as lines. */
#ifndef PF_LOG_READER_H
#define PF_LOG_READER_H

#include "log_line.h"

/** Of a longer line the rest is left out, and it ends in "...". */
#define PF_LOG_LINE_MAX 4096

/** Initialise it with pf_log_reader_init(); nothing has to be released. */
struct pf_log_reader {
    /* Gets each whole line. NULL: they only say how it goes on. */
    void (*take)(void *context, const struct pf_log_line *line);
    void *context;

    struct pf_log_line before; /* what the last line said of itself */
    bool stands;    /* there was a line that does not go on with another */
    bool skips;     /* the line that is not complete is left out */
    size_t pending; /* bytes since the last newline */
    size_t n;       /* what of these is kept */
    char line[PF_LOG_LINE_MAX + 3];
};

void pf_log_reader_init(struct pf_log_reader *reader,
                        void (*take)(void *context,
                                     const struct pf_log_line *line),
                        void *context);

/** The next n bytes of the log. */
void pf_log_reader_put(struct pf_log_reader *reader, const char *bytes,
                       size_t n);

/** What comes does not follow what came: the line that is not complete is
 * forgotten. With within_line, what comes begins within a line, which is left
 * out. */
void pf_log_reader_cut(struct pf_log_reader *reader, bool within_line);

#endif
