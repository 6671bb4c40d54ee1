/* ALTER TABLE, VIEW, DATABASE. */
#include "sparksql/parser.h"

/* ADD is taken. */
static void add(struct sp_parser *p, struct sp_stmt *s, uint32_t first)
{
	if (sp_take(p, SP_K_CONSTRAINT)) {
		uint32_t begin;
		s->kind = SP_STMT_ALTER_ADD_CONSTRAINT;
		s->text = sp_ident(p);
		if (!sp_take(p, SP_K_CHECK)) {
			sp_refused(p, s, 2);
			return;
		}
		sp_need(p, SP_T_OPEN);
		begin = p->i;
		s->body = sp_expression(p);
		s->body_text = sp_text_from(p, begin);
		sp_need(p, SP_T_CLOSE);
		return;
	}
	if (sp_is(p, SP_K_PARTITION) || sp_is(p, SP_K_IF)) {
		p->i = first;
		sp_refused(p, s, 2);
		s->kind = SP_STMT_ALTER_OTHER;
		s->text = S("ALTER TABLE ADD PARTITION");
		return;
	}
	if (!sp_take(p, SP_K_COLUMN))
		sp_need(p, SP_K_COLUMNS);
	s->kind = SP_STMT_ALTER_ADD_COLUMNS;
	if (sp_take(p, SP_T_OPEN)) {
		sp_columns(p, s, true);
		sp_need(p, SP_T_CLOSE);
	} else {
		sp_columns(p, s, true);
	}
}

/* DROP is taken. */
static void drop(struct sp_parser *p, struct sp_stmt *s, uint32_t first)
{
	bool open;
	if (sp_take(p, SP_K_CONSTRAINT)) {
		s->kind = SP_STMT_ALTER_DROP_CONSTRAINT;
		sp_if_exists(p, &s->if_exists);
		s->text = sp_ident(p);
		return;
	}
	if (sp_is(p, SP_K_PARTITION) || (sp_is2(p, SP_K_IF, SP_K_EXISTS) && sp_kind_at(p, 2) == SP_K_PARTITION)) {
		p->i = first;
		sp_refused(p, s, 2);
		s->kind = SP_STMT_ALTER_OTHER;
		s->text = S("ALTER TABLE DROP PARTITION");
		return;
	}
	if (!sp_take(p, SP_K_COLUMN))
		sp_need(p, SP_K_COLUMNS);
	s->kind = SP_STMT_ALTER_DROP_COLUMNS;
	sp_if_exists(p, &s->if_exists);
	open = sp_take(p, SP_T_OPEN);
	sp_names(p, &s->names);
	if (open)
		sp_need(p, SP_T_CLOSE);
}

/* ALTER or CHANGE is taken: [COLUMN] name and what becomes of it. Hive's CHANGE a b INT renames, too. */
static void column(struct sp_parser *p, struct sp_stmt *s, bool change)
{
	if (sp_is(p, SP_K_COLUMN) && sp_is_word(sp_kind_at(p, 1)))
		p->i++;
	s->kind = SP_STMT_ALTER_COLUMN;
	sp_name(p, &s->column);
	s->columns = arena_alloc(p->a, sizeof(*s->columns));
	s->n_columns = 1;
	*s->columns = (struct sp_column_def){ .name = s->column, .type_text = sl(NULL), .value_text = sl(NULL), .comment = sl(NULL), .after = sl(NULL) };
	if (sp_take(p, SP_K_TYPE)) {
		s->alter = SP_ALTER_TYPE;
		s->columns->type = sp_type_here(p, &s->columns->type_text);
	} else if (sp_take(p, SP_K_COMMENT)) {
		s->alter = SP_ALTER_COMMENT;
		s->columns->comment = sp_string(p);
	} else if (sp_take(p, SP_K_FIRST)) {
		s->alter = SP_ALTER_POSITION;
		s->columns->position = SP_POSITION_FIRST;
	} else if (sp_take(p, SP_K_AFTER)) {
		s->alter = SP_ALTER_POSITION;
		s->columns->position = SP_POSITION_AFTER;
		s->columns->after = sp_ident_strict(p);
	} else if (sp_is2(p, SP_K_SET, SP_K_NOT) || sp_is2(p, SP_K_DROP, SP_K_NOT)) {
		s->alter = sp_is(p, SP_K_SET) ? SP_ALTER_SET_NOT_NULL : SP_ALTER_DROP_NOT_NULL;
		p->i += 2;
		sp_need(p, SP_K_NULL);
	} else if (sp_take2(p, SP_K_SET, SP_K_DEFAULT)) {
		uint32_t first = p->i;
		s->alter = SP_ALTER_SET_DEFAULT;
		s->columns->value = sp_expression(p);
		s->columns->value_text = sp_text_from(p, first);
	} else if (sp_take2(p, SP_K_DROP, SP_K_DEFAULT)) {
		s->alter = SP_ALTER_DROP_DEFAULT;
	} else if (change && sp_is_word(sp_kind_at(p, 0))) { /* CHANGE [COLUMN] old new type */
		s->alter = SP_ALTER_TYPE;
		sp_column(p, s->columns, true);
	} else {
		sp_not_allowed(p, 0, "ALTER TABLE table ALTER COLUMN requires a TYPE, a SET/DROP, a COMMENT, or a FIRST/AFTER");
	}
}

