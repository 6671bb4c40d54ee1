/* Which statement it is; and the small ones. */
#include "sparksql/parser.h"

void sp_target(struct sp_parser *p, struct sp_stmt *s)
{
	if (sp_is2(p, SP_K_IDENTIFIER, SP_T_OPEN))
		sp_identifier(p, &s->name);
	else
		sp_name(p, &s->name);
}

/* A table's name or, where Delta takes it, a path in quotes. */
static void table_or_path(struct sp_parser *p, struct sp_stmt *s)
{
	if (sp_is_string(sp_kind_at(p, 0)))
		s->text = sp_string(p);
	else
		sp_target(p, s);
}

void sp_as_query(struct sp_parser *p, struct sp_stmt *s)
{
	uint32_t first = p->i;
	s->query = sp_query(p);
	s->query_text = sp_text_from(p, first);
}

static void skip_rest(struct sp_parser *p)
{
	while (!sp_is(p, SP_T_END) && !sp_is(p, SP_T_SEMICOLON))
		p->i++;
}

void sp_refused(struct sp_parser *p, struct sp_stmt *s, uint32_t words)
{
	struct buf b = { 0 };
	s->kind = SP_STMT_REFUSED;
	for (uint32_t i = 0; i < words && p->i + i < p->n && p->t[p->i + i].kind != SP_T_END; i++) {
		struct slice t = sp_text(p, p->i + i);
		if (i)
			buf_addc(&b, ' ');
		for (size_t k = 0; k < t.n; k++)
			buf_addc(&b, (char)(t.p[k] >= 'a' && t.p[k] <= 'z' ? t.p[k] - 32 : t.p[k]));
	}
	s->text = arena_dup(p->a, buf_slice(&b));
	buf_free(&b);
	skip_rest(p);
}

void sp_hive(struct sp_parser *p, struct sp_stmt *s, uint32_t words)
{
	uint32_t first = p->i;
	sp_refused(p, s, words);
	sp_not_allowed(p, first, "%.*s", SL(s->text));
}

/* ---------------------------------------------------------------- sessions */

static void use(struct sp_parser *p, struct sp_stmt *s)
{
	enum sp_token_kind k = sp_kind_at(p, 1);
	s->kind = SP_STMT_USE;
	p->i++;
	if (sp_is_word(k) && sp_is_word(sp_kind_at(p, 1))) {
		s->database = k == SP_K_DATABASE || k == SP_K_SCHEMA || k == SP_K_NAMESPACE;
		s->catalog = k == SP_K_CATALOG;
		if (s->database || s->catalog)
			p->i++;
	}
	sp_target(p, s);
}

static void cache(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_CACHE;
	p->i++;
	s->lazy = sp_take(p, SP_K_LAZY);
	sp_need(p, SP_K_TABLE);
	sp_target(p, s);
	if (sp_take(p, SP_K_OPTIONS))
		sp_options(p, &s->options, SP_VALUES_MUST);
	if (sp_take(p, SP_K_AS) || sp_is(p, SP_K_SELECT) || sp_query_at(p, p->i))
		sp_as_query(p, s);
}

static void uncache(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_UNCACHE;
	p->i++;
	sp_must(p, SP_K_TABLE);
	sp_if_exists(p, &s->if_exists);
	sp_target(p, s);
}

static void refresh(struct sp_parser *p, struct sp_stmt *s)
{
	uint32_t first;
	s->kind = SP_STMT_REFRESH;
	p->i++;
	if (sp_is(p, SP_K_FUNCTION) && sp_is_word(sp_kind_at(p, 1))) {
		p->i--;
		sp_refused(p, s, 2);
	} else if (sp_is(p, SP_K_TABLE) && sp_is_word(sp_kind_at(p, 1))) {
		p->i++;
		sp_target(p, s);
	} else if (sp_is_string(sp_kind_at(p, 0))) {
		s->text = sp_string(p);
	} else {
		first = p->i;
		skip_rest(p);
		s->text = sp_text_from(p, first);
		if (s->text.n == 0)
			sp_late(p, first - 1, first, "_LEGACY_ERROR_TEMP_0064", "", "Resource paths cannot be empty in REFRESH statements. Use / to match everything.");
	}
}

