/* Settings in environment variables. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "settings.h"
#include "text.h"

/* In bytes; passwords and PEM chains are shorter. */
#define SECRET_FILE_MAX 65536

/* Turn the len bytes of "FEED_RATE" into "feed.rate". name has room for len
 * bytes and a NUL. */
static void to_setting_name(const char *variable, size_t len, char *name)
{
    for (size_t i = 0; i < len;) {
        size_t run = 0;

        while (i + run < len && variable[i + run] == '_' && run < 3)
            run++;
        if (run == 0)
            *name++ = (char)tolower((unsigned char)variable[i++]);
        else
            *name++ = run == 1 ? '.' : run == 2 ? '_' : '-';
        i += run;
    }
    *name = '\0';
}

/* Read the file at path into text. A NUL replaces the newlines at the end. */
static enum pf_rc read_secret(const char *path,
                              char text[static SECRET_FILE_MAX + 1],
                              struct pf_error *err)
{
    FILE *in = fopen(path, "re");
    size_t len;
    int why;

    if (!in)
        return pf_fail(err, PF_CONFIG, "%s: %s", path, strerror(errno));
    len = fread(text, 1, SECRET_FILE_MAX + 1, in);
    why = ferror(in) ? errno : 0;
    fclose(in);
    if (why)
        return pf_fail(err, PF_CONFIG, "%s: %s", path, strerror(why));
    if (len > SECRET_FILE_MAX)
        return pf_fail(err, PF_CONFIG, "%s: more than %d bytes", path,
                       SECRET_FILE_MAX);
    if (memchr(text, '\0', len))
        return pf_fail(err, PF_CONFIG, "%s: a NUL byte; is this a text file?",
                       path);
    while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    text[len] = '\0';
    return PF_OK;
}

/* Do the len bytes at text end in suffix? */
static bool ends_in(const char *text, size_t len, const char *suffix)
{
    size_t suffix_len = strlen(suffix);

    return len > suffix_len &&
           !memcmp(text + len - suffix_len, suffix, suffix_len);
}

/* The length of a protocol's name at text, in either case; 0: none. */
static size_t protocol_at(const char *text)
{
    static const char *const protocols[] = {"tcp", "udp", "sctp"};

    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
        if (!strncasecmp(text, protocols[i], strlen(protocols[i])))
            return strlen(protocols[i]);
    return 0;
}

/* Do the len bytes at name have "_PORT_9092_TCP" in them, with or without a
 * suffix? */
static bool has_port_and_protocol(const char *name, size_t len)
{
    static const char infix[] = "_PORT_";
    const char *end = name + len, *c = name;
    size_t protocol;

    while ((c = memmem(c, (size_t)(end - c), infix, sizeof infix - 1))) {
        const char *digits = c += sizeof infix - 1;

        c += strspn(c, "0123456789");
        if (c == digits || *c != '_')
            continue;
        protocol = protocol_at(c + 1);
        if (protocol && strchr("_=", c[1 + protocol]))
            return true;
    }
    return false;
}

/*
 * Is variable, "NAME=value", one that Kubernetes or Docker's links set for a
 * service? A service may have any name, so these can collide with our own
 * variables. For a service called feed they are FEED_SERVICE_HOST,
 * FEED_SERVICE_PORT, FEED_SERVICE_PORT_HTTP, FEED_PORT=tcp://10.0.0.9:9092,
 * FEED_PORT_9092_TCP, and the last with _PROTO, _PORT and _ADDR.
 *
 * NAME_PORT with an address in it is logged as a warning. The others come with
 * it and are never set by hand.
 */
static bool is_link_variable(const char *variable)
{
    size_t len = strcspn(variable, "=");
    const char *value = variable + len + (variable[len] == '=');
    size_t protocol = protocol_at(value);
    char text[60];

    if (ends_in(variable, len, "_PORT") && protocol &&
        !strncmp(value + protocol, "://", 3)) {
        pf_log(PF_LOG_WARNING,
               "environment %.*s: ignored: %s is what Kubernetes and Docker "
               "set for a service of that name",
               (int)len, variable,
               pf_escape(text, sizeof text, value, strlen(value)));
        return true;
    }
    return ends_in(variable, len, "_SERVICE_HOST") ||
           ends_in(variable, len, "_SERVICE_PORT") ||
           memmem(variable, len, "_SERVICE_PORT_", 14) ||
           has_port_and_protocol(variable, len);
}

/* Has text nothing but the blanks that pf_trim() removes? */
static bool is_blank(const char *text)
{
    while (*text && (unsigned char)*text <= ' ')
        text++;
    return !*text;
}

/* Does that variable, len bytes, name a file? If so, its setting's name is in
 * name. */
static bool names_a_file(const struct pf_variables *variables,
                         const char *variable, size_t len, char *name)
{
    if (!ends_in(variable, len, "_FILE"))
        return false;
    to_setting_name(variable, len - strlen("_FILE"), name);
    return !variables->knows || variables->knows(variables->context, name);
}

static enum pf_rc put_variable(struct pf_settings *settings,
                               const struct pf_variables *variables,
                               const char *variable, struct pf_error *err)
{
    size_t prefix_len = strlen(variables->prefix);
    size_t len = strcspn(variable, "=");
    const char *value = variable + len + 1;
    char name[256], where[256], secret[SECRET_FILE_MAX + 1];
    enum pf_rc rc;

    if (len == prefix_len || len >= sizeof name)
        return PF_OK; /* not one of our names */
    if (is_blank(value) || is_link_variable(variable))
        return PF_OK;
    snprintf(where, sizeof where, "environment %.*s", (int)len, variable);
    variable += prefix_len;
    len -= prefix_len;
    if (names_a_file(variables, variable, len, name)) {
        rc = read_secret(value, secret, err);
        if (rc)
            return pf_fail_in(err, rc, "%s: ", where);
        value = secret;
    } else {
        to_setting_name(variable, len, name);
    }
    return (variables->are_secrets ? pf_settings_put : pf_settings_put_given)(
        settings, name, value, where, PF_FROM_ENVIRONMENT, err);
}

enum pf_rc pf_settings_read_environment(struct pf_settings *settings,
                                        const struct pf_variables *variables,
                                        struct pf_error *err)
{
    size_t prefix_len = strlen(variables->prefix);
    enum pf_rc rc = PF_OK;

    for (char *const *v = variables->environment; *v && !rc; v++)
        if (!strncmp(*v, variables->prefix, prefix_len) && strchr(*v, '='))
            rc = put_variable(settings, variables, *v, err);
    return rc;
}
