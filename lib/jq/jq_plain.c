#include "jq_plain.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "utf8.h"

/* Different numbers below this, of 15 digits that is, are different doubles,
 * and in the same order, wherever their point is. Such a power of ten is exact,
 * so that one division or multiplication gives the nearest double. */
#define DIGITS_END UINT64_C(1000000000000000)
#define DIGITS_MAX 15
#define POWER_MAX 22

enum { PATH, EQUAL, NOT_EQUAL, BELOW, AT_MOST, ABOVE, AT_LEAST };

static const struct {
    const char *text;
    int compare;
} operators[] = {
    /* The longer ones first. */
    {"==", EQUAL},    {"!=", NOT_EQUAL}, {"<=", AT_MOST},
    {">=", AT_LEAST}, {"<", BELOW},      {">", ABOVE},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Add digits to *value, until that is too large; false: there are none. */
static bool read_digits(const char **at, const char *end, uint64_t *value)
{
    const char *begin = *at;

    for (; *at < end && is_digit(**at) && *value < DIGITS_END; (*at)++)
        *value = *value * 10 + (uint64_t)(**at - '0');
    return *at > begin;
}

/* An exponent, if there is one; false: it is malformed, or too large. */
static bool read_exponent(const char **at, const char *end, int *ret)
{
    bool negative;
    uint64_t value = 0;

    *ret = 0;
    if (*at == end || (**at != 'e' && **at != 'E'))
        return true;
    ++*at;
    negative = *at < end && **at == '-';
    *at += negative || (*at < end && **at == '+');
    if (!read_digits(at, end, &value) || value > 2 * POWER_MAX)
        return false;
    *ret = negative ? -(int)value : (int)value;
    return true;
}

/* The number that all of these bytes are, as JSON writes it. False: they are
 * none, or it is not certain which double it is. */
static bool read_number(const char *at, size_t len, double *ret)
{
    static const double powers[POWER_MAX + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *end = at + len, *point;
    bool negative = at < end && *at == '-';
    uint64_t digits = 0;
    ptrdiff_t places = 0;
    int exponent;

    at += negative;
    if (!read_digits(&at, end, &digits))
        return false;
    if (at < end && *at == '.') {
        point = ++at;
        if (!read_digits(&at, end, &digits))
            return false;
        places = at - point;
    }
    if (digits >= DIGITS_END || places > POWER_MAX ||
        !read_exponent(&at, end, &exponent) || at != end)
        return false;
    exponent -= (int)places;
    if (exponent < -POWER_MAX || exponent > POWER_MAX)
        return false;
    *ret = exponent < 0 ? (double)digits / powers[-exponent]
                        : (double)digits * powers[exponent];
    if (negative)
        *ret = -*ret;
    return true;
}

/* A string, with its quotes, in which each byte stands for itself. */
static bool is_plain_string(const char *text, size_t len)
{
    if (len < 2 || *text != '"' || text[len - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == '"' || text[i] == '\\')
            return false;
    return pf_utf8_is_text(text, len);
}

/* What the program compares with: all of these bytes. */
static bool read_constant(struct pf_jq_plain *plain, const char *text,
                          size_t len)
{
    static const char *const words[] = {
        [PF_JQ_NULL] = "null", [PF_JQ_FALSE] = "false", [PF_JQ_TRUE] = "true"};

    for (int i = PF_JQ_NULL; i <= PF_JQ_TRUE; i++)
        if (strlen(words[i]) == len && !memcmp(words[i], text, len)) {
            plain->kind = (enum pf_jq_kind)i;
            return true;
        }
    if (is_plain_string(text, len)) {
        plain->kind = PF_JQ_STRING;
        plain->string = text + 1;
        plain->len = len - 2;
        return true;
    }
    plain->kind = PF_JQ_NUMBER;
    return read_number(text, len, &plain->number);
}

/* How long the path at text is: `.name`, as often as that comes. */
static size_t path_length(const char *text)
{
    const char *at = text;

    while (*at == '.' && (isalpha((unsigned char)at[1]) || at[1] == '_'))
        for (at++; isalnum((unsigned char)*at) || *at == '_';)
            at++;
    return (size_t)(at - text);
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

static bool read_comparison(struct pf_jq_plain *plain, const char *text)
{
    const char *end = text + strlen(text);

    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t len = strlen(operators[i].text);

        if (strncmp(text, operators[i].text, len) != 0)
            continue;
        text = skip_blanks(text + len);
        while (end > text && strchr(" \t\r\n", end[-1]))
            end--;
        plain->compare = operators[i].compare;
        return read_constant(plain, text, (size_t)(end - text));
    }
    return false;
}

bool pf_jq_plain_init(struct pf_jq_plain *plain, struct pf_json_find *find,
                      const char *program)
{
    const char *path = skip_blanks(program);
    size_t len = path_length(path);
    const char *rest = skip_blanks(path + len);

    *plain = (struct pf_jq_plain){.find = find, .compare = PATH};
    if (!len || len > sizeof plain->path)
        return false;
    memcpy(plain->path, path + 1, len - 1);
    if (*rest && !read_comparison(plain, rest))
        return false;
    return !pf_json_find_init(find, plain->path, NULL);
}

static enum pf_jq_kind kind_of(char first)
{
    switch (first) {
    case 'n':
        return PF_JQ_NULL;
    case 'f':
        return PF_JQ_FALSE;
    case 't':
        return PF_JQ_TRUE;
    case '"':
        return PF_JQ_STRING;
    case '[':
        return PF_JQ_ARRAY;
    case '{':
        return PF_JQ_OBJECT;
    default:
        return PF_JQ_NUMBER;
    }
}

/* What the path leads to. False: libjq has to say. A member that is not in the
 * object that the json is, is null to it; of what is not an object it would be
 * a mistake. */
static bool result(const struct pf_jq_plain *plain, const char *json,
                   enum pf_jq_kind *ret)
{
    const struct pf_json_find *find = plain->find;

    *ret = PF_JQ_NULL;
    if (find->escaped)
        return false;
    if (!find->at)
        return find->n == 1 && *skip_blanks(json) == '{';
    *ret = kind_of(*find->at);
    return true;
}

static int order(double a, double b)
{
    return (a > b) - (a < b);
}

/* The string found and the program's: below, at or above 0. */
static int order_strings(const struct pf_jq_plain *plain)
{
    size_t len = plain->find->len - 2;
    size_t common = len < plain->len ? len : plain->len;
    int r = memcmp(plain->find->at + 1, plain->string, common);

    return r ? r : (len > plain->len) - (len < plain->len);
}

static bool is_so(int compare, int order)
{
    switch (compare) {
    case EQUAL:
        return order == 0;
    case NOT_EQUAL:
        return order != 0;
    case BELOW:
        return order < 0;
    case AT_MOST:
        return order <= 0;
    case ABOVE:
        return order > 0;
    default:
        return order >= 0;
    }
}

enum pf_jq_answer pf_jq_plain_is_true(const struct pf_jq_plain *plain,
                                      const char *json)
{
    const struct pf_json_find *find = plain->find;
    enum pf_jq_kind kind;
    double number;
    int found;

    if (!result(plain, json, &kind))
        return PF_JQ_ASK_LIBJQ;
    if (plain->compare == PATH)
        return kind > PF_JQ_FALSE ? PF_JQ_YES : PF_JQ_NO;
    found = (int)kind - (int)plain->kind;
    if (!found && kind == PF_JQ_NUMBER) {
        if (!read_number(find->at, find->len, &number))
            return PF_JQ_ASK_LIBJQ;
        found = order(number, plain->number);
    } else if (!found && kind == PF_JQ_STRING) {
        if (memchr(find->at, '\\', find->len))
            return PF_JQ_ASK_LIBJQ;
        found = order_strings(plain);
    }
    return is_so(plain->compare, found) ? PF_JQ_YES : PF_JQ_NO;
}

/* A whole number that libjq writes as it was. */
static bool is_plain_whole(const char *text, size_t len)
{
    size_t sign = *text == '-';

    if (len - sign > DIGITS_MAX || (sign && text[1] == '0'))
        return false;
    for (size_t i = sign; i < len; i++)
        if (!is_digit(text[i]))
            return false;
    return true;
}

enum pf_jq_answer pf_jq_plain_text(const struct pf_jq_plain *plain,
                                   const char *json, const char **ret,
                                   size_t *ret_len)
{
    const struct pf_json_find *find = plain->find;
    enum pf_jq_kind kind;

    if (plain->compare != PATH || !result(plain, json, &kind) ||
        kind >= PF_JQ_ARRAY)
        return PF_JQ_ASK_LIBJQ;
    if (kind == PF_JQ_NULL)
        return PF_JQ_NO;
    *ret = find->at;
    *ret_len = find->len;
    if (kind == PF_JQ_NUMBER)
        return is_plain_whole(*ret, *ret_len) ? PF_JQ_YES : PF_JQ_ASK_LIBJQ;
    if (kind != PF_JQ_STRING)
        return PF_JQ_YES;
    *ret += 1;
    *ret_len -= 2;
    return memchr(*ret, '\\', *ret_len) ? PF_JQ_ASK_LIBJQ : PF_JQ_YES;
}