/* SET is taken. */
static void set(struct sp_parser *p, struct sp_stmt *s, uint32_t first)
{
	if (sp_take(p, SP_K_LOCATION)) {
		s->kind = SP_STMT_ALTER_SET_LOCATION;
		s->location = sp_string(p);
	} else if (sp_is(p, SP_K_TBLPROPERTIES) || (s->database && (sp_is(p, SP_K_DBPROPERTIES) || sp_is(p, SP_K_PROPERTIES)))) {
		p->i++;
		s->kind = SP_STMT_ALTER_SET_PROPERTIES;
		sp_options(p, &s->properties, SP_VALUES_MUST);
	} else if (sp_is(p, SP_K_SERDE) || sp_is(p, SP_K_SERDEPROPERTIES) || sp_is(p, SP_K_SKEWED) || sp_is(p, SP_K_FILEFORMAT)) {
		p->i = first;
		sp_refused(p, s, 2);
		s->kind = SP_STMT_ALTER_OTHER;
		s->text = S("ALTER TABLE SET");
	} else {
		sp_syntax(p);
	}
}

static void rename_to(struct sp_parser *p, struct sp_stmt *s)
{
	if (sp_take(p, SP_K_COLUMN)) {
		s->kind = SP_STMT_ALTER_RENAME_COLUMN;
		sp_name(p, &s->column);
		sp_must(p, SP_K_TO);
		s->text = sp_ident_strict(p);
	} else {
		sp_need(p, SP_K_TO);
		s->kind = SP_STMT_ALTER_RENAME;
		if (s->n_partition && sp_take(p, SP_K_PARTITION)) {
			sp_partition(p, &s->partition, &s->n_partition);
			s->kind = SP_STMT_ALTER_OTHER;
			s->text = S("ALTER TABLE RENAME PARTITION");
			return;
		}
		sp_name(p, &s->target);
	}
}

/* What Spark knows by name and refuses itself (Hive's), and what is of partitions. */
static void other(struct sp_parser *p, struct sp_stmt *s, uint32_t first)
{
	static const uint16_t hive[] = { SP_K_NOT, SP_K_CLUSTERED, SP_K_SORTED, SP_K_SKEWED, SP_K_EXCHANGE, SP_K_ARCHIVE, SP_K_UNARCHIVE, SP_K_TOUCH,
					 SP_K_COMPACT, SP_K_CONCATENATE };
	struct slice what = sp_text(p, p->i), next = sp_text(p, p->i + 1 < p->n ? p->i + 1 : p->i);
	bool two = sp_is(p, SP_K_NOT) || sp_is(p, SP_K_CLUSTERED) || sp_is(p, SP_K_SKEWED) || sp_is(p, SP_K_EXCHANGE) || sp_is(p, SP_K_ARCHIVE) ||
		   sp_is(p, SP_K_UNARCHIVE);
	bool known = sp_is2(p, SP_K_RECOVER, SP_K_PARTITIONS);
	for (size_t i = 0; i < ARRAY_LEN(hive); i++)
		if (sp_is(p, hive[i])) {
			known = true;
			sp_not_allowed(p, 0, two ? "ALTER TABLE %.*s %.*s" : "ALTER TABLE %.*s", SL(what), SL(next));
		}
	if (!known)
		sp_syntax(p);
	p->i = first;
	sp_refused(p, s, 2);
	s->kind = SP_STMT_ALTER_OTHER;
	s->text = arena_printf(p->a, "ALTER TABLE %.*s", SL(what));
}

void sp_alter(struct sp_parser *p, struct sp_stmt *s)
{
	uint32_t first = p->i++;
	s->view = sp_is(p, SP_K_VIEW);
	s->database = sp_is(p, SP_K_DATABASE) || sp_is(p, SP_K_SCHEMA) || sp_is(p, SP_K_NAMESPACE);
	if (!s->view && !s->database)
		sp_need(p, SP_K_TABLE);
	else
		p->i++;
	sp_target(p, s);
	if (sp_take(p, SP_K_PARTITION))
		sp_partition(p, &s->partition, &s->n_partition);
	if (sp_take(p, SP_K_SET)) {
		set(p, s, first);
		if (s->database && (s->kind == SP_STMT_ALTER_SET_PROPERTIES || s->kind == SP_STMT_ALTER_SET_LOCATION))
			s->kind = SP_STMT_ALTER_DATABASE;
	} else if (s->database) {
		sp_syntax(p);
	} else if (sp_take(p, SP_K_RENAME)) {
		rename_to(p, s);
	} else if (sp_take(p, SP_K_UNSET)) {
		s->kind = SP_STMT_ALTER_UNSET_PROPERTIES;
		sp_need(p, SP_K_TBLPROPERTIES);
		sp_if_exists(p, &s->if_exists);
		sp_options(p, &s->properties, SP_VALUES_NONE);
	} else if (s->view) {
		s->kind = SP_STMT_ALTER_VIEW_AS;
		(void)sp_take(p, SP_K_AS);
		sp_as_query(p, s);
	} else if (sp_take(p, SP_K_ADD)) {
		add(p, s, first);
	} else if (sp_take(p, SP_K_DROP)) {
		drop(p, s, first);
	} else if (sp_is(p, SP_K_ALTER) || sp_is(p, SP_K_CHANGE)) {
		column(p, s, p->t[p->i++].kind == SP_K_CHANGE);
	} else if (sp_take2(p, SP_K_REPLACE, SP_K_COLUMNS)) {
		s->kind = SP_STMT_ALTER_REPLACE_COLUMNS;
		sp_need(p, SP_T_OPEN);
		sp_columns(p, s, true);
		sp_need(p, SP_T_CLOSE);
	} else if (sp_take2(p, SP_K_CLUSTER, SP_K_BY)) {
		s->kind = SP_STMT_ALTER_CLUSTER_BY;
		if (!sp_take(p, SP_K_NONE)) {
			sp_need(p, SP_T_OPEN);
			sp_names(p, &s->names);
			sp_need(p, SP_T_CLOSE);
		}
	} else {
		other(p, s, first);
	}
}
