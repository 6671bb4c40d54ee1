/* Foreign bytes where a query's checkpoint, options or records are expected. First byte O: offsets/N; I: sources/0/0;
 * M: metadata; C: commits/N; R: GetRecords' answer; 1 to 4: offsets/N of a source without shards, a to d: its sources/0/0; F: sources/0/N of
 * files; P: what a client starts a query with; else a line of options. What is read can be written and read again. */
#include <stdlib.h>

#include "../cleaning/pinterest.h"
#include "streaming/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void need(bool what)
{
	if (!what)
		abort();
}

static void offsets(struct slice text, int (*parse)(const char *, struct slice, struct sq_offsets *, struct error *),
		    void (*put)(struct buf *, const struct sq_offsets *))
{
	struct sq_offsets o = { 0 }, again = { 0 };
	struct buf a = { 0 }, b = { 0 };
	struct error err;
	if (parse("f", text, &o, &err))
		return;
	put(&a, &o);
	need(parse("f", buf_slice(&a), &again, &err) == 0);
	put(&b, &again);
	need(sl_eq(buf_slice(&a), buf_slice(&b)));
	need(again.n == o.n);
	sq_offsets_free(&o);
	sq_offsets_free(&again);
	buf_free(&a);
	buf_free(&b);
}

static void options(struct slice line)
{
	struct sq_options o, again;
	struct buf a = { 0 }, b = { 0 };
	struct error err;
	static struct cleaning all;
	static struct arena text;
	if (!text.used)
		pinterest_open(&all, &text);
	sq_options_init(&o, &all.sets, S("q"));
	if (sq_options_parse(&o, line, &err) || sq_options_finish(&o, &err))
		return;
	sq_options_text(&a, &o);
	sq_options_init(&again, &all.sets, S("q"));
	need(sq_options_parse(&again, buf_slice(&a), &err) == 0);
	need(sq_options_finish(&again, &err) == 0);
	sq_options_text(&b, &again);
	need(sl_eq(buf_slice(&a), buf_slice(&b)));
	buf_free(&a);
	buf_free(&b);
}

static void records(struct slice body)
{
	struct sq *q = xcalloc(1, sizeof(*q));
	buf_addsl(&q->body, body);
	sq_parse_records(q);
	need(q->answer.got == q->record_n);
	free(q->answer.next);
	sq_records_clear(q);
	buf_free(&q->body);
	free(q);
}

static void marks(struct slice text, enum sq_source source)
{
	struct sq_offsets o = { 0 }, again = { 0 };
	struct buf a = { 0 }, b = { 0 };
	struct error err;
	if (sq_mark_parse("f", text, source, &o, &err))
		return;
	sq_mark_text(&a, source, &o);
	need(sq_mark_parse("f", buf_slice(&a), source, &again, &err) == 0);
	sq_mark_text(&b, source, &again);
	need(sl_eq(buf_slice(&a), buf_slice(&b)));
	sq_offsets_free(&o);
	sq_offsets_free(&again);
	buf_free(&a);
	buf_free(&b);
}

static void mark_initial(struct slice text, enum sq_source source)
{
	struct sq_mark m, again;
	struct buf a = { 0 };
	struct error err;
	if (sq_mark_initial_parse("f", text, source, &m, &err))
		return;
	sq_mark_initial_text(&a, source, &m);
	need(sq_mark_initial_parse("f", buf_slice(&a), source, &again, &err) == 0);
	need(again.at == m.at && again.ms == m.ms && again.initial == m.initial);
	buf_free(&a);
}

static int on_path(void *arg, struct slice path)
{
	need(path.n > 0);
	return 0;
}

static void started(struct slice body)
{
	struct sq_options o;
	struct datasets none = { 0 };
	struct error err;
	sq_options_init(&o, &none, S("q"));
	(void)(sq_plan_options(&o, body, &err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice text = n ? sl_of(p + 1, n - 1) : S("");
	struct error err;
	char id[37];
	switch (n ? p[0] : 0) {
	case 'O':
		offsets(text, sq_offsets_parse, sq_offsets_text);
		break;
	case 'I':
		offsets(text, sq_initial_parse, sq_initial_text);
		break;
	case 'M':
		(void)(sq_metadata_parse("f", text, id, &err) == 0);
		break;
	case 'C':
		(void)(sq_commit_parse("f", text, &err) == 0);
		break;
	case 'R':
		records(text);
		break;
	case '1':
	case '2':
	case '3':
	case '4':
		marks(text, (enum sq_source)(p[0] - '0'));
		break;
	case 'a':
	case 'b':
	case 'c':
	case 'd':
		mark_initial(text, (enum sq_source)(p[0] - 'a' + 1));
		break;
	case 'F':
		(void)(sq_files_parse("f", text, on_path, NULL, &err) == 0);
		break;
	case 'P':
		started(text);
		break;
	default:
		options(text);
	}
	return 0;
}
