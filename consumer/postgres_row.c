#include "postgres_row.h"

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "price.h"
#include "utf8.h"

/* The oids of PostgreSQL's built-in types (pg_type.oid); they never change. */
#define OID_BYTEA 17
#define OID_INT8 20
#define OID_TEXT 25

/* PostgreSQL's last timestamp, in milliseconds since 1970: the end is
 * 294277-01-01 00:00 UTC (timestamp.h, END_TIMESTAMP). One day less, so that
 * it can be written and read back in any time zone. */
#define TIME_MAX_MS (INT64_C(9224318016000000) - INT64_C(86400000) - 1)

/* Add value, which may be NULL, and take it over. */
static void put(struct pf_postgres_row *row, char *value, size_t len,
                int format)
{
    assert(row->n < PF_POSTGRES_VALUES);
    row->values[row->n] = value;
    row->lengths[row->n] = (int)len;
    row->formats[row->n++] = format;
}

static char *allocate(struct pf_postgres_row *row, size_t size)
{
    char *value = malloc(size);

    row->incomplete |= !value;
    return value;
}

static void put_copy(struct pf_postgres_row *row, const void *bytes, size_t len,
                     int format)
{
    char *value = bytes ? allocate(row, len + 1) : NULL;

    if (value) {
        memcpy(value, bytes, len);
        value[len] = '\0'; /* a text ends with it */
    }
    put(row, value, len, format);
}

void pf_postgres_put_text(struct pf_postgres_row *row, const char *text)
{
    put_copy(row, text, text ? strlen(text) : 0, 0);
}

void pf_postgres_put_number(struct pf_postgres_row *row, int64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", (long long)number);
    pf_postgres_put_text(row, number < 0 ? NULL : text);
}

void pf_postgres_put_bytes(struct pf_postgres_row *row, const void *bytes,
                           size_t len)
{
    put_copy(row, bytes, len, 1);
}

static char *put_int32(char *at, int32_t number)
{
    uint32_t wire = htonl((uint32_t)number);

    memcpy(at, &wire, sizeof wire);
    return at + sizeof wire;
}

static char *put_int64(char *at, int64_t number)
{
    uint64_t wire = htobe64((uint64_t)number);

    at = put_int32(at, sizeof wire);
    memcpy(at, &wire, sizeof wire);
    return at + sizeof wire;
}

static char *put_string(char *at, const void *bytes, size_t len)
{
    if (!bytes)
        return put_int32(at, -1); /* NULL */
    at = put_int32(at, (int32_t)len);
    if (len)
        memcpy(at, bytes, len);
    return at + len;
}

static char *put_price(char *at, const struct pf_record *record,
                       enum pf_postgres_column column)
{
    struct pf_price price = {0};
    enum pf_price_refusal refusal = pf_price_decode(
        record->value, record->value_len, &price, NULL);

    assert(!refusal); /* the price filter passes only prices */
    (void)refusal;
    return put_int64(at,
                     column == PF_POSTGRES_MATCH ? price.match : price.ticks);
}

int64_t pf_postgres_time(const struct pf_record *record)
{
    int64_t time_ms = record->timestamp;

    return time_ms >= 0 && time_ms <= TIME_MAX_MS ? time_ms : -1;
}

static char *put_element(char *at, const struct pf_record *record,
                         enum pf_postgres_column column)
{
    int64_t time_ms;

    switch (column) {
    case PF_POSTGRES_OFFSET:
        return put_int64(at, record->offset);
    case PF_POSTGRES_TIME:
        time_ms = pf_postgres_time(record);
        return time_ms < 0 ? put_int32(at, -1) : put_int64(at, time_ms);
    case PF_POSTGRES_KEY:
        if (!pf_utf8_is_text(record->key, record->key_len))
            return put_int32(at, -1);
        return put_string(at, record->key, record->key_len);
    case PF_POSTGRES_NO_KEY:
        return put_int32(at, -1);
    case PF_POSTGRES_KEY_BYTES:
        return put_string(at, record->key, record->key_len);
    case PF_POSTGRES_VALUE:
        return put_string(at, record->value, record->value_len);
    case PF_POSTGRES_MATCH:
    case PF_POSTGRES_TICKS:
    default:
        return put_price(at, record, column);
    }
}

static int32_t type_of(enum pf_postgres_column column)
{
    if (column == PF_POSTGRES_KEY_BYTES)
        return OID_BYTEA;
    return column == PF_POSTGRES_KEY || column == PF_POSTGRES_NO_KEY ||
                   column == PF_POSTGRES_VALUE
               ? OID_TEXT
               : OID_INT8;
}

void pf_postgres_put_column(struct pf_postgres_row *row,
                            const struct pf_record *records, size_t n,
                            enum pf_postgres_column column)
{
    int32_t type = type_of(column);
    size_t size = 20 + 12 * n;
    char *value, *at;

    for (size_t i = 0; i < n && type != OID_INT8; i++)
        size += column == PF_POSTGRES_VALUE ? records[i].value_len
                                            : records[i].key_len;
    value = allocate(row, size);
    if (!value)
        return;
    at = put_int32(value, 1); /* dimension */
    at = put_int32(at, 1);    /* there may be NULLs */
    at = put_int32(at, type);
    at = put_int32(at, (int32_t)n);
    at = put_int32(at, 1); /* the first index */
    for (size_t i = 0; i < n; i++)
        at = put_element(at, &records[i], column);
    put(row, value, (size_t)(at - value), 1);
}

void pf_postgres_row_release(struct pf_postgres_row *row)
{
    for (int i = 0; i < row->n; i++)
        free(row->values[i]);
    *row = (struct pf_postgres_row){0};
}
