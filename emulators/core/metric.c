#include "metric.h"

#include "json.h"

struct op_count {
	char *service, *op;
	int64_t calls, errors, us;
};

struct row_block {
	struct metric *rows;
	size_t n;
};

struct metrics {
	struct row_block *blocks;
	size_t block_n;
	struct op_count *ops;
	size_t op_n, op_cap;
};

enum { OPS_MAX = 512 }; /* operation names come from tables; a leak of client text must not grow this for ever */

struct metrics *metrics_new(void)
{
	return xcalloc(1, sizeof(struct metrics));
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->op_n; i++) {
		free(m->ops[i].service);
		free(m->ops[i].op);
	}
	free(m->ops);
	free(m->blocks);
	free(m);
}

void metrics_add(struct metrics *m, struct metric *rows, size_t n)
{
	m->blocks = xrealloc(m->blocks, (m->block_n + 1) * sizeof(*m->blocks));
	m->blocks[m->block_n++] = (struct row_block){ rows, n };
}

void metrics_forget(struct metrics *m)
{
	m->block_n = 0;
}

void metrics_anew(struct metrics *m)
{
	for (size_t i = 0; i < m->op_n; i++)
		m->ops[i].calls = m->ops[i].errors = m->ops[i].us = 0;
}

static struct op_count *find_op(struct metrics *m, const char *service, const char *op)
{
	for (size_t i = 0; i < m->op_n; i++)
		if (!strcmp(m->ops[i].op, op) && !strcmp(m->ops[i].service, service))
			return &m->ops[i];
	if (m->op_n == OPS_MAX)
		return NULL;
	GROW(m->ops, m->op_n, m->op_cap);
	m->ops[m->op_n] = (struct op_count){ .service = xstrdup(service), .op = xstrdup(op) };
	return &m->ops[m->op_n++];
}

void metrics_op(struct metrics *m, const char *service, const char *op, bool ok, int64_t us)
{
	struct op_count *c = find_op(m, service, op);
	if (!c)
		return;
	c->calls++;
	c->errors += !ok;
	c->us += us;
}

static void write_ops(const struct metrics *m, struct buf *out, const char *name, const char *help, size_t member)
{
	buf_addf(out, "# HELP %s %s\n# TYPE %s counter\n", name, help, name);
	for (size_t i = 0; i < m->op_n; i++) {
		int64_t v;
		memcpy(&v, (const char *)&m->ops[i] + member, sizeof(v));
		buf_addf(out, "%s{service=\"%s\",op=\"%s\"} %lld\n", name, m->ops[i].service, m->ops[i].op, (long long)v);
	}
}

void metrics_write(const struct metrics *m, struct buf *out)
{
	write_ops(m, out, "tarn_requests_total", "Requests answered.", offsetof(struct op_count, calls));
	write_ops(m, out, "tarn_request_errors_total", "Requests answered with an error.",
		  offsetof(struct op_count, errors));
	write_ops(m, out, "tarn_request_microseconds_total", "Time from request to answer, in microseconds.",
		  offsetof(struct op_count, us));
	for (size_t i = 0; i < m->block_n; i++) {
		for (size_t j = 0; j < m->blocks[i].n; j++) {
			const struct metric *r = &m->blocks[i].rows[j];
			buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", r->name, r->help, r->name,
				 r->gauge ? "gauge" : "counter", r->name, (long long)r->value);
		}
	}
}

static bool seen_before(const struct metrics *m, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(m->ops[k].service, m->ops[i].service))
			return true;
	return false;
}

void metrics_json(const struct metrics *m, struct buf *out)
{
	jw_obj(out, NULL);
	jw_obj(out, "ops");
	for (size_t i = 0; i < m->op_n; i++) {
		struct op_count all = { 0 };
		if (seen_before(m, i))
			continue;
		for (size_t k = i; k < m->op_n; k++) {
			if (strcmp(m->ops[k].service, m->ops[i].service) != 0)
				continue;
			all.calls += m->ops[k].calls;
			all.errors += m->ops[k].errors;
			all.us += m->ops[k].us;
		}
		jw_list(out, m->ops[i].service);
		jw_int(out, NULL, all.calls);
		jw_int(out, NULL, all.errors);
		jw_int(out, NULL, all.us);
		jw_list_end(out);
	}
	jw_obj_end(out);
	for (size_t i = 0; i < m->block_n; i++)
		for (size_t j = 0; j < m->blocks[i].n; j++)
			jw_int(out, m->blocks[i].rows[j].name, m->blocks[i].rows[j].value);
	jw_obj_end(out);
}
