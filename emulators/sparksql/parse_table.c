/* CREATE, REPLACE, DROP: tables, views, databases, functions. */
#include "sparksql/parser.h"

/* ---------------------------------------------------------------- columns */

static void default_value(struct sp_parser *p, struct sp_column_def *c)
{
	uint32_t first = p->i;
	c->value = sp_expression(p);
	c->value_text = sp_text_from(p, first);
}

/* GENERATED is taken: ALWAYS AS (e), or Databricks' [ALWAYS|BY DEFAULT] AS IDENTITY [(START WITH n INCREMENT BY n)]. */
static void generated(struct sp_parser *p, struct sp_column_def *c)
{
	uint32_t first;
	if (!sp_take2(p, SP_K_BY, SP_K_DEFAULT))
		sp_need(p, SP_K_ALWAYS);
	sp_need(p, SP_K_AS);
	if (sp_take(p, SP_K_IDENTITY)) {
		c->identity = true;
		if (sp_is(p, SP_T_OPEN))
			p->i = p->t[p->i].match + (p->t[p->t[p->i].match].kind == SP_T_CLOSE);
		return;
	}
	sp_need(p, SP_T_OPEN);
	first = p->i;
	c->generated = sp_expression(p);
	c->generated_text = sp_text_from(p, first);
	sp_need(p, SP_T_CLOSE);
}

void sp_column(struct sp_parser *p, struct sp_column_def *c, bool alter)
{
	uint32_t first = p->i;
	*c = (struct sp_column_def){ .type_text = sl(NULL), .value_text = sl(NULL), .generated_text = sl(NULL), .comment = sl(NULL),
				     .after = sl(NULL), .at = p->t[first].at };
	if (alter) {
		sp_name(p, &c->name);
	} else {
		c->name.parts = arena_alloc(p->a, sizeof(*c->name.parts));
		c->name.n = 1;
		c->name.at = p->t[first].at;
		c->name.parts[0] = sp_ident_strict(p);
		c->name.end = p->t[p->i - 1].end;
	}
	c->type = sp_type_here(p, &c->type_text);
	for (;;) {
		if (sp_take(p, SP_K_NOT) || sp_take(p, SP_T_BANG)) {
			sp_must(p, SP_K_NULL);
			c->not_null = true;
		} else if (sp_take(p, SP_K_NULL)) { /* Databricks: nothing */
			continue;
		} else if (sp_take(p, SP_K_DEFAULT)) {
			default_value(p, c);
		} else if (sp_take(p, SP_K_GENERATED)) {
			generated(p, c);
		} else if (sp_take(p, SP_K_COMMENT)) {
			c->comment = sp_string(p);
		} else if (alter && sp_take(p, SP_K_FIRST)) {
			c->position = SP_POSITION_FIRST;
		} else if (alter && sp_take(p, SP_K_AFTER)) {
			c->position = SP_POSITION_AFTER;
			c->after = sp_ident_strict(p);
		} else if (!sp_take2(p, SP_K_PRIMARY, SP_T_WORD)) { /* PRIMARY KEY (Databricks): tells, binds nobody */
			break;
		}
	}
	c->end = p->t[p->i - 1].end;
}

void sp_columns(struct sp_parser *p, struct sp_stmt *s, bool alter)
{
	size_t n = 0, cap = 0;
	struct sp_column_def *v = NULL;
	do {
		ARENA_GROW(p->a, v, n, cap);
		if (!alter && sp_is(p, SP_K_CONSTRAINT) && sp_is_word(sp_kind_at(p, 1)) && sp_kind_at(p, 2) == SP_K_PRIMARY) {
			p->i += 4; /* CONSTRAINT name PRIMARY KEY (a, b) */
			sp_ident_list(p, &(struct sp_idents){ 0 });
		} else {
			sp_column(p, &v[n++], alter);
		}
	} while (sp_take(p, SP_T_COMMA));
	s->columns = v;
	s->n_columns = (uint32_t)n;
}

/* `(a COMMENT 'x', b)` of a view. */
static void view_columns(struct sp_parser *p, struct sp_stmt *s)
{
	size_t n = 0, cap = 0;
	struct sp_column_def *v = NULL;
	sp_need(p, SP_T_OPEN);
	do {
		struct sp_column_def c = { .comment = sl(NULL), .at = p->t[p->i].at };
		c.name.parts = arena_alloc(p->a, sizeof(*c.name.parts));
		c.name.n = 1;
		c.name.parts[0] = sp_ident(p);
		if (sp_take(p, SP_K_COMMENT))
			c.comment = sp_string(p);
		c.end = p->t[p->i - 1].end;
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = c;
	} while (sp_take(p, SP_T_COMMA));
	sp_need(p, SP_T_CLOSE);
	s->columns = v;
	s->n_columns = (uint32_t)n;
}

