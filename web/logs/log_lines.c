#include "log_lines.h"

#include <stdlib.h>
#include <string.h>

#include "text_json.h"

static struct pf_log_line *place(const struct web_log_lines *lines,
                                 size_t index)
{
    return &lines->at[(lines->first + index) % lines->limit];
}

static void drop_oldest(struct web_log_lines *lines)
{
    struct pf_log_line *line = place(lines, 0);

    lines->bytes -= line->n;
    free((char *)line->text);
    lines->first = (lines->first + 1) % lines->limit;
    lines->n--;
    lines->left_out++;
}

void web_log_lines_take(void *context, const struct pf_log_line *line)
{
    struct web_log_lines *lines = context;
    char *text;

    if (line->level > lines->least)
        return;
    if (!lines->at)
        lines->at = calloc(lines->limit, sizeof *lines->at);
    text = malloc(line->n + 1);
    if (!lines->at || !text) {
        free(text);
        lines->failed = true;
        return;
    }
    while (lines->n &&
           (lines->n == lines->limit || lines->bytes + line->n > lines->size))
        drop_oldest(lines);
    memcpy(text, line->text, line->n);
    *place(lines, lines->n) = *line;
    place(lines, lines->n)->text = text;
    lines->n++;
    lines->bytes += line->n;
}

void web_log_lines_clear(struct web_log_lines *lines)
{
    while (lines->n)
        drop_oldest(lines);
    free(lines->at);
    lines->at = NULL;
    lines->first = 0;
    lines->left_out = 0;
}

const struct pf_log_line *web_log_lines_at(const struct web_log_lines *lines,
                                           size_t index)
{
    return place(lines, index);
}

struct json_object *web_log_line_json(const struct pf_log_line *line)
{
    struct json_object *json = json_object_new_object();

    json_object_object_add(
        json, "time", line->time_ms < 0 ? NULL : web_time_json(line->time_ms));
    json_object_object_add(
        json, "level", json_object_new_string(pf_log_level_name(line->level)));
    json_object_object_add(json, "text", web_text_json(line->text, line->n));
    return json;
}
