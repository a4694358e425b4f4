#include "properties_write.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
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

enum pf_rc pf_properties_write_file(const char *path, const char *heading,
                                    const struct pf_settings *settings,
                                    struct pf_error *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    enum pf_rc rc;
    bool failed;

    if (!out)
        return pf_fail(err, PF_NOMEM, "%s: out of memory", path);
    fputs(heading, out);
    for (size_t i = 0; i < settings->n; i++)
        pf_properties_write(out, settings->list[i].name,
                            settings->list[i].value);
    failed = ferror(out);
    failed = fclose(out) || failed;
    rc = failed ? pf_fail(err, PF_NOMEM, "%s: out of memory", path)
                : pf_file_replace(path, text, len, 0600, false, err);
    free(text);
    return rc;
}
