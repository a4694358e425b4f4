#include "window_results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "window_state.h"

/* Most bytes of one result are far below this. */
#define PIECE ((size_t)65536)

/* What is kept for the next call: pieces, and room for records. */
#define KEEP_PIECES 16
#define KEEP_RECORDS 4096

void pf_window_results_clear(struct pf_window_results *results)
{
    results->n = results->piece = results->used = 0;
    while (results->pieces.n > KEEP_PIECES)
        free(results->pieces.at[--results->pieces.n]);
    if (results->records_size <= KEEP_RECORDS)
        return;
    free(results->records);
    free(results->from);
    results->records = NULL;
    results->from = NULL;
    results->records_size = results->from_size = 0;
}

void pf_window_results_release(struct pf_window_results *results)
{
    for (size_t i = 0; i < results->pieces.n; i++)
        free(results->pieces.at[i]);
    free(results->pieces.at);
    free(results->records);
    free(results->from);
    *results = (struct pf_window_results){0};
}

void pf_window_frame_init(struct pf_window_frame *frame, int32_t partition,
                          int64_t start, int64_t size, bool idle)
{
    char from[PF_TIME_SIZE], to[PF_TIME_SIZE];

    frame->partition = partition;
    frame->start = start;
    frame->idle = idle;
    pf_time_format(start * 1000, from);
    pf_time_format((start + size) * 1000, to);
    frame->len = (size_t)snprintf(frame->text, sizeof frame->text,
                                  ",\"start\":\"%s\",\"end\":\"%s\"", from, to);
}

static bool add_piece(struct pf_window_results *results)
{
    size_t n = results->pieces.n;

    if (!pf_vec_room((void **)&results->pieces.at, &results->pieces.size, n + 1,
                     sizeof *results->pieces.at))
        return false;
    results->pieces.at[n] = malloc(PIECE);
    results->pieces.n += results->pieces.at[n] != NULL;
    return results->pieces.n > n;
}

/* Room for n bytes, which are fewer than a piece has; NULL: memory ran out. */
static char *room(struct pf_window_results *results, size_t n)
{
    if (results->used + n > PIECE) {
        results->piece++;
        results->used = 0;
    }
    if (results->piece == results->pieces.n && !add_piece(results))
        return NULL;
    return results->pieces.at[results->piece] + results->used;
}

static char *put(char *at, const char *text, size_t len)
{
    memcpy(at, text, len);
    return at + len;
}

#define PUT(at, literal) put(at, literal, sizeof(literal) - 1)

/* Write the value of a result to at; returns its end. */
static char *put_value(char *at, const struct pf_window_form *form,
                       const struct pf_window_frame *frame,
                       const struct pf_window_key *key, const uint64_t *state)
{
    at = PUT(at, "{\"");
    at = put(at, form->key_name, strlen(form->key_name));
    at = PUT(at, "\":");
    at += pf_window_key_put(at, key, form->key_json);
    at = put(at, frame->text, frame->len);
    at += pf_window_state_put(form->plan, at, state);
    if (frame->idle)
        at = PUT(at, ",\"idle\":true");
    return PUT(at, "}");
}

bool pf_window_results_add(struct pf_window_results *results,
                           const struct pf_window_form *form,
                           const struct pf_window_frame *frame,
                           const struct pf_window *window, size_t from)
{
    struct pf_window_key key = pf_window_key_of(window);
    char *at = room(results, strlen(form->key_name) + key.len +
                                 pf_window_key_room(&key) + frame->len +
                                 pf_window_state_room(form->plan) + 20);
    char *value, *end;

    if (!at ||
        !pf_vec_room((void **)&results->records, &results->records_size,
                     results->n + 1, sizeof *results->records) ||
        !pf_vec_room((void **)&results->from, &results->from_size,
                     results->n + 1, sizeof *results->from))
        return false;
    value = key.len ? put(at, key.at, key.len) : at;
    end = put_value(value, form, frame, &key, window->state);
    results->used += (size_t)(end - at);
    results->from[results->n] = (uint32_t)from;
    results->records[results->n++] = (struct pf_record){
        .partition = frame->partition,
        .offset = -1,
        .timestamp = frame->start + form->size - 1,
        .key = key.at ? at : NULL,
        .key_len = key.len,
        .value = value,
        .value_len = (size_t)(end - value),
    };
    return true;
}

struct pf_output pf_window_results_output(const struct pf_window_results *all)
{
    return (struct pf_output){
        .records = all->records, .n = all->n, .from = all->from};
}
