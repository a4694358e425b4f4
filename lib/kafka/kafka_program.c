#include "kafka_program.h"

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
    pf_kafka_conf_markdown(defaults, out);
}

static void show(const void *defaults, const struct pf_settings *settings,
                 FILE *out)
{
    pf_kafka_conf_show(defaults, settings, out);
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

const struct pf_library pf_kafka_library = {
    .exit_codes = "0 finished or asked to stop, 1 failed, 2 usage or "
                  "configuration,\n3 records undelivered, 4 fatal Kafka "
                  "error.",
    .knows = pf_kafka_conf_knows,
    .help = help,
    .markdown = markdown,
    .show = show,
    .conf_new = conf_new,
    .conf_free = conf_free,
};
