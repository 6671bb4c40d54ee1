#include "measure.h"

#include "service.h"

enum { CELLS_MAX = 2048, LOOKS_MAX = 16 };

struct cell {
	const struct measure *what;
	struct buf key; /* region and dimensions, each with a NUL behind */
	int64_t at_s;
	struct metric_sum sum;
};

struct measures {
	struct cell *cells; /* by hash, CELLS_MAX of them, made with the first */
	size_t n;
	void (*take)(void *arg, const struct measured *got);
	void *arg;
	struct {
		void (*fn)(void *arg);
		void *arg;
	} looks[LOOKS_MAX];
	size_t look_n;
};

struct measures *measures_new(void)
{
	return xcalloc(1, sizeof(struct measures));
}

static void cell_free(struct cell *c)
{
	buf_free(&c->key);
	metric_sum_free(&c->sum);
	*c = (struct cell){ 0 };
}

void measures_free(struct measures *m)
{
	if (!m)
		return;
	for (size_t i = 0; m->cells && i < CELLS_MAX; i++)
		cell_free(&m->cells[i]);
	free(m->cells);
	free(m);
}

void measures_take(struct measures *m, void (*fn)(void *arg, const struct measured *got), void *arg)
{
	m->take = fn;
	m->arg = arg;
}

static void hand_over(struct measures *m, struct cell *c)
{
	struct measured got = { .what = c->what, .at_s = c->at_s, .sum = &c->sum };
	struct rd r = rd_of(c->key.p, c->key.n);
	struct metric_sum rate = { 0 };
	if (c->sum.n <= 0)
		return;
	got.region = rd_cstr(&r);
	for (size_t i = 0; i < MEASURE_DIMS && c->what->dims[i]; i++)
		got.dims[i] = rd_cstr(&r);
	if (c->what->kind == MEASURE_PER_SECOND) {
		metric_sum_add(&rate, c->sum.sum / 60, 1);
		got.sum = &rate;
	}
	if (m->take)
		m->take(m->arg, &got);
	metric_sum_free(&rate);
	metric_sum_free(&c->sum);
}

void measures_flush(struct measures *m, int64_t now_s)
{
	for (size_t i = 0; m->cells && i < CELLS_MAX; i++)
		if (m->cells[i].what && (m->cells[i].what->kind != MEASURE_PER_SECOND || m->cells[i].at_s + 60 <= now_s))
			hand_over(m, &m->cells[i]);
}

static uint64_t hash_of(const struct measure *what, struct slice region, const struct slice *dims)
{
	uint64_t h = 1469598103934665603u ^ (uintptr_t)what;
	for (size_t i = 0; i < region.n; i++)
		h = (h ^ (unsigned char)region.p[i]) * 1099511628211u;
	for (size_t d = 0; d < MEASURE_DIMS && what->dims[d]; d++) {
		for (size_t i = 0; i < dims[d].n; i++)
			h = (h ^ (unsigned char)dims[d].p[i]) * 1099511628211u;
		h = (h ^ 0xff) * 1099511628211u;
	}
	return h;
}

static bool is_key(const struct cell *c, struct slice region, const struct slice *dims)
{
	struct rd r = rd_of(c->key.p, c->key.n);
	if (!sl_eq(rd_cstr(&r), region))
		return false;
	for (size_t i = 0; i < MEASURE_DIMS && c->what->dims[i]; i++)
		if (!sl_eq(rd_cstr(&r), dims[i]))
			return false;
	return true;
}

static void add_part(struct buf *b, struct slice s)
{
	buf_addsl(b, s);
	buf_u8(b, 0);
}

/* When there is no room, all is handed over and begun anew. */
static struct cell *cell_of(struct measures *m, const struct measure *what, struct slice region, const struct slice *dims)
{
	size_t at = hash_of(what, region, dims) % CELLS_MAX;
	if (!m->cells)
		m->cells = xcalloc(CELLS_MAX, sizeof(*m->cells));
	for (; m->cells[at].what; at = (at + 1) % CELLS_MAX)
		if (m->cells[at].what == what && is_key(&m->cells[at], region, dims))
			return &m->cells[at];
	if (m->n == CELLS_MAX / 2) {
		measures_flush(m, INT64_MAX);
		for (size_t i = 0; i < CELLS_MAX; i++)
			cell_free(&m->cells[i]);
		m->n = 0;
	}
	struct cell *c = &m->cells[at];
	c->what = what;
	m->n++;
	add_part(&c->key, region);
	for (size_t i = 0; i < MEASURE_DIMS && what->dims[i]; i++)
		add_part(&c->key, dims[i]);
	return c;
}

void measure_add(const struct env *env, const struct measure *what, struct slice region, const struct slice *dims, double value)
{
	struct measures *m = env->measures;
	if (!m || !m->take)
		return;
	for (size_t i = 0; i < MEASURE_DIMS && what->dims[i]; i++)
		if (!dims[i].p || memchr(dims[i].p, '\0', dims[i].n))
			return;
	struct cell *c = cell_of(m, what, region.p ? region : S(""), dims);
	int64_t at_s = clock_now_ms(env->clock) / 1000;
	at_s -= at_s % 60;
	if (c->at_s != at_s) {
		hand_over(m, c);
		c->at_s = at_s;
	}
	if (what->kind == MEASURE_GAUGE)
		metric_sum_free(&c->sum);
	metric_sum_add(&c->sum, value, 1);
}

void measures_on_look(struct measures *m, void (*fn)(void *arg), void *arg)
{
	for (size_t i = 0; m && i < m->look_n; i++)
		if (m->looks[i].fn == fn) { /* it was opened anew */
			m->looks[i].arg = arg;
			return;
		}
	if (!m || m->look_n == LOOKS_MAX)
		return;
	m->looks[m->look_n].fn = fn;
	m->looks[m->look_n++].arg = arg;
}

void measures_look(struct measures *m)
{
	for (size_t i = 0; i < m->look_n; i++)
		m->looks[i].fn(m->looks[i].arg);
}
