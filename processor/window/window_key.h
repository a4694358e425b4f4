/* window_key.h - the key that a window has. */
#ifndef PF_WINDOW_KEY_H
#define PF_WINDOW_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "json_find.h"
#include "record.h"

/** Longest key, in bytes: how many there may be is limited, and so is what they
 * take. */
#define PF_WINDOW_KEY_MAX 1024

enum pf_window_key_kind {
    PF_WINDOW_KEY_NONE, /* the record has no key */
    PF_WINDOW_KEY_TEXT, /* any bytes */
    PF_WINDOW_KEY_JSON, /* a number, true or false, as JSON */
};

/** A key. Two are the same if kind and bytes are. */
struct pf_window_key {
    enum pf_window_key_kind kind;
    const char *at; /* borrowed; NULL if there is none */
    size_t len;
};

/**
 * The key that a record has.
 *
 * PF_RANGE  it is longer than PF_WINDOW_KEY_MAX
 */
enum pf_rc pf_window_key_of_record(const struct pf_record *record,
                                   struct pf_window_key *ret,
                                   struct pf_error *err);

/**
 * The key that a member is, which pf_json_scan() has looked for: a text without
 * quotes and escapes, or a number, true or false as it is written. It borrows
 * from the JSON, or from room, which has PF_WINDOW_KEY_MAX bytes.
 *
 * PF_FORMAT  there is no such member, or it is something else, or half of a
 *            surrogate pair is in it
 * PF_RANGE   it is longer than PF_WINDOW_KEY_MAX
 */
enum pf_rc pf_window_key_of_member(const struct pf_json_find *find, char *room,
                                   struct pf_window_key *ret,
                                   struct pf_error *err);

/** Most bytes that pf_window_key_put() writes for it. */
size_t pf_window_key_room(const struct pf_window_key *key);

/** Write it to buf as a JSON value: null, or a string, in which U+FFFD stands
 * for what is not UTF-8. What is JSON is written as it is; with json a text,
 * too, if it is that. Returns how many bytes that were. */
size_t pf_window_key_put(char *buf, const struct pf_window_key *key, bool json);

#endif