static void explain(struct sp_parser *p, struct sp_stmt *s)
{
	static const struct {
		uint16_t token;
		uint8_t explain;
	} kinds[] = { { SP_K_EXTENDED, SP_EXPLAIN_EXTENDED }, { SP_K_FORMATTED, SP_EXPLAIN_FORMATTED }, { SP_K_CODEGEN, SP_EXPLAIN_CODEGEN },
		      { SP_K_COST, SP_EXPLAIN_COST }, { SP_K_LOGICAL, SP_EXPLAIN_LOGICAL } };
	s->kind = SP_STMT_EXPLAIN;
	p->i++;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (sp_take(p, kinds[i].token)) {
			s->explain = kinds[i].explain;
			break;
		}
	s->inner = arena_alloc(p->a, sizeof(*s->inner));
	sp_enter(p);
	sp_statement(p, s->inner);
	p->depth--;
}

static void analyze(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_ANALYZE;
	p->i++;
	if (sp_take(p, SP_K_TABLES)) {
		if (sp_take(p, SP_K_FROM) || sp_take(p, SP_K_IN))
			sp_target(p, s);
	} else {
		sp_need(p, SP_K_TABLE);
		sp_target(p, s);
		if (sp_take(p, SP_K_PARTITION))
			sp_partition(p, &s->partition, &s->n_partition);
	}
	sp_need(p, SP_K_COMPUTE);
	if (!(sp_is(p, SP_T_WORD) && sl_eq_nocase(sp_text(p, p->i), S("DELTA"))) && !sp_is(p, SP_K_DELTA))
		sp_need(p, SP_K_STATISTICS);
	skip_rest(p);
}

static void msck(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_MSCK;
	(void)sp_take(p, SP_K_MSCK);
	sp_must(p, SP_K_REPAIR);
	sp_need(p, SP_K_TABLE);
	sp_target(p, s);
	if (sp_is(p, SP_K_ADD) || sp_is(p, SP_K_DROP) || sp_is(p, SP_K_SYNC)) {
		p->i++;
		sp_need(p, SP_K_PARTITIONS);
	}
}

static void comment(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_COMMENT;
	p->i++;
	sp_need(p, SP_K_ON);
	s->database = sp_is(p, SP_K_DATABASE) || sp_is(p, SP_K_SCHEMA) || sp_is(p, SP_K_NAMESPACE);
	if (s->database)
		p->i++;
	else
		sp_need(p, SP_K_TABLE);
	sp_target(p, s);
	if (sp_is(p, SP_T_END))
		sp_syntax(p);
	sp_must(p, SP_K_IS);
	s->comment = sl(NULL);
	if (!sp_take(p, SP_K_NULL))
		s->comment = sp_string(p);
}

static void truncate_table(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_TRUNCATE;
	p->i++;
	sp_must(p, SP_K_TABLE);
	sp_target(p, s);
	if (sp_take(p, SP_K_PARTITION))
		sp_partition(p, &s->partition, &s->n_partition);
}

/* ---------------------------------------------------------------- Delta's */

void sp_p_optimize(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_OPTIMIZE;
	sp_blame(p, p->i++);
	table_or_path(p, s);
	if (sp_is2(p, SP_K_FULL, SP_T_END))
		p->i++;
	if (sp_take(p, SP_K_WHERE)) {
		uint32_t first = p->i;
		s->where = sp_expression(p);
		s->where_text = sp_text_from(p, first);
	}
	if (sp_take2(p, SP_K_ZORDER, SP_K_BY)) {
		bool open = sp_take(p, SP_T_OPEN);
		sp_names(p, &s->names);
		if (open)
			sp_need(p, SP_T_CLOSE);
	}
}

