#include "program.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "stop.h"
#include "text.h"

/* What the command line asks for, besides settings. */
struct request {
    bool show_config; /* print the settings and exit */
    bool done;        /* --help or the like has been answered */
};

/* The most long options of its own that a program can have. */
#define LONGS_MAX 16

/* What getopt_long(3) returns for options without a short form; a program's own
 * are numbered from OWN on. */
enum { SHOW_CONFIG = 256, MANUAL, OWN };

static void print_longs(const struct pf_long_option *longs)
{
    for (; longs && longs->name; longs++) {
        int pad = (longs->value ? 16 : 10) - (int)strlen(longs->name);

        printf("      --%s%s%*s%s%s%s\n", longs->name,
               longs->value ? "" : "=VALUE", pad, "", longs->setting,
               longs->value ? " = " : "", longs->value ? longs->value : "");
    }
}

static void print_exit_codes(const struct pf_program *program)
{
    const char *text = program->exit_codes;

    if (!text && program->library)
        text = program->library->exit_codes;
    if (!text)
        text = "0 finished or asked to stop, 1 failed, 2 usage or "
               "configuration.";
    printf("\nExit codes: %s\n", text);
}

static void print_help(const struct pf_program *program)
{
    printf("usage: %s [-F FILE]... [-X NAME=VALUE]... [--show-config]\n\n"
           "%s\n"
           "  -F, --file FILE       read settings from a properties file; the "
           "last of several wins\n"
           "  -X, --set NAME=VALUE  set one; overrides environment and files\n"
           "      --show-config     print all settings with their sources and "
           "exit\n"
           "      --manual          print the settings as a Markdown table and "
           "exit\n"
           "  -h, --help            print this help and exit\n"
           "  -V, --version         print versions and exit\n",
           program->command, program->summary);
    print_longs(program->longs);
    printf(
        "\nEnvironment: %s and a name in capitals, with _ for ., __ for _ and "
        "___ for -. With _FILE\n"
        "at its end it names a file with the value. The command line overrides "
        "the environment,\nwhich overrides files.\n\n"
        "Settings (name = default):\n",
        program->prefix);
    pf_options_help(program->options, stdout);
    if (program->library)
        program->library->help(program->library_defaults, stdout);
    print_exit_codes(program);
}

static void print_version(const struct pf_program *program)
{
    const struct pf_part *parts = program->parts;

    printf("%s %s", program->command, PF_VERSION);
    for (const struct pf_part *p = parts; p && p->name; p++)
        printf("%s%s %s", p == parts ? " (" : ", ", p->name, p->version());
    puts(parts ? ")" : "");
}

static void print_manual(const struct pf_program *program)
{
    printf("| setting | default | values | meaning |\n"
           "| --- | --- | --- | --- |\n");
    pf_options_markdown(program->options, stdout);
    if (program->library)
        program->library->markdown(program->library_defaults, stdout);
}

#define SHORTS ":F:X:hV"

/* The long options: those of all programs and this one's own. */
static void list_longs(const struct pf_program *program,
                       struct option ret[static LONGS_MAX + 7])
{
    static const struct option all[] = {
        {"file", required_argument, NULL, 'F'},
        {"set", required_argument, NULL, 'X'},
        {"show-config", no_argument, NULL, SHOW_CONFIG},
        {"manual", no_argument, NULL, MANUAL},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
    };
    const struct pf_long_option *own = program->longs;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        *ret++ = all[i];
    for (int i = 0; own && own[i].name; i++)
        *ret++ = (struct option){own[i].name,
                                 own[i].value ? no_argument : required_argument,
                                 NULL, OWN + i};
    *ret = (struct option){0};
}

static enum pf_rc put_own(struct pf_settings *settings,
                          const struct pf_long_option *own,
                          const char *argument, struct pf_error *err)
{
    char where[64];

    snprintf(where, sizeof where, "command line --%s", own->name);
    return pf_settings_put(settings, own->setting,
                           own->value ? own->value : argument, where,
                           PF_FROM_COMMAND, err);
}

static enum pf_rc read_arguments(const struct pf_program *program, int argc,
                                 char **argv, struct pf_settings *settings,
                                 struct request *ret, struct pf_error *err)
{
    struct option longs[LONGS_MAX + 7];
    enum pf_rc rc = PF_OK;
    char word[8];
    int option;

