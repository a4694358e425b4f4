#include "kafka_program.h"

#include <string.h>

#include "text.h"

static bool knows(const char *name)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bool known = rd_kafka_conf_set(conf, name, "", NULL, 0) !=
                 RD_KAFKA_CONF_UNKNOWN;

    rd_kafka_conf_destroy(conf);
    return known;
}

static void help(const void *defaults, FILE *out)
{
    fprintf(out, "\nAny other name is a property of librdkafka, and passes "
                 "through. Set by default:\n");
    for (const struct pf_kafka_default *d = defaults; d->name; d++)
        fprintf(out, "  %s = %s\n", d->name, d->value);
}

static void markdown(const void *defaults, FILE *out)
{
    fprintf(out, "\n| librdkafka's | set to | why |\n| --- | --- | --- |\n");
    for (const struct pf_kafka_default *d = defaults; d->name; d++)
        fprintf(out, "| `%s` | `%s`%s | %s |\n", d->name, d->value,
                d->kind == PF_KAFKA_FIXED ? " (fixed)" : "", d->why);
}

static void show(const void *defaults, const struct pf_settings *settings,
                 FILE *out)
{
    for (const struct pf_kafka_default *d = defaults; d->name; d++)
        if (!pf_settings_get(settings, d->name))
            fprintf(out, "%s = %s  # default\n", d->name, d->value);
    for (size_t i = 0; i < settings->n; i++) {
        const struct pf_setting *s = &settings->list[i];

        if (pf_setting_is_ours(s->name))
            continue;
        pf_setting_show(s->name, s->value, pf_is_secret(s->name), s->where,
                        out);
    }
}

static enum pf_rc conf_new(const void *defaults,
                           const struct pf_settings *settings, void **ret,
                           struct pf_error *err)
{
    rd_kafka_conf_t *conf;
    enum pf_rc rc = pf_kafka_conf_new(defaults, settings, &conf, err);

    if (!rc)
        *ret = conf;
    return rc;
}

static void conf_free(void *conf)
{
    rd_kafka_conf_destroy(conf);
}

enum pf_rc pf_kafka_prepare_group(struct pf_kafka_default *defaults,
                                  const char *group,
                                  const struct pf_settings *settings,
                                  struct pf_error *err)
{
    const struct pf_setting *set = pf_settings_get(settings, "group.id");

    if (set && !*set->value)
        return pf_fail(err, PF_CONFIG,
                       "%s: group.id: it is empty; positions are kept under "
                       "this name",
                       set->where);
    pf_kafka_default_set(defaults, "group.id", group);
    /* Before 2.2, librdkafka has no fetch.queue.backoff.ms, and stops fetching
     * for a second whenever this many records wait: make that rare. */
    if (rd_kafka_version() < 0x02020000)
        pf_kafka_default_set(defaults, "queued.min.messages", "100000");
    return PF_OK;
}

const struct pf_library pf_kafka_library = {
    .exit_codes = "0 finished or asked to stop, 1 failed, 2 usage or "
                  "configuration,\n3 records undelivered, 4 fatal Kafka "
                  "error.",
    .knows = knows,
    .help = help,
    .markdown = markdown,
    .show = show,
    .conf_new = conf_new,
    .conf_free = conf_free,
};