void sp_vacuum(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_VACUUM;
	sp_blame(p, p->i++); /* Spark's own parser gets what Delta's can't read, and doesn't know the word */
	table_or_path(p, s);
	for (;;) {
		if (sp_take(p, SP_K_RETAIN)) {
			s->hours = sp_value(p);
			if (!sp_take(p, SP_K_HOUR))
				sp_need(p, SP_K_HOURS);
		} else if (sp_take2(p, SP_K_DRY, SP_K_RUN)) {
			s->dry_run = true;
		} else {
			return;
		}
	}
}

void sp_restore(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_RESTORE;
	sp_blame(p, p->i++);
	(void)(sp_is(p, SP_K_TABLE) && (sp_is_word(sp_kind_at(p, 1)) || sp_is_string(sp_kind_at(p, 1))) && sp_kind_at(p, 1) != SP_K_TO &&
	       sp_take(p, SP_K_TABLE));
	table_or_path(p, s);
	(void)sp_take(p, SP_K_TO);
	if (sp_take(p, SP_K_VERSION)) {
		sp_need(p, SP_K_AS);
		sp_need(p, SP_K_OF);
		s->version = sp_text(p, p->i);
		if (sp_is_string(sp_kind_at(p, 0)))
			s->version = sp_string(p);
		else
			sp_need(p, SP_T_INTEGER);
		return;
	}
	sp_need(p, SP_K_TIMESTAMP);
	sp_need(p, SP_K_AS);
	sp_need(p, SP_K_OF);
	s->timestamp = sp_value(p);
}

static void convert(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_CONVERT;
	sp_blame(p, p->i++);
	sp_need(p, SP_K_TO);
	sp_need(p, SP_K_DELTA);
	sp_target(p, s);
	while (sp_take2(p, SP_K_NO, SP_K_STATISTICS))
		;
	if (sp_take(p, SP_K_PARTITIONED)) {
		sp_need(p, SP_K_BY);
		sp_need(p, SP_T_OPEN);
		sp_columns(p, s, false);
		sp_need(p, SP_T_CLOSE);
	}
}

/* ---------------------------------------------------------------- which one */

/* A query, or what WITH may stand before. */
static void query_or_dml(struct sp_parser *p, struct sp_stmt *s)
{
	uint32_t first = p->i, n = 0;
	struct sp_cte *v = NULL;
	s->kind = SP_STMT_QUERY;
	if (sp_take(p, SP_K_WITH))
		sp_ctes(p, &v, &n);
	if (v && sp_is(p, SP_K_INSERT)) {
		struct sp_query *q;
		sp_insert(p, s);
		q = s->query;
		if (q->n_ctes == 0) {
			q->ctes = v;
			q->n_ctes = n;
			return;
		}
		s->query = arena_alloc(p->a, sizeof(*q));
		*s->query = (struct sp_query){ .kind = SP_QUERY_NESTED, .at = q->at, .end = q->end, .ctes = v, .n_ctes = n, .nested = q };
		return;
	}
	if (v && (sp_is(p, SP_K_MERGE) || sp_is(p, SP_K_UPDATE) || sp_is2(p, SP_K_DELETE, SP_K_FROM))) {
		p->i = first;
		sp_refused(p, s, 1);
		return;
	}
	s->query = sp_query_with(p, v, n, first);
}