/* ---------------------------------------------------------------- clauses of tables */

struct slice sp_provider(struct sp_parser *p)
{
	struct sp_name name;
	uint32_t first = p->i;
	sp_name(p, &name);
	return name.n == 1 ? name.parts[0] : sp_text_from(p, first);
}

static void partitioning(struct sp_parser *p, struct sp_stmt *s)
{
	size_t n = 0, cap = 0;
	struct sp_partitioning *v = NULL;
	struct slice text;
	sp_need(p, SP_T_OPEN);
	do {
		struct sp_partitioning one = { 0 };
		sp_name(p, &one.name);
		if (sp_take(p, SP_T_OPEN)) {
			one.transform = true;
			sp_expressions(p, &one.args);
			sp_need(p, SP_T_CLOSE);
		} else if (sp_is_word(sp_kind_at(p, 0))) {
			one.type = sp_type_here(p, &text);
			if (sp_take(p, SP_K_NOT))
				sp_need(p, SP_K_NULL);
			if (sp_take(p, SP_K_COMMENT))
				(void)sp_string(p);
		}
		ARENA_GROW(p->a, v, n, cap);
		v[n++] = one;
	} while (sp_take(p, SP_T_COMMA));
	sp_need(p, SP_T_CLOSE);
	s->partitioning = v;
	s->n_partitioning = (uint32_t)n;
}

static void buckets(struct sp_parser *p, struct sp_stmt *s)
{
	sp_need(p, SP_T_OPEN);
	sp_names(p, &s->cluster);
	sp_need(p, SP_T_CLOSE);
	if (sp_take2(p, SP_K_SORTED, SP_K_BY)) {
		sp_need(p, SP_T_OPEN);
		sp_sort_list(p, &(struct sp_sorts){ 0 });
		sp_need(p, SP_T_CLOSE);
	}
	sp_need(p, SP_K_INTO);
	s->buckets = sp_integer(p);
	sp_need(p, SP_K_BUCKETS);
}

static void twice(struct sp_parser *p, uint32_t *seen, int which, uint32_t at, const char *name)
{
	if (*seen & 1u << which)
		sp_late(p, at, p->i, "DUPLICATE_CLAUSES", "42614", "Found duplicate clauses: %s. Please, remove one of them.", name);
	*seen |= 1u << which;
}

/* OPTIONS, PARTITIONED BY, LOCATION and so on, in any order. */
static void table_clauses(struct sp_parser *p, struct sp_stmt *s)
{
	uint32_t seen = 0, at;
	for (;;) {
		at = p->i;
		if (sp_is(p, SP_K_USING) && !s->format.p) {
			p->i++;
			s->format = sp_provider(p);
		} else if (sp_take2(p, SP_K_OPTIONS, SP_T_OPEN)) {
			p->i--;
			twice(p, &seen, 0, at, "OPTIONS");
			sp_options(p, &s->options, SP_VALUES_MUST);
		} else if (sp_take2(p, SP_K_PARTITIONED, SP_K_BY)) {
			twice(p, &seen, 1, at, "PARTITIONED BY");
			partitioning(p, s);
		} else if (sp_take2(p, SP_K_CLUSTERED, SP_K_BY)) {
			twice(p, &seen, 2, at, "CLUSTERED BY");
			buckets(p, s);
		} else if (sp_take2(p, SP_K_CLUSTER, SP_K_BY)) {
			sp_need(p, SP_T_OPEN);
			sp_names(p, &s->cluster);
			sp_need(p, SP_T_CLOSE);
		} else if (sp_take(p, SP_K_LOCATION)) {
			twice(p, &seen, 3, at, "LOCATION");
			s->location = sp_string(p);
		} else if (sp_take(p, SP_K_COMMENT)) {
			twice(p, &seen, 4, at, "COMMENT");
			s->comment = sp_string(p);
		} else if (sp_take2(p, SP_K_TBLPROPERTIES, SP_T_OPEN)) {
			p->i--;
			twice(p, &seen, 5, at, "TBLPROPERTIES");
			sp_options(p, &s->properties, SP_VALUES_MUST);
		} else if (sp_take2(p, SP_K_STORED, SP_K_AS)) {
			s->format = sp_ident(p);
		} else {
			return;
		}
	}
}

