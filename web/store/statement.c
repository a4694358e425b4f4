#include "statement.h"

#include <stdlib.h>
#include <string.h>

void web_statement_release(struct web_statement *s)
{
    for (size_t i = 0; i < s->values.n; i++)
        free(s->values.at[i].text);
    free(s->values.at);
    pf_buffer_release(&s->text);
    *s = (struct web_statement){0};
}

void web_put_sql(struct web_statement *s, const char *sql)
{
    pf_buffer_text(&s->text, sql);
}

void web_put_name(struct web_statement *s, const char *name)
{
    pf_buffer_text(&s->text, "\"");
    for (; *name; name++) {
        pf_buffer_put(&s->text, name, 1);
        pf_buffer_put(&s->text, name, *name == '"');
    }
    pf_buffer_text(&s->text, "\"");
}

void web_put_column(struct web_statement *s,
                    const struct web_store_column *column)
{
    web_put_sql(s, "t.");
    web_put_name(s, column->name);
}

void web_put_table(struct web_statement *s, const char *schema,
                   const struct web_store_table *table)
{
    web_put_name(s, schema);
    web_put_sql(s, ".");
    web_put_name(s, table->name);
}

void web_put_value(struct web_statement *s, const char *text,
                   const struct web_store_column *of)
{
    struct web_value value = {strdup(text), of};

    if (!value.text || !PF_VEC_PUSH(&s->values, value)) {
        free(value.text);
        pf_buffer_release(&s->text);
        s->text.failed = true;
        return;
    }
    pf_buffer_printf(&s->text, "$%zu", s->values.n);
}

enum pf_rc web_statement_end(struct web_statement *s, struct pf_error *err)
{
    pf_buffer_put(&s->text, "", 1);
    return s->text.failed ? pf_fail(err, PF_NOMEM, "out of memory") : PF_OK;
}
