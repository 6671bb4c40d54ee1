/* A dataset's source: whatever its bytes, it is read or refused with the file's name, and what was read makes rows. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cleaning/dataset.h"
#include "core/stack.h"
#include "rds/seed_make.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void need(bool ok)
{
	if (!ok)
		abort();
}

/* The default stack's words and entities. Their holes are looked at here, so that nothing of them is an input's. */
static const struct seed *words(void)
{
	static struct seed *g;
	struct stack_files *files;
	struct conf *conf;
	struct error err;
	if (g)
		return g;
	conf = conf_new();
	need(!stack_open(NULL, &files, &err) && !stack_conf(files, conf, &err) && !seed_open(files, conf, 7, 100, &g, &err));
	for (size_t i = 0; i < g->list_n; i++)
		need(!seed_list_cut(g, &g->lists[i]));
	stack_close(files);
	conf_free(conf);
	return g;
}

static void make_rows(struct seed *g, const struct seed_source *s)
{
	struct slice cells[SEED_COLUMNS_MAX];
	for (int64_t row = 0; row < s->table.rows; row += 33) {
		seed_row(g, &s->table, row, cells);
		for (size_t i = 0; i < s->table.column_n; i++)
			need(!cells[i].p || sl_is_utf8(cells[i]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct seed g = *words();
	struct seed_source *s;
	struct dataset d = { .file = "x.dataset", .source = "x", .source_lines = { sl_of(n ? p : (const uint8_t *)"", n), 2 } };
	struct error err = { 0 };
	if (!sl_is_utf8(d.source_lines.text) || sl_chr(d.source_lines.text, '\0') >= 0)
		return 0; /* dataset_parse refuses them */
	g.kept = g.arena = (struct arena){ 0 };
	s = xcalloc(1, sizeof(*s));
	s->table.rows = 100;
	if (seed_source_read(&g, &d, s, &err))
		need(err.kind == ERR_INVALID && !strncmp(err.text, "x.dataset:", 10));
	else
		make_rows(&g, s);
	arena_free(&g.kept);
	arena_free(&g.arena);
	free(s);
	return 0;
}
