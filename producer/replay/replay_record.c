#include "replay_record.h"

#include <json-c/json.h>
#include <string.h>

#include "event_time.h"

/* A value's text, without the quotes if it is a string. */
static void strip(const struct pf_json_find *find, const char **ret,
                  size_t *ret_len)
{
    bool quoted = *find->at == '"';

    *ret = find->at + quoted;
    *ret_len = find->len - (quoted ? 2 : 0);
}

static enum pf_rc find_time(const struct pf_json_find *find,
                            struct pf_replay_element *ret, struct pf_error *err)
{
    if (!find->at)
        return pf_fail(err, PF_FORMAT, "it has no %s", find->path);
    strip(find, &ret->time, &ret->time_len);
    return pf_time_parse(ret->time, ret->time_len, &ret->time_us, err);
}

/* Any value but null is a key. */
static void find_key(const struct pf_json_find *find,
                     struct pf_replay_element *ret)
{
    if (!find->at || *find->at == 'n')
        return;
    strip(find, &ret->key, &ret->key_len);
    ret->key_escaped = *find->at == '"' && memchr(ret->key, '\\', ret->key_len);
}

enum pf_rc pf_replay_examine(struct pf_replay_form *form, const char *element,
                             size_t len, struct pf_replay_element *ret,
                             struct pf_error *err)
{
    const struct pf_json_find *time = &form->members[PF_REPLAY_TIME];
    const struct pf_json_find *key = &form->members[PF_REPLAY_KEY];
    enum pf_rc rc = pf_json_scan(element, len, form->members, 2, err);

    if (rc)
        return rc;
    *ret = (struct pf_replay_element){.at = element, .len = len};
    if (key->n)
        find_key(key, ret);
    if (len + ret->key_len > form->limit)
        return pf_fail(err, PF_FORMAT, "too long with its key");
    if (!time->n)
        return PF_OK;
    rc = find_time(time, ret, err);
    if (rc)
        return rc;
    return ret->time_us >= form->start_us && ret->time_us < form->end_us
               ? PF_OK
               : PF_AGAIN;
}

size_t pf_replay_room(const struct pf_replay_element *element)
{
    return element->len + PF_TIME_SIZE + element->key_len;
}

/* Copy the element with its time moved. */
static enum pf_rc move_time(const struct pf_replay_element *element,
                            int64_t seconds, char *room, struct pf_record *ret,
                            struct pf_error *err)
{
    size_t before = (size_t)(element->time - element->at), len;
    const char *rest = element->time + element->time_len;
    size_t rest_len = element->len - before - element->time_len;
    char time[PF_TIME_SIZE];
    enum pf_rc rc = pf_time_move(element->time, element->time_len, seconds,
                                 time, &len, err);

    if (rc)
        return PF_FORMAT;
    memcpy(room, element->at, before);
    memcpy(room + before, time, len);
    memcpy(room + before + len, rest, rest_len);
    ret->value = room;
    ret->value_len = before + len + rest_len;
    return PF_OK;
}

/* Decode a key with escapes; the result is never longer. */
static enum pf_rc unescape(const struct pf_replay_element *element, char *room,
                           struct pf_record *ret, struct pf_error *err)
{
    struct json_tokener *tokener = json_tokener_new();
    struct json_object *string = NULL;

    if (tokener)
        string = json_tokener_parse_ex(tokener, element->key - 1,
                                       (int)element->key_len + 2);
    if (tokener)
        json_tokener_free(tokener);
    if (!string)
        return tokener ? pf_fail(err, PF_FORMAT, "its key is not a string")
                       : pf_fail(err, PF_NOMEM, "a key: out of memory");
    ret->key_len = (size_t)json_object_get_string_len(string);
    memcpy(room, json_object_get_string(string), ret->key_len);
    ret->key = room;
    json_object_put(string);
    return PF_OK;
}

enum pf_rc pf_replay_make(const struct pf_replay_element *element, bool move,
                          int64_t seconds, char *room, size_t *ret_used,
                          struct pf_record *ret, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    *ret_used = 0;
    ret->value = element->at;
    ret->value_len = element->len;
    ret->key = element->key;
    ret->key_len = element->key_len;
    if (move && element->time) {
        rc = move_time(element, seconds, room, ret, err);
        *ret_used += rc ? 0 : ret->value_len;
    }
    if (!rc && element->key_escaped) {
        rc = unescape(element, room + *ret_used, ret, err);
        *ret_used += rc ? 0 : ret->key_len;
    }
    return rc;
}