/* What is well written and refused by Spark. */
static void check_table(struct sp_parser *p, const struct sp_stmt *s)
{
	if (s->query && s->temporary)
		sp_not_allowed(p, 0, "CREATE TEMPORARY TABLE ... AS ..., use CREATE TEMPORARY VIEW instead");
	if (s->query && s->n_columns)
		sp_not_allowed(p, 0, "Schema may not be specified in a Create Table As Select (CTAS) statement");
	for (uint32_t i = 0; s->query && i < s->n_partitioning; i++)
		if (s->partitioning[i].type)
			sp_not_allowed(p, 0, "Partition column types may not be specified in Create Table As Select (CTAS)");
	if (s->temporary && !s->format.p)
		sp_late(p, 0, p->i, "_LEGACY_ERROR_TEMP_0034", "", "CREATE TEMPORARY TABLE without a provider is not allowed.");
	else if (s->temporary)
		sp_not_allowed(p, 0, "CREATE TEMPORARY TABLE, use CREATE TEMPORARY VIEW instead");
}

static void create_table(struct sp_parser *p, struct sp_stmt *s, bool like_too)
{
	s->kind = SP_STMT_CREATE_TABLE;
	if (like_too)
		sp_if_not_exists(p, &s->if_not_exists);
	sp_target(p, s);
	if (like_too && sp_take(p, SP_K_LIKE)) {
		s->kind = SP_STMT_CREATE_TABLE_LIKE;
		sp_name(p, &s->source);
		table_clauses(p, s);
		return;
	}
	if (sp_is(p, SP_T_OPEN) && !sp_query_at(p, p->i + 1)) {
		p->i++;
		sp_columns(p, s, false);
		sp_need(p, SP_T_CLOSE);
	}
	if (sp_is(p, SP_K_SHALLOW) || sp_is(p, SP_K_DEEP) || sp_is(p, SP_K_CLONE)) {
		sp_refused(p, s, 2);
		return;
	}
	table_clauses(p, s);
	if (sp_take(p, SP_K_AS) || sp_query_at(p, p->i))
		sp_as_query(p, s);
	check_table(p, s);
}

/* ---------------------------------------------------------------- views, databases, functions */

static void create_view(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_CREATE_VIEW;
	sp_if_not_exists(p, &s->if_not_exists);
	sp_target(p, s);
	if (s->temporary && (sp_is(p, SP_K_USING) || (sp_is(p, SP_T_OPEN) && p->t[p->t[p->i].match + 1 < p->n ? p->t[p->i].match + 1 : p->n - 1].kind == SP_K_USING))) {
		s->kind = SP_STMT_CREATE_VIEW_USING;
		if (sp_take(p, SP_T_OPEN)) {
			sp_columns(p, s, false);
			sp_need(p, SP_T_CLOSE);
		}
		sp_need(p, SP_K_USING);
		s->format = sp_provider(p);
		if (sp_take(p, SP_K_OPTIONS))
			sp_options(p, &s->options, SP_VALUES_MUST);
		return;
	}
	if (sp_is(p, SP_T_OPEN))
		view_columns(p, s);
	for (;;) {
		if (sp_take(p, SP_K_COMMENT))
			s->comment = sp_string(p);
		else if (sp_take(p, SP_K_TBLPROPERTIES))
			sp_options(p, &s->properties, SP_VALUES_MUST);
		else
			break;
	}
	sp_need(p, SP_K_AS);
	sp_as_query(p, s);
	if (s->or_replace && s->if_not_exists)
		sp_late(p, 0, p->i, "_LEGACY_ERROR_TEMP_0052", "", "CREATE VIEW with both IF NOT EXISTS and REPLACE is not allowed.");
	if (s->temporary && s->if_not_exists)
		sp_late(p, 0, p->i, "_LEGACY_ERROR_TEMP_0053", "", "It is not allowed to define a TEMPORARY view with IF NOT EXISTS.");
	if (s->temporary && s->name.n > 1) {
		struct buf b = { 0 };
		for (uint32_t i = 0; i < s->name.n; i++)
			buf_addf(&b, "%s`%.*s`", i ? "." : "", SL(s->name.parts[i]));
		sp_late(p, 0, p->i, "TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS", "428EK", "CREATE TEMPORARY VIEW or the corresponding Dataset APIs only accept "
			"single-part view names, but got: %s.", buf_cstr(&b));
		buf_free(&b);
	}
}

