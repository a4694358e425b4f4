#include "log_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool name_ok(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return n && n < WEB_LOG_NAME && !name[n];
}

bool web_log_path(const char *run, const char *name, char ret[WEB_LOG_PATH])
{
    int n = snprintf(ret, WEB_LOG_PATH, "%s/log/%s.log", run, name);

    return name_ok(name) && n > 0 && n < WEB_LOG_PATH;
}

/* The name of the log in a file of that name; false: it is not a log. */
static bool name_of(const char *file, char ret[WEB_LOG_NAME])
{
    size_t n = strlen(file);

    if (n < 5 || n - 4 >= WEB_LOG_NAME || strcmp(file + n - 4, ".log") != 0)
        return false;
    memcpy(ret, file, n - 4);
    ret[n - 4] = '\0';
    return name_ok(ret);
}

static int by_name(const void *a, const void *b)
{
    const struct web_log_file *one = a, *other = b;

    return strcmp(one->name, other->name);
}

size_t web_logs_list(const char *run, struct web_log_file ret[WEB_LOGS])
{
    char path[WEB_LOG_PATH]; /* too long for the system if it is cut */
    struct dirent *file;
    struct stat st;
    size_t n = 0;
    DIR *files;

    snprintf(path, sizeof path, "%s/log", run);
    files = opendir(path);
    if (!files)
        return 0;
    while (n < WEB_LOGS && (file = readdir(files))) {
        if (!name_of(file->d_name, ret[n].name) ||
            fstatat(dirfd(files), file->d_name, &st, AT_SYMLINK_NOFOLLOW) !=
                0 ||
            !S_ISREG(st.st_mode))
            continue;
        ret[n].size = (uint64_t)st.st_size;
        ret[n].changed_ms = (int64_t)st.st_mtim.tv_sec * 1000 +
                            st.st_mtim.tv_nsec / 1000000;
        n++;
    }
    closedir(files);
    qsort(ret, n, sizeof *ret, by_name);
    return n;
}
