#include "foreign.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Where tar's magic is in its header. */
#define TAR_AT 257

struct foreign {
    const char *name;
    const char *magic; /* its first len bytes */
    size_t len;
    const char *command; /* turns a file, or standard input, into something
                            that is read; NULL: no short command does */
};

#define FOREIGN(name, magic, command)          \
    {                                          \
        name, magic, sizeof magic - 1, command \
    }

static const struct foreign forms[] = {
    FOREIGN("xz", "\xfd\x37zXZ\0", "xz -dc"),
    FOREIGN("zip", "PK\3\4", "unzip -p"),
    FOREIGN("7z", "7z\xbc\xaf\x27\x1c", "7z x -so"),
    FOREIGN("rar", "Rar!\x1a\7", "unrar p -inul"),
    FOREIGN("lz4", "\4\"M\x18", "lz4 -dc"),
    FOREIGN("lzip", "LZIP", "lzip -dc"),
    FOREIGN("lzop", "\x89LZO", "lzop -dc"),
    FOREIGN("compress", "\x1f\x9d", "gzip -dc"),
    FOREIGN("snappy", "\xff\6\0\0sNaPpY", "snzip -dc"),
    FOREIGN("Avro", "Obj\1", "avro-tools tojson"),
    FOREIGN("ORC", "ORC", "orc-contents"),
    FOREIGN("Parquet", "PAR1", NULL),
    FOREIGN("Arrow", "ARROW1", NULL),
    FOREIGN("UTF-32", "\xff\xfe\0\0", "iconv -f UTF-32 -t UTF-8"),
    FOREIGN("UTF-32", "\0\0\xfe\xff", "iconv -f UTF-32 -t UTF-8"),
    FOREIGN("UTF-16", "\xff\xfe", "iconv -f UTF-16 -t UTF-8"),
    FOREIGN("UTF-16", "\xfe\xff", "iconv -f UTF-16 -t UTF-8"),
    FOREIGN("UTF-16", "{\0", "iconv -f UTF-16LE -t UTF-8"),
    FOREIGN("UTF-16", "[\0", "iconv -f UTF-16LE -t UTF-8"),
    FOREIGN("UTF-16", "\0{", "iconv -f UTF-16BE -t UTF-8"),
    FOREIGN("UTF-16", "\0[", "iconv -f UTF-16BE -t UTF-8"),
    /* Refused only inside another packing; by itself each is read. */
    FOREIGN("gzip", "\x1f\x8b", ""),
    FOREIGN("bzip2", "BZh", ""),
    FOREIGN("zstd", "\x28\xb5\x2f\xfd", ""),
};

/* tar itself unpacks a packed archive. */
static const struct foreign tar = {.name = "tar", .command = "tar -xOf"};

static enum pf_rc refuse(const char *file, const struct foreign *form,
                         const char *packing, struct pf_error *err)
{
    char name[30], command[80];

    snprintf(name, sizeof name, "%s%s%s", form->name, packing ? " in " : "",
             packing ? packing : "");
    if (!form->command)
        return pf_fail(err, PF_CONFIG,
                       "%s: it is %s, which is not read; turn it into JSON "
                       "Lines first, as DuckDB and pyarrow can",
                       file, name);
    if (packing && form != &tar)
        snprintf(command, sizeof command, "%s -dc FILE%s%s", packing,
                 *form->command ? " | " : "", form->command);
    else
        snprintf(command, sizeof command, "%s FILE", form->command);
    return pf_fail(err, PF_CONFIG,
                   "%s: it is %s, which is not read; unpack it first, or on "
                   "the way: %s | pf-producer -X feed.replay.path=- ...",
                   file, name, command);
}

enum pf_rc pf_foreign_check(const char *file, const unsigned char *at, size_t n,
                            const char *packing, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const struct foreign *form = &forms[i];
        size_t len = n < form->len ? n : form->len;
        bool own = form->command && !*form->command;

        if ((own && !packing) || memcmp(at, form->magic, len) != 0)
            continue;
        if (n >= form->len)
            return refuse(file, form, packing, err);
        rc = PF_AGAIN;
    }
    if (n >= TAR_AT + 5 && !memcmp(at + TAR_AT, "ustar", 5))
        return refuse(file, &tar, packing, err);
    return rc;
}