static void create_database(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_CREATE_DATABASE;
	sp_if_not_exists(p, &s->if_not_exists);
	sp_target(p, s);
	for (;;) {
		if (sp_take(p, SP_K_COMMENT)) {
			s->comment = sp_string(p);
		} else if (sp_take(p, SP_K_LOCATION)) {
			s->location = sp_string(p);
		} else if (sp_take(p, SP_K_WITH)) {
			if (!sp_take(p, SP_K_DBPROPERTIES))
				sp_need(p, SP_K_PROPERTIES);
			sp_options(p, &s->properties, SP_VALUES_MUST);
		} else {
			return;
		}
	}
}

static void create_function(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_CREATE_FUNCTION;
	sp_if_not_exists(p, &s->if_not_exists);
	sp_target(p, s);
	if (sp_take(p, SP_K_AS)) {
		s->text = sp_string(p);
		if (sp_take(p, SP_K_USING))
			do {
				(void)sp_ident(p);
				(void)sp_string(p);
			} while (sp_take(p, SP_T_COMMA));
		return;
	}
	sp_need(p, SP_T_OPEN); /* SQL functions are Databricks' and Spark 4's: whoever runs it refuses by name */
	while (!sp_is(p, SP_T_END) && !sp_is(p, SP_T_SEMICOLON))
		p->i++;
}

void sp_create(struct sp_parser *p, struct sp_stmt *s)
{
	uint32_t first = p->i++;
	s->or_replace = sp_take(p, SP_K_OR);
	if (s->or_replace)
		sp_need(p, SP_K_REPLACE);
	s->global = sp_take(p, SP_K_GLOBAL);
	s->temporary = sp_take(p, SP_K_TEMPORARY) || sp_take(p, SP_K_TEMP);
	s->external = !s->temporary && sp_take(p, SP_K_EXTERNAL);
	switch ((int)sp_kind_at(p, 0)) {
	case SP_K_VIEW:
		p->i++;
		create_view(p, s);
		return;
	case SP_K_TABLE:
		p->i++;
		create_table(p, s, !s->or_replace);
		return;
	case SP_K_DATABASE: case SP_K_SCHEMA: case SP_K_NAMESPACE:
		p->i++;
		create_database(p, s);
		return;
	case SP_K_FUNCTION:
		p->i++;
		create_function(p, s);
		return;
	case SP_K_ROLE: case SP_K_INDEX:
		p->i = first;
		sp_hive(p, s, 2);
		return;
	case SP_K_CATALOG:
		p->i = first;
		sp_refused(p, s, 2);
		return;
	default:
		sp_syntax(p);
	}
}

void sp_replace(struct sp_parser *p, struct sp_stmt *s)
{
	p->i++;
	sp_need(p, SP_K_TABLE);
	create_table(p, s, false);
	s->kind = SP_STMT_REPLACE_TABLE;
}

/* ---------------------------------------------------------------- DROP */

void sp_drop(struct sp_parser *p, struct sp_stmt *s)
{
	uint32_t first = p->i++;
	enum sp_token_kind k;
	s->temporary = sp_take(p, SP_K_TEMPORARY) || sp_take(p, SP_K_TEMP);
	k = sp_kind_at(p, 0);
	switch ((int)k) {
	case SP_K_TABLE:
		s->kind = SP_STMT_DROP_TABLE;
		break;
	case SP_K_VIEW:
		s->kind = SP_STMT_DROP_VIEW;
		break;
	case SP_K_DATABASE: case SP_K_SCHEMA: case SP_K_NAMESPACE:
		s->kind = SP_STMT_DROP_DATABASE;
		break;
	case SP_K_FUNCTION:
		s->kind = SP_STMT_DROP_FUNCTION;
		break;
	case SP_K_ROLE: case SP_K_INDEX:
		p->i = first;
		sp_hive(p, s, 2);
		return;
	case SP_K_VARIABLE: case SP_K_CATALOG:
		p->i = first;
		sp_refused(p, s, 2);
		return;
	default:
		sp_syntax(p);
	}
	p->i++;
	sp_if_exists(p, &s->if_exists);
	sp_target(p, s);
	if (s->kind == SP_STMT_DROP_TABLE) {
		s->purge = sp_take(p, SP_K_PURGE);
	} else if (s->kind == SP_STMT_DROP_DATABASE) {
		s->cascade = sp_take(p, SP_K_CASCADE);
		if (!s->cascade)
			(void)sp_take(p, SP_K_RESTRICT);
	}
}
