/* The chain of transforms: how it is made of a configuration, and what a stage does with a record. */
#include "connect/smt.h"

#define PACKAGE "org.apache.kafka.connect.transforms."

/* ---- settings ---- */

static const struct con_def *def_of(const struct smt_conf *c, const char *name)
{
	for (size_t i = 0; i < c->def_n; i++)
		if (!strcmp(c->defs[i].name, name))
			return &c->defs[i];
	return NULL;
}

struct slice smt_text(const struct smt_conf *c, const char *name)
{
	const struct con_def *d = def_of(c, name);
	struct slice key = arena_printf(c->a, "%.*s%s", SL(c->prefix), name);
	const char *v = con_get(c->config, arena_cstr(c->a, key));
	if (!v)
		v = d ? d->dflt : NULL;
	return v ? arena_dup(c->a, sl_trim(sl(v))) : sl(NULL);
}

struct slice *smt_list(const struct smt_conf *c, const char *name, size_t *n)
{
	struct slice rest = smt_text(c, name), word, *out = NULL;
	size_t cap = 0;
	*n = 0;
	if (!rest.n)
		rest = sl(NULL);
	while (rest.p) {
		sl_cut(rest, ',', &word, &rest);
		ARENA_GROW(c->a, out, *n, cap);
		out[(*n)++] = sl_trim(word);
	}
	return out;
}

bool smt_truth(const struct smt_conf *c, const char *name)
{
	return sl_eq_nocase(smt_text(c, name), S("true"));
}

struct slice smt_list_text(struct arena *a, const struct slice *v, size_t n)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%.*s", i ? ", " : "", SL(v[i]));
	struct slice text = arena_printf(a, "[%.*s]", SL(buf_slice(&b)));
	buf_free(&b);
	return text;
}

bool smt_in(const struct slice *v, size_t n, struct slice name)
{
	for (size_t i = 0; i < n; i++)
		if (sl_eq(v[i], name))
			return true;
	return false;
}

/* ---- classes ---- */

const struct smt_kind *smt_kind_of(const char *class, bool *key)
{
	struct slice rest = sl(class), name, side;
	bool whole = sl_after(rest, S(PACKAGE), &rest);
	sl_cut(rest, '$', &name, &side);
	if (side.p && !whole) /* the worker has no short names for classes within classes */
		return NULL;
	for (size_t i = 0; i < smt_kind_n; i++) {
		if (!sl_eqs(name, smt_kinds[i].name) || smt_kinds[i].sides != (side.p != NULL))
			continue;
		*key = sl_eq(side, S("Key"));
		return !side.p || *key || sl_eq(side, S("Value")) ? &smt_kinds[i] : NULL;
	}
	return NULL;
}

const struct smt_predicate_kind *smt_predicate_of(const char *class)
{
	struct slice name = sl(class);
	(void)sl_after(name, S(PACKAGE "predicates."), &name);
	for (size_t i = 0; i < smt_predicate_n; i++)
		if (sl_eqs(name, smt_predicates[i].name))
			return &smt_predicates[i];
	return NULL;
}

char *smt_class(struct arena *a, const struct smt_kind *kind, bool key)
{
	return arena_cstr(a, arena_printf(a, PACKAGE "%s%s", kind->name, !kind->sides ? "" : key ? "$Key" : "$Value"));
}

/* ---- the chain ---- */

static int make_predicate(struct smt_chain *chain, const struct con_config *config, struct slice alias, struct smt_stage *st, struct error *err)
{
	struct arena *a = &chain->arena;
	struct smt_conf c = { .a = a, .config = config, .prefix = arena_printf(a, "predicates.%.*s.", SL(alias)) };
	const char *class = con_get(config, arena_cstr(a, arena_printf(a, "%.*stype", SL(c.prefix))));
	st->predicate = class ? smt_predicate_of(class) : NULL;
	if (!st->predicate) /* AbstractConfig.getClass of a key that isn't defined */
		return err_set(err, ERR_INVALID, SMT_CONFIG "Unknown configuration '%.*stype'", SL(c.prefix));
	c.defs = st->predicate->defs;
	c.def_n = st->predicate->def_n;
	return st->predicate->make(&c, st, err);
}