struct word {
	uint16_t token;
	void (*read)(struct sp_parser *p, struct sp_stmt *s);
};
static const struct word words[] = {
	{ SP_K_CREATE, sp_create }, { SP_K_REPLACE, sp_replace }, { SP_K_ALTER, sp_alter }, { SP_K_DROP, sp_drop }, { SP_K_TRUNCATE, truncate_table },
	{ SP_K_INSERT, sp_insert }, { SP_K_UPDATE, sp_update }, { SP_K_DELETE, sp_delete }, { SP_K_MERGE, sp_merge }, { SP_K_USE, use },
	{ SP_K_SET, sp_set }, { SP_K_RESET, sp_set }, { SP_K_CACHE, cache }, { SP_K_UNCACHE, uncache }, { SP_K_REFRESH, refresh },
	{ SP_K_SHOW, sp_show }, { SP_K_DESCRIBE, sp_describe }, { SP_K_DESC, sp_describe }, { SP_K_EXPLAIN, explain }, { SP_K_OPTIMIZE, sp_p_optimize },
	{ SP_K_VACUUM, sp_vacuum }, { SP_K_RESTORE, sp_restore }, { SP_K_CONVERT, convert }, { SP_K_ANALYZE, analyze }, { SP_K_MSCK, msck },
	{ SP_K_REPAIR, msck }, { SP_K_COMMENT, comment },
};

/* Known by name, and refused: so many words of it are told. */
static const struct {
	uint16_t first, second;
	uint8_t words;
	bool hive; /* Spark refuses it itself */
} refused[] = {
	{ SP_K_LOAD, SP_K_DATA, 2 }, { SP_K_GRANT, 0, 1, true }, { SP_K_REVOKE, 0, 1, true }, { SP_K_EXPORT, SP_K_TABLE, 2, true },
	{ SP_K_IMPORT, SP_K_TABLE, 2, true }, { SP_K_LOCK, SP_K_TABLE, 2, true }, { SP_K_LOCK, SP_K_DATABASE, 2, true },
	{ SP_K_UNLOCK, SP_K_TABLE, 2, true }, { SP_K_UNLOCK, SP_K_DATABASE, 2, true }, { SP_K_START, SP_K_TRANSACTION, 2, true },
	{ SP_K_COMMIT, 0, 1, true }, { SP_K_ROLLBACK, 0, 1, true }, { SP_K_DFS, 0, 1, true }, { SP_K_ADD, 0, 2 }, { SP_K_LIST, 0, 2 }, { SP_K_DECLARE, 0, 1 }, { SP_K_EXECUTE, SP_K_IMMEDIATE, 2 }, { SP_K_MAP, 0, 1 },
	{ SP_K_REDUCE, 0, 1 },
};

void sp_statement(struct sp_parser *p, struct sp_stmt *s)
{
	uint32_t first = p->i;
	enum sp_token_kind k = sp_kind_at(p, 0);
	*s = (struct sp_stmt){ .sql = p->sql, .at = p->t[first].at, .text = sl(NULL), .pattern = sl(NULL), .key = sl(NULL), .value = sl(NULL),
			       .comment = sl(NULL), .location = sl(NULL), .format = sl(NULL), .version = sl(NULL), .query_text = sl(NULL) };
	if (k == SP_T_WORD || k <= SP_T_KEYWORDS) {
		if (k != SP_T_OPEN)
			sp_syntax(p);
		query_or_dml(p, s);
	} else if (k == SP_K_CLEAR) {
		p->i++;
		sp_must(p, SP_K_CACHE);
		s->kind = SP_STMT_CLEAR_CACHE;
	} else if (k == SP_K_COPY && sp_kind_at(p, 1) == SP_K_INTO) {
		sp_refused(p, s, 2);
		s->kind = SP_STMT_COPY_INTO;
	} else {
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (words[i].token == k) {
				words[i].read(p, s);
				goto done;
			}
		for (size_t i = 0; i < ARRAY_LEN(refused); i++)
			if (refused[i].first == k && (!refused[i].second || refused[i].second == sp_kind_at(p, 1))) {
				(refused[i].hive ? sp_hive : sp_refused)(p, s, refused[i].words);
				goto done;
			}
		query_or_dml(p, s);
	}
done:
	s->end = p->t[p->i > first ? p->i - 1 : first].end;
}