    list_longs(program, longs);
    opterr = 0; /* our own message instead of getopt's */
    while (!rc && !ret->done &&
           (option = getopt_long(argc, argv, SHORTS, longs, NULL)) != -1) {
        switch (option) {
        case 'F':
            rc = pf_settings_read_file(settings, optarg, err);
            if (rc == PF_IO)
                rc = PF_CONFIG; /* the path is a mistake of usage */
            break;
        case 'X':
            rc = pf_settings_read_argument(settings, optarg, err);
            break;
        case SHOW_CONFIG:
            ret->show_config = true;
            break;
        case MANUAL:
            print_manual(program);
            ret->done = true;
            break;
        case 'h':
            print_help(program);
            ret->done = true;
            break;
        case 'V':
            print_version(program);
            ret->done = true;
            break;
        case ':':
            return pf_fail(err, PF_CONFIG, "%s needs a value; see %s --help",
                           argv[optind - 1], program->command);
        default:
            if (option >= OWN) {
                rc = put_own(settings, &program->longs[option - OWN], optarg,
                             err);
                break;
            }
            return pf_fail(err, PF_CONFIG, "unknown option %s; see %s --help",
                           pf_unknown_option(argv, SHORTS, word, sizeof word),
                           program->command);
        }
    }
    if (!rc && !ret->done && optind < argc)
        return pf_fail(err, PF_CONFIG, "unexpected '%.60s'; see %s --help",
                       argv[optind], program->command);
    return rc;
}

/* Is there a setting of that name? */
static bool knows(const void *context, const char *name)
{
    const struct pf_program *program = context;

    return pf_options_have(program->options, name) ||
           (program->library && program->library->knows(name));
}

/* Flush standard output, which may still fail. A reader that has closed its
 * pipe is not a failure. */
static enum pf_rc finish_output(struct pf_error *err)
{
    if ((fflush(stdout) || ferror(stdout)) && errno != EPIPE)
        return pf_fail(err, PF_IO, "standard output: %s", strerror(errno));
    return PF_OK;
}

/* Check the settings; then do the work, or show them. */
static enum pf_rc start(const struct pf_program *program,
                        const struct pf_settings *settings, void *conf,
                        bool show_config, struct pf_error *err)
{
    const struct pf_library *library = program->library;
    void *library_conf = NULL;
    enum pf_rc rc;

    rc = pf_options_apply(conf, program->options, settings, err);
    if (!rc)
        rc = program->prepare(conf, settings, err);
    if (!rc && library)
        rc = library->conf_new(program->library_defaults, settings,
                               &library_conf, err);
    else if (!rc)
        rc = pf_options_check_names(program->options, settings, false, err);
    if (rc)
        return rc;
    if (!show_config)
        return program->run(conf, library_conf, err);
    pf_options_show(program->options, settings, stdout);
    if (library) {
        library->show(program->library_defaults, settings, stdout);
        library->conf_free(library_conf);
    }
    return finish_output(err);
}

int pf_program_main(const struct pf_program *program, int argc, char **argv,
                    void *conf)
{
    struct pf_settings settings = pf_settings_init();
    struct request request = {0};
    struct pf_error err = {0};
    enum pf_rc rc;

    pf_log_init(program->name, PF_LOG_INFO);
    rc = pf_stop_init(&err);
    if (!rc)
        rc = read_arguments(program, argc, argv, &settings, &request, &err);
    if (!rc && request.done) {
        rc = finish_output(&err);
    } else if (!rc) {
        rc = pf_settings_read_environment(
            &settings,
            &(struct pf_variables){.environment = environ,
                                   .prefix = program->prefix,
                                   .knows = knows,
                                   .context = program},
            &err);
        if (!rc)
            rc = start(program, &settings, conf, request.show_config, &err);
    }

    if (rc == PF_END)
        pf_log(PF_LOG_INFO, "%s", err.text);
    else if (rc)
        pf_log(PF_LOG_ERROR, "%s: %s", pf_rc_text(rc), err.text);
    pf_options_release(conf, program->options);
    pf_settings_release(&settings);
    return pf_exit_code(rc);
}