static int make_stage(struct smt_chain *chain, const struct con_config *config, struct slice alias, struct smt_stage *st, struct error *err)
{
	struct arena *a = &chain->arena;
	struct smt_conf c = { .a = a, .config = config, .prefix = arena_printf(a, "transforms.%.*s.", SL(alias)) };
	const char *class = con_get(config, arena_cstr(a, arena_printf(a, "%.*stype", SL(c.prefix))));
	struct slice predicate = smt_text(&c, "predicate");
	int rc;
	st->kind = class ? smt_kind_of(class, &st->key) : NULL;
	if (!st->kind)
		return err_set(err, ERR_INVALID, SMT_CONFIG "Unknown configuration '%.*stype'", SL(c.prefix));
	st->class = smt_class(a, st->kind, st->key);
	c.defs = st->kind->defs;
	c.def_n = st->kind->def_n;
	st->negate = smt_truth(&c, "negate");
	if ((rc = st->kind->make(&c, st, err)))
		return rc;
	return predicate.p ? make_predicate(chain, config, predicate, st, err) : 0;
}

int smt_open(struct smt_chain *chain, const struct con_config *config, struct error *err)
{
	struct smt_conf c = { .a = &chain->arena, .config = config, .prefix = S("") };
	struct error inner;
	size_t n;
	const struct slice *aliases = smt_list(&c, "transforms", &n);
	chain->stages = arena_alloc(&chain->arena, (n + 1) * sizeof(*chain->stages));
	for (chain->n = 0; chain->n < n;) {
		struct smt_stage *st = &chain->stages[chain->n++];
		if (make_stage(chain, config, aliases[chain->n - 1], st, &inner)) {
			int first = (int)(strstr(inner.text, "\nCaused by") ? strstr(inner.text, "\nCaused by") - inner.text : (ssize_t)strlen(inner.text));
			return err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.ConnectException: %.*s\nCaused by: %s", first, inner.text, inner.text);
		}
	}
	return 0;
}

static void free_regex(struct java_regex *x)
{
	if (x)
		java_regex_free(x);
}

void smt_close(struct smt_chain *chain)
{
	for (size_t i = 0; i < chain->n; i++) {
		free_regex(chain->stages[i].regex);
		free_regex(chain->stages[i].router);
		free_regex(chain->stages[i].router_whole);
	}
	arena_free(&chain->arena);
	*chain = (struct smt_chain){ 0 };
}

int smt_run(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err)
{
	*drop = false;
	if (st->predicate && st->negate == st->predicate->test(st, r))
		return 0;
	return st->kind->apply(st, a, r, drop, err);
}

/* ---- what transforms share ---- */

int smt_need_map(const struct cv_value *v, const char *purpose, struct error *err)
{
	return v->kind == CV_MAP ? 0 : err_set(err, ERR_INVALID, SMT_DATA "Only Map objects supported in absence of schema for [%s], found: %s", purpose, cv_class(v));
}

int smt_need_struct(const struct cv_value *v, const char *purpose, struct error *err)
{
	return v->kind == CV_STRUCT ? 0 : err_set(err, ERR_INVALID, SMT_DATA "Only Struct objects supported for [%s], found: %s", purpose, cv_class(v));
}

struct cv_schema *smt_basics(struct arena *a, const struct cv_schema *from, enum cv_kind type)
{
	struct cv_schema *to = cv_schema_new(a, type);
	to->name = from->name;
	to->doc = from->doc;
	to->has_version = from->has_version;
	to->version = from->version;
	for (size_t i = 0; i < from->param_n; i++)
		cv_schema_param(a, to, from->params[i].name, from->params[i].value);
	if (type == CV_ARRAY)
		to->value = from->value;
	return to;
}

int smt_make_nothing(const struct smt_conf *c, struct smt_stage *st, struct error *err)
{
	(void)c, (void)st, (void)err;
	return 0;
}
