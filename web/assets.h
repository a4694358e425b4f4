/* assets.h - the files of the page. */
#ifndef PF_WEB_ASSETS_H
#define PF_WEB_ASSETS_H

#include "http.h"

struct web_assets;

/**
 * Read the files of the directory dir that a page may have: HTML, JavaScript,
 * style sheets, pictures and JSON. These are served as they were then, and no
 * other file ever is.
 *
 * PF_CONFIG  dir is not there, or has no index.html
 * PF_IO      a file cannot be read, or is longer than a page's may be
 * PF_NOMEM   out of memory
 */
enum pf_rc web_assets_open(const char *dir, struct web_assets **ret,
                           struct pf_error *err);
void web_assets_close(struct web_assets *assets);

/** Routes: the page itself; the file that the path's first part names; the
 * description of the API. */
void web_asset_page(void *web, const struct pf_http_request *request,
                    struct pf_http_reply *reply);
void web_asset_file(void *web, const struct pf_http_request *request,
                    struct pf_http_reply *reply);
void web_asset_openapi(void *web, const struct pf_http_request *request,
                       struct pf_http_reply *reply);

#endif
