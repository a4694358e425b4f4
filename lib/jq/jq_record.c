#include "jq_record.h"

static jv bytes(const void *at, size_t len)
{
    return at ? jv_string_sized(at, (int)len) : jv_null();
}

static jv headers(const struct pf_record *record)
{
    struct pf_header header;
    jv ret = jv_object();

    for (size_t i = 0; pf_record_header_at(record, i, &header); i++)
        ret = jv_object_set(ret, jv_string(header.name),
                            bytes(header.value, header.len));
    return ret;
}

static jv put(jv object, const char *name, jv value)
{
    return jv_object_set(object, jv_string(name), value);
}

jv pf_jq_record(const struct pf_record *record, jv value)
{
    int64_t timestamp = record->timestamp;
    jv ret = jv_object();

    ret = put(ret, "topic",
              record->topic ? jv_string(record->topic) : jv_null());
    ret = put(ret, "partition", jv_number(record->partition));
    ret = put(ret, "offset", jv_number((double)record->offset));
    ret = put(ret, "timestamp",
              timestamp < 0 ? jv_null() : jv_number((double)timestamp));
    ret = put(ret, "key", bytes(record->key, record->key_len));
    ret = put(ret, "headers", headers(record));
    return put(ret, "value", value);
}
