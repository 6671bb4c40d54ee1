/* SHOW of a table's properties, partitions and making; DESCRIBE DATABASE; what Delta tables refuse in Spark. */
#include "lake/query.h"

#define TEXT(name) { { name, sizeof(name) - 1 }, &sp_types[SP_STRING], false, { NULL, 0 }, { NULL, 0 } }

static struct sp_value text(struct slice s)
{
	return (struct sp_value){ .s = s };
}

/* Of the relation that the statement names; NULL: a view. */
static const struct lake_relation *named(const struct lake_query *q)
{
	const struct lake_relation *r = q->relations;
	const struct sp_name *n = &q->stmt->name;
	if (n->n == 1 && lake_view_find(q->spark->views, n->parts[0]))
		return NULL;
	while (r && r->missing)
		r = r->next;
	return r;
}

static struct slice full_name(struct lake_query *q)
{
	const struct sp_name *n = &q->stmt->name;
	return arena_printf(&q->arena, "spark_catalog.%.*s.%.*s", SL(n->n > 1 ? n->parts[n->n - 2] : q->spark->database), SL(n->parts[n->n - 1]));
}

static int by_key(const void *x, const void *y)
{
	const struct delta_pair *a = x, *b = y;
	return sl_cmp(a->key, b->key);
}

static int show_properties(struct lake_query *q)
{
	static const struct sp_field columns[] = { TEXT("key"), TEXT("value") };
	const struct lake_relation *r = named(q);
	const struct delta_snapshot *s = r ? lake_relation_snapshot(r) : NULL;
	size_t n = s ? s->meta.config_n + 2 : 0;
	struct delta_pair *v = arena_alloc(&q->arena, (n + 1) * sizeof(*v));
	struct sp_value row[2];
	bool any = false;
	if (s) {
		if (s->meta.config_n)
			memcpy(v, s->meta.config, s->meta.config_n * sizeof(*v));
		v[n - 2] = (struct delta_pair){ S("delta.minReaderVersion"), arena_printf(&q->arena, "%d", (int)s->protocol.reader) };
		v[n - 1] = (struct delta_pair){ S("delta.minWriterVersion"), arena_printf(&q->arena, "%d", (int)s->protocol.writer) };
		qsort(v, n, sizeof(*v), by_key);
	}
	lake_answer_head(q, columns, 2);
	for (size_t i = 0; i < n; i++) {
		if (q->stmt->key.p && !sl_eq(q->stmt->key, v[i].key))
			continue;
		any = true;
		row[0] = text(v[i].key);
		row[1] = text(v[i].value);
		lake_answer_row(q, columns, 2, row);
	}
	if (q->stmt->key.p && !any) {
		row[0] = text(q->stmt->key);
		row[1] = text(arena_printf(&q->arena, "Table %.*s does not have property: %.*s", SL(full_name(q)), SL(q->stmt->key)));
		lake_answer_row(q, columns, 2, row);
	}
	lake_answer_end(q);
	return 0;
}

/* A temporary view where a table is wanted. */
static int is_view(struct lake_query *q, const char *what, bool permanent)
{
	const struct sp_name *n = &q->stmt->name;
	sp_fail(&q->err, SP_E_ANALYSIS, permanent ? "_LEGACY_ERROR_TEMP_1016" : "_LEGACY_ERROR_TEMP_1013", "",
		permanent ? "%.*s is a temp view. '%s' expects a table or permanent view." : "%.*s is a temp view. '%s' expects a table..", SL(n->parts[n->n - 1]), what);
	sp_fail_at(&q->err, n->at, n->end);
	return 1;
}

static int show_partitions(struct lake_query *q)
{
	const struct sp_name *n = &q->stmt->name;
	struct slice name = full_name(q), a, b, rest;
	if (!named(q))
		return is_view(q, "SHOW PARTITIONS", false);
	sl_cut(name, '.', &a, &rest);
	sl_cut(rest, '.', &b, &rest);
	sp_fail(&q->err, SP_E_ANALYSIS, "INVALID_PARTITION_OPERATION.PARTITION_MANAGEMENT_IS_UNSUPPORTED", "",
		"The partition command is invalid. Table `%.*s`.`%.*s`.`%.*s` does not support partition management.", SL(a), SL(b), SL(rest));
	sp_fail_at(&q->err, n->at, n->end);
	return 1;
}

static int show_create(struct lake_query *q)
{
	if (!named(q))
		return is_view(q, "SHOW CREATE TABLE", true);
	return sp_fail(&q->err, SP_E_ANALYSIS, "DELTA_OPERATION_NOT_ALLOWED", "", "Operation not allowed: `SHOW CREATE TABLE` is not supported for Delta tables");
}

static int repair(struct lake_query *q)
{
	if (!named(q))
		return is_view(q, "MSCK REPAIR TABLE", false);
	return sp_fail(&q->err, SP_E_ANALYSIS, "NOT_SUPPORTED_COMMAND_FOR_V2_TABLE", "46110", "MSCK REPAIR TABLE is not supported for v2 tables.");
}

/* ---- DESCRIBE DATABASE ---- */

static void describe_it(struct lake_query *q)
{
	static const struct sp_field columns[] = { TEXT("info_name"), TEXT("info_value") };
	struct slice name = q->stmt->name.parts[q->stmt->name.n - 1];
	bool standard = sl_eq_nocase(name, S("default"));
	struct slice place = standard ? S("dbfs:/user/hive/warehouse") : arena_printf(&q->arena, "dbfs:/user/hive/warehouse/%.*s.db", SL(name));
	const struct slice rows[][2] = { { S("Catalog Name"), S("spark_catalog") }, { S("Namespace Name"), name },
					 { S("Comment"), standard ? S("default database") : S("") }, { S("Location"), place },
					 { S("Owner"), S("root") }, { S("Properties"), S("") } };
	lake_answer_head(q, columns, 2);
	for (size_t i = 0; i < ARRAY_LEN(rows) - !q->stmt->extended; i++) {
		struct sp_value v[] = { text(rows[i][0]), text(rows[i][1]) };
		lake_answer_row(q, columns, 2, v);
	}
	lake_answer_end(q);
	lake_query_end(q);
}

static void describe_database(struct lake_query *q)
{
	lake_query_database(q, q->stmt->name.parts[q->stmt->name.n - 1], describe_it);
}

const struct lake_doing lake_doings_look[] = {
	{ SP_STMT_SHOW_PROPERTIES, .analyses = true, .names = true, .work = show_properties },
	{ SP_STMT_SHOW_PARTITIONS, .analyses = true, .names = true, .work = show_partitions },
	{ SP_STMT_SHOW_CREATE_TABLE, .analyses = true, .names = true, .work = show_create },
	{ SP_STMT_MSCK, .analyses = true, .names = true, .work = repair },
	{ SP_STMT_DESCRIBE_DATABASE, .start = describe_database },
	{ -1 },
};
