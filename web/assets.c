#include "assets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vec.h"
#include "web.h"

#define ASSET_MAX (1024 * 1024) /* bytes of a file */

struct asset {
    char *name;
    const char *type;
    struct pf_buffer bytes;
};

struct web_assets {
    PF_VEC(struct asset) files;
};

/* The type of a file that a page may have, by its name; or NULL. */
static const char *type_of(const char *name)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".json", "application/json"},
    };
    const char *ending = strrchr(name, '.');

    for (size_t i = 0; ending && i < sizeof types / sizeof *types; i++)
        if (!strcmp(ending, types[i].ending))
            return types[i].type;
    return NULL;
}

static enum pf_rc read_file(int dir, const char *name, struct pf_buffer *ret,
                            struct pf_error *err)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    enum pf_rc rc = PF_OK;
    char block[16384];
    ssize_t n = -1;

    while (fd >= 0 && ret->n <= ASSET_MAX &&
           (n = read(fd, block, sizeof block)) > 0)
        pf_buffer_put(ret, block, (size_t)n);
    if (n < 0)
        rc = pf_fail(err, PF_IO, "%s: %s", name, strerror(errno));
    else if (ret->n > ASSET_MAX)
        rc = pf_fail(err, PF_IO, "%s: it has more than %d bytes", name,
                     ASSET_MAX);
    else if (ret->failed)
        rc = pf_fail(err, PF_NOMEM, "out of memory");
    if (fd >= 0)
        close(fd);
    return rc;
}

static enum pf_rc add_file(struct web_assets *assets, int dir, const char *name,
                           const char *type, struct pf_error *err)
{
    struct asset asset = {.name = strdup(name), .type = type};
    enum pf_rc rc;

    if (!asset.name || !PF_VEC_PUSH(&assets->files, asset)) {
        free(asset.name);
        return pf_fail(err, PF_NOMEM, "out of memory");
    }
    rc = read_file(dir, name, &PF_VEC_LAST(&assets->files)->bytes, err);
    return rc;
}

static const struct asset *find(const struct web_assets *assets,
                                const char *name)
{
    for (size_t i = 0; i < assets->files.n; i++)
        if (!strcmp(assets->files.at[i].name, name))
            return &assets->files.at[i];
    return NULL;
}

static enum pf_rc read_dir(struct web_assets *assets, DIR *dir,
                           struct pf_error *err)
{
    enum pf_rc rc = PF_OK;
    struct dirent *entry;

    while (!rc && (entry = readdir(dir)))
        if (entry->d_name[0] != '.' && type_of(entry->d_name))
            rc = add_file(assets, dirfd(dir), entry->d_name,
                          type_of(entry->d_name), err);
    if (!rc && !find(assets, "index.html"))
        rc = pf_fail(err, PF_CONFIG, "it has no index.html");
    return rc;
}

enum pf_rc web_assets_open(const char *path, struct web_assets **ret,
                           struct pf_error *err)
{
    struct web_assets *assets = calloc(1, sizeof *assets);
    DIR *dir = opendir(path);
    enum pf_rc rc;

    if (!dir)
        rc = pf_fail(err, PF_CONFIG, "%s", strerror(errno));
    else if (!assets)
        rc = pf_fail(err, PF_NOMEM, "out of memory");
    else
        rc = read_dir(assets, dir, err);
    if (dir)
        closedir(dir);
    if (rc) {
        web_assets_close(assets);
        return pf_fail_in(err, rc, "the page's files in %s: ", path);
    }
    *ret = assets;
    return PF_OK;
}

void web_assets_close(struct web_assets *assets)
{
    if (!assets)
        return;
    for (size_t i = 0; i < assets->files.n; i++) {
        free(assets->files.at[i].name);
        pf_buffer_release(&assets->files.at[i].bytes);
    }
    free(assets->files.at);
    free(assets);
}

static void answer(const struct web *web, const char *name,
                   struct pf_http_reply *reply)
{
    const struct asset *asset = find(web->assets, name);

    if (!asset) {
        pf_http_refuse(reply, 404, "there is no /%s", name);
        return;
    }
    reply->type = asset->type;
    pf_buffer_put(&reply->body, asset->bytes.at, asset->bytes.n);
}

void web_asset_page(void *web, const struct pf_http_request *request,
                    struct pf_http_reply *reply)
{
    (void)request;
    answer(web, "index.html", reply);
}

void web_asset_file(void *web, const struct pf_http_request *request,
                    struct pf_http_reply *reply)
{
    answer(web, pf_http_part(request, 0), reply);
}

void web_asset_openapi(void *web, const struct pf_http_request *request,
                       struct pf_http_reply *reply)
{
    (void)request;
    answer(web, "openapi.json", reply);
}
