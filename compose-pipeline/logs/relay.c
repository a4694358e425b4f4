#include "relay.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log_line.h"

/* When a record is complete although nothing comes after it: no more of it has
 * come for QUIET_MS, or it began HOLD_MS ago. */
#define QUIET_MS 100
#define HOLD_MS 500

/* Who has not read a record for so long has stopped reading. */
#define STALL_MS 1000

/* Records of one log that are written before it is another one's turn. */
#define TURN 100

static const char own_name[] = "pf-init";

enum pf_rc relay_open(struct relay *relay, int own, int out, const char *path,
                      struct pf_error *err)
{
    relay->own = own;
    outlet_init(&relay->out, out);
    return log_dir_open(path, &relay->dir, err);
}

void relay_release(struct relay *relay)
{
    log_dir_release(&relay->dir);
    outlet_release(&relay->out);
}

/* Take "NAME: " off a line. The pipe has lines of several programs; a program's
 * own log has its name twice. */
static void take_program(struct log_record *record, struct pf_log_line *line)
{
    struct pf_log_line rest = *line;
    const char *name;
    size_t n = pf_log_line_take_name(&rest, &name);

    if (!n || (record->program != own_name &&
               (n != record->program_n || memcmp(name, record->program, n))))
        return;
    record->program = name;
    record->program_n = n;
    *line = rest;
}

static void write_record(struct relay *relay, const char *program,
                         const struct log_gathered *gathered)
{
    const char *end = memchr(gathered->text, '\n', gathered->n);
    size_t first = end ? (size_t)(end - gathered->text) : gathered->n;
    struct pf_log_line line = {.time_ms = -1, .level = PF_LOG_INFO};
    struct log_record record = {
        .program = program, .program_n = strlen(program), .cut = gathered->cut};

    if (pf_log_line_read(gathered->text, first, &line))
        take_program(&record, &line);
    else
        line.level = pf_log_line_guess(gathered->text, first);
    record.time_ms = line.time_ms < 0 ? pf_wall_ns() / 1000000 : line.time_ms;
    record.level = line.level;
    record.text = line.text;
    record.n = (size_t)(gathered->text + gathered->n - line.text);
    outlet_put(&relay->out, &record);
}

/* Read more of a log; trail is NULL for the pipe. Returns how many bytes. */
static size_t read_more(struct relay *relay, struct relay_log *log,
                        struct log_trail *trail)
{
    size_t size, n;
    char *room = log_gather_room(&log->gather, &size);
    int64_t now = pf_now_ms();

    if (trail) {
        n = log_dir_read(&relay->dir, trail, room, size, &relay->dropped_files);
    } else {
        ssize_t got = relay->own < 0 ? 0 : read(relay->own, room, size);

        if (got == 0)
            relay->own = -1;
        n = got > 0 ? (size_t)got : 0;
    }
    if (!n)
        return 0;
    if (!log_gather_has_some(&log->gather))
        log->first_ms = now;
    log->last_ms = now;
    log_gather_added(&log->gather, n);
    return n;
}

/* When a log's last record counts as complete; INT64_MAX: there is none. */
static int64_t due_ms(const struct relay *relay, const struct relay_log *log)
{
    int64_t quiet = log->last_ms + QUIET_MS, held = log->first_ms + HOLD_MS;

    if (!log_gather_has_some(&log->gather))
        return INT64_MAX;
    if (relay->has_ended)
        return 0;
    return quiet < held ? quiet : held;
}

/* Write what a log has, while there is room. True: it has more. */
static bool pass_on(struct relay *relay, struct relay_log *log,
                    struct log_trail *trail)
{
    const char *program = trail ? trail->name : own_name;
    struct log_gathered gathered;

    for (int n = 0; !outlet_is_full(&relay->out); n++) {
        if (n == TURN)
            return true;
        while (!log_gather_next(&log->gather, &gathered)) {
            if (read_more(relay, log, trail))
                continue;
            if (relay->has_ended && log_gather_end(&log->gather))
                continue;
            if (pf_now_ms() < due_ms(relay, log))
                return false;
            log_gather_flush(&log->gather, &gathered);
            break;
        }
        log->first_ms = pf_now_ms();
        write_record(relay, program, &gathered);
    }
    return true;
}

/* pf-init's lines come last: they are about the others', such as the very last
 * one. */
static bool pass_on_all(struct relay *relay)
{
    bool more = false;

    for (size_t i = 0; i < relay->dir.n; i++)
        more |= pass_on(relay, &relay->logs[i], &relay->dir.trails[i]);
    return pass_on(relay, &relay->own_log, NULL) || more;
}

/* While nothing can be written, of each log only what is in its files stays. */
static void drop_deleted(struct relay *relay)
{
    for (size_t i = 0; i < relay->dir.n; i++) {
        uint64_t lines = log_dir_skip(&relay->dir, &relay->dir.trails[i],
                                      &relay->dropped_files);

        if (lines)
            log_gather_break(&relay->logs[i].gather);
        relay->dropped_lines += lines;
    }
}

static void say_dropped(struct relay *relay)
{
    char text[160];
    int n;

    if (!relay->dropped_lines && !relay->dropped_files)
        return;
    n = snprintf(text, sizeof text,
                 "%" PRIu64 " lines and %" PRIu64 " whole files of the logs "
                 "were dropped: standard error was not read in time",
                 relay->dropped_lines, relay->dropped_files);
    relay->dropped_lines = relay->dropped_files = 0;
    outlet_put(&relay->out,
               &(struct log_record){.time_ms = pf_wall_ns() / 1000000,
                                    .level = PF_LOG_WARNING,
                                    .program = own_name,
                                    .program_n = strlen(own_name),
                                    .text = text,
                                    .n = (size_t)n});
}

/* Milliseconds until a record counts as complete; -1: there is none. */
static int until_due_ms(const struct relay *relay)
{
    int64_t due = due_ms(relay, &relay->own_log);

    for (size_t i = 0; i < relay->dir.n; i++) {
        int64_t one = due_ms(relay, &relay->logs[i]);

        if (one < due)
            due = one;
    }
    return due == INT64_MAX ? -1 : pf_left_ms(due);
}

/* Milliseconds until the reader counts as stopped; -1: it does already. */
static int until_stalled_ms(const struct relay *relay)
{
    int left = pf_left_ms(relay->written_ms + STALL_MS);

    return left ? left : -1;
}

static void await_news(const struct relay *relay, bool more)
{
    bool is_full = outlet_is_full(&relay->out);
    struct pollfd fds[] = {
        {.fd = relay->dir.changes, .events = POLLIN},
        {.fd = is_full ? -1 : relay->own, .events = POLLIN},
        {.fd = is_full ? relay->out.fd : -1, .events = POLLOUT},
    };

    poll(fds, 3,
         is_full ? until_stalled_ms(relay)
         : more  ? 0
                 : until_due_ms(relay));
}

void relay_run(struct relay *relay)
{
    bool more = true;

    /* What was logged before the pipe's end is there once that is seen: all
     * logs are read once more. */
    while (!relay->has_ended || more) {
        relay->has_ended = relay->own < 0;
        await_news(relay, more || relay->has_ended);
        outlet_flush(&relay->out);
        log_dir_look(&relay->dir);
        if (outlet_is_full(&relay->out)) {
            if (until_stalled_ms(relay) < 0)
                drop_deleted(relay);
            continue;
        }
        relay->written_ms = pf_now_ms();
        say_dropped(relay);
        more = pass_on_all(relay) || outlet_is_full(&relay->out);
    }
}
