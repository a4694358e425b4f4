/* Any file, environment and command line: a mistake is told with its place, or
 * what is taken is within its limits. The parts are divided by NULs. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "log.h"
#include "options.h"
#include "settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct conf {
    char *text;
    double number;
    int64_t whole;
    int choice;
    bool flag;
    struct pf_family family;
};

static const struct pf_option table[] = {
    PF_OPTION_STR(struct conf, text, "feed.text", "t", "text"),
    PF_OPTION_NUM(struct conf, number, "feed.number", "10", -1, 1e7, "number"),
    PF_OPTION_INT(struct conf, whole, "feed.whole", "0", -5, 1e15, "whole"),
    PF_OPTION_CHOICE(struct conf, choice, "feed.choice", "a", "a|bc|d", "one"),
    PF_OPTION_BOOL(struct conf, flag, "feed.flag", "false", "flag"),
    PF_OPTION_FAMILY(struct conf, family, "feed.of.NAME", "any"),
    PF_OPTION_END,
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Take one part: the first is a file, then come variables and arguments. */
static enum pf_rc take(struct pf_settings *settings, char *part, int number,
                       struct pf_error *err)
{
    char *environment[] = {part, NULL};
    char path[40];
    enum pf_rc rc;
    int fd;

    if (number == 0 && *part) {
        fd = memfd_create("file", 0);
        must(write(fd, part, strlen(part)) == (ssize_t)strlen(part));
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        rc = pf_settings_read_file(settings, path, err);
        close(fd);
        return rc;
    }
    if (number % 2 == 0)
        return pf_settings_read_argument(settings, part, err);
    if (strstr(part, "_FILE"))
        return PF_OK; /* would read any file of this machine */
    return pf_settings_read_environment(
        settings,
        &(struct pf_variables){.environment = environment, .prefix = "P_"},
        err);
}

static void check(const struct conf *conf, const struct pf_settings *settings)
{
    FILE *out = fopen("/dev/null", "we");

    must(conf->text);
    must(conf->number >= -1 && conf->number <= 1e7);
    must(conf->whole >= -5 && conf->whole <= INT64_C(1000000000000000));
    must(conf->choice >= 0 && conf->choice <= 2);
    for (size_t i = 0; i < conf->family.n; i++)
        must(*conf->family.at[i].name && conf->family.at[i].value);
    for (size_t i = 0; i < settings->n; i++)
        must(pf_settings_get(settings, settings->list[i].name) ==
             &settings->list[i]); /* each name once */
    pf_options_show(table, settings, out);
    fclose(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pf_settings settings = pf_settings_init();
    char *text = malloc(size + 1), *part = text;
    struct pf_error err = {0};
    enum pf_rc rc = PF_OK;
    struct conf conf = {0};

    pf_log_init("fuzz", PF_LOG_ERROR); /* no warning for each unknown name */
    memcpy(text, data, size);
    text[size] = '\0';
    for (int number = 0; part <= text + size && !rc; number++) {
        rc = take(&settings, part, number, &err);
        part += strlen(part) + 1;
    }
    if (!rc)
        rc = pf_options_apply(&conf, table, &settings, &err);
    if (rc)
        must(rc == PF_CONFIG && strchr(err.text, ':'));
    else
        check(&conf, &settings);
    pf_options_release(&conf, table);
    pf_settings_release(&settings);
    free(text);
    return 0;
}
