#include "properties_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "utf8.h"

/* Take the UTF-8 character at *text and move *text past it. A byte that does
 * not begin a character is taken alone. */
static uint32_t take_character(const char **text)
{
    const char *in = *text;
    size_t size;
    int32_t code = pf_utf8_decode(in, strnlen(in, 4), &size);

    *text = in + (code < 0 ? 1 : size);
    return code < 0 ? (unsigned char)*in : (uint32_t)code;
}

/* Java reads these files as Latin-1; other characters need an escape. */
static void put_character(FILE *out, uint32_t code)
{
    if (code >= 0x20 && code < 0x7f) {
        fputc((int)code, out);
    } else if (code < 0x10000) {
        fprintf(out, "\\u%04x", code);
    } else {
        code -= 0x10000;
        fprintf(out, "\\u%04x\\u%04x", 0xd800 + (code >> 10),
                0xdc00 + (code & 0x3ff));
    }
}

static void put_text(FILE *out, const char *text, const char *special)
{
    const char *in = text;
    bool leading = true; /* blanks at the beginning would be skipped */

    while (*in) {
        if (strchr(special, *in) || (leading && *in == ' '))
            fputc('\\', out);
        leading = leading && *in == ' ';
        put_character(out, take_character(&in));
    }
}

void pf_properties_write(FILE *out, const char *name, const char *value)
{
    put_text(out, name, "\\ =:#!");
    fputc('=', out);
    put_text(out, value, "\\");
    fputc('\n', out);
}

static enum pf_rc write_all(int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return PF_IO;
        text += n;
        len -= (size_t)n;
    }
    return PF_OK;
}

/* Write text to a new file, then rename it to path. */
static enum pf_rc replace_file(const char *path, const char *text, size_t len,
                               struct pf_error *err)
{
    char *fresh = NULL;
    enum pf_rc rc = PF_OK;
    int fd;

    if (asprintf(&fresh, "%s.new", path) < 0)
        return pf_fail(err, PF_NOMEM, "%s: out of memory", path);
    unlink(fresh); /* left by a writer that was killed */
    fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write_all(fd, text, len) || rename(fresh, path))
        rc = pf_fail(err, PF_IO, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    free(fresh);
    return rc;
}

enum pf_rc pf_properties_write_file(const char *path, const char *heading,
                                    const struct pf_settings *settings,
                                    struct pf_error *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    enum pf_rc rc;

    if (!out)
        return pf_fail(err, PF_NOMEM, "%s: out of memory", path);
    fputs(heading, out);
    for (size_t i = 0; i < settings->n; i++)
        pf_properties_write(out, settings->list[i].name,
                            settings->list[i].value);
    if (fclose(out))
        rc = pf_fail(err, PF_NOMEM, "%s: out of memory", path);
    else
        rc = replace_file(path, text, len, err);
    free(text);
    return rc;
}
