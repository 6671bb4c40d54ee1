/* SHOW, DESCRIBE, SET, RESET. */
#include "sparksql/parser.h"

/* [FROM|IN name] */
static void from_name(struct sp_parser *p, struct sp_stmt *s)
{
	if (sp_take(p, SP_K_FROM) || sp_take(p, SP_K_IN))
		sp_target(p, s);
}

/* [[LIKE] 'pattern'] */
static void like_pattern(struct sp_parser *p, struct sp_stmt *s)
{
	bool like = sp_take(p, SP_K_LIKE);
	if (like || sp_is_string(sp_kind_at(p, 0)))
		s->pattern = sp_string(p);
}

static void show_columns(struct sp_parser *p, struct sp_stmt *s)
{
	if (!sp_take(p, SP_K_FROM))
		sp_need(p, SP_K_IN);
	sp_target(p, s);
	if (sp_take(p, SP_K_FROM) || sp_take(p, SP_K_IN))
		sp_name(p, &s->source);
}

static void show_functions(struct sp_parser *p, struct sp_stmt *s)
{
	if (!sp_is(p, SP_K_FUNCTIONS))
		s->text = sp_ident(p);
	sp_must(p, SP_K_FUNCTIONS);
	from_name(p, s);
	if (sp_take(p, SP_K_LIKE) || sp_is_string(sp_kind_at(p, 0)) || sp_is_word(sp_kind_at(p, 0))) {
		uint32_t first = p->i;
		if (sp_is_string(sp_kind_at(p, 0))) {
			s->pattern = sp_string(p);
		} else {
			sp_name(p, &s->source);
			s->pattern = sp_text_from(p, first);
		}
	}
}

static void show_table(struct sp_parser *p, struct sp_stmt *s)
{
	sp_need(p, SP_K_EXTENDED);
	from_name(p, s);
	sp_need(p, SP_K_LIKE);
	s->pattern = sp_string(p);
	if (sp_take(p, SP_K_PARTITION))
		sp_partition(p, &s->partition, &s->n_partition);
}

void sp_show(struct sp_parser *p, struct sp_stmt *s)
{
	enum sp_token_kind k = sp_kind_at(p, 1), next = sp_kind_at(p, 2);
	p->i += 2;
	switch ((int)k) {
	case SP_K_DATABASES: case SP_K_SCHEMAS: case SP_K_NAMESPACES:
		s->kind = SP_STMT_SHOW_DATABASES;
		from_name(p, s);
		like_pattern(p, s);
		break;
	case SP_K_TABLES: case SP_K_VIEWS:
		s->kind = k == SP_K_TABLES ? SP_STMT_SHOW_TABLES : SP_STMT_SHOW_VIEWS;
		from_name(p, s);
		like_pattern(p, s);
		break;
	case SP_K_TABLE:
		s->kind = SP_STMT_SHOW_TABLE_EXTENDED;
		show_table(p, s);
		break;
	case SP_K_COLUMNS:
		s->kind = SP_STMT_SHOW_COLUMNS;
		show_columns(p, s);
		break;
	case SP_K_TBLPROPERTIES:
		s->kind = SP_STMT_SHOW_PROPERTIES;
		sp_target(p, s);
		if (sp_is(p, SP_T_OPEN)) {
			sp_options(p, &s->properties, SP_VALUES_ANY);
			s->key = s->properties.n ? s->properties.v[0].key : sl(NULL);
		}
		break;
	case SP_K_CREATE:
		s->kind = SP_STMT_SHOW_CREATE_TABLE;
		sp_need(p, SP_K_TABLE);
		sp_target(p, s);
		(void)sp_take2(p, SP_K_AS, SP_K_SERDE);
		break;
	case SP_K_PARTITIONS:
		s->kind = SP_STMT_SHOW_PARTITIONS;
		sp_target(p, s);
		if (sp_take(p, SP_K_PARTITION))
			sp_partition(p, &s->partition, &s->n_partition);
		break;
	case SP_K_CATALOGS:
		s->kind = SP_STMT_SHOW_CATALOGS;
		like_pattern(p, s);
		break;
	case SP_K_CURRENT:
		s->kind = SP_STMT_SHOW_CURRENT;
		if (!sp_take(p, SP_K_DATABASE) && !sp_take(p, SP_K_SCHEMA))
			sp_need(p, SP_K_NAMESPACE);
		break;
	case SP_K_GRANT: case SP_K_ROLE: case SP_K_ROLES: case SP_K_PRINCIPALS: case SP_K_COMPACTIONS: case SP_K_TRANSACTIONS: case SP_K_INDEXES:
	case SP_K_LOCKS:
		p->i -= 2;
		sp_hive(p, s, 2);
		break;
	default:
		p->i--;
		if (k != SP_K_FUNCTIONS && !(sp_is_word(k) && (next == SP_K_FUNCTIONS || next == SP_T_END)))
			sp_syntax(p);
		s->kind = SP_STMT_SHOW_FUNCTIONS;
		show_functions(p, s);
	}
}

/* ---------------------------------------------------------------- DESCRIBE */

static void describe_table(struct sp_parser *p, struct sp_stmt *s)
{
	enum sp_token_kind next = sp_kind_at(p, 1);
	s->kind = SP_STMT_DESCRIBE_TABLE;
	if (sp_is(p, SP_K_TABLE) && (sp_is_word(next) || next == SP_T_OPEN))
		p->i++;
	if ((sp_is(p, SP_K_EXTENDED) || sp_is(p, SP_K_FORMATTED)) && sp_is_word(sp_kind_at(p, 1))) {
		s->extended = true;
		s->formatted = sp_is(p, SP_K_FORMATTED);
		p->i++;
	}
	sp_target(p, s);
	if (sp_is2(p, SP_K_PARTITION, SP_T_OPEN)) {
		p->i++;
		sp_partition(p, &s->partition, &s->n_partition);
	}
	if (sp_is_word(sp_kind_at(p, 0)))
		sp_name(p, &s->column);
}

static void describe_function(struct sp_parser *p, struct sp_stmt *s)
{
	s->kind = SP_STMT_DESCRIBE_FUNCTION;
	p->i++;
	s->extended = sp_is(p, SP_K_EXTENDED) && sp_kind_at(p, 1) != SP_T_END && sp_take(p, SP_K_EXTENDED);
	if (sp_is_string(sp_kind_at(p, 0))) {
		s->text = sp_string(p);
	} else if (sp_is_word(sp_kind_at(p, 0))) {
		sp_target(p, s);
	} else if (!sp_is(p, SP_T_END) && !sp_is(p, SP_T_SEMICOLON)) { /* an operator */
		s->text = sp_text(p, p->i);
		p->i++;
	} else {
		sp_syntax(p);
	}
}

void sp_describe(struct sp_parser *p, struct sp_stmt *s)
{
	enum sp_token_kind k = sp_kind_at(p, 1), next = sp_kind_at(p, 2);
	bool more = next != SP_T_END && next != SP_T_SEMICOLON && next != SP_T_DOT;
	p->i++;
	if (k == SP_K_FUNCTION && more) {
		describe_function(p, s);
	} else if ((k == SP_K_DATABASE || k == SP_K_SCHEMA || k == SP_K_NAMESPACE) && more) {
		s->kind = SP_STMT_DESCRIBE_DATABASE;
		p->i++;
		s->extended = sp_is(p, SP_K_EXTENDED) && sp_is_word(sp_kind_at(p, 1)) && sp_take(p, SP_K_EXTENDED);
		sp_target(p, s);
	} else if ((k == SP_K_DETAIL || k == SP_K_HISTORY) && more) {
		s->kind = k == SP_K_DETAIL ? SP_STMT_DESCRIBE_DETAIL : SP_STMT_DESCRIBE_HISTORY;
		p->i++;
		if (sp_is_string(sp_kind_at(p, 0)))
			s->text = sp_string(p);
		else
			sp_target(p, s);
		if (s->kind == SP_STMT_DESCRIBE_HISTORY && sp_take(p, SP_K_LIMIT))
			s->limit = sp_value(p);
	} else if ((k == SP_K_QUERY && more) || (k != SP_K_TABLE && sp_query_at(p, p->i))) {
		s->kind = SP_STMT_DESCRIBE_QUERY;
		(void)sp_take(p, SP_K_QUERY);
		sp_as_query(p, s);
	} else {
		describe_table(p, s);
	}
}

/* ---------------------------------------------------------------- SET, RESET */

static bool is_key(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == ':' || c == '\\';
}

/* The text behind the first token up to the end of the statement, and past it. */
static struct slice rest_of(struct sp_parser *p)
{
	uint32_t from = p->t[p->i].end, end;
	while (!sp_is(p, SP_T_END))
		p->i++;
	while (p->t[p->i - 1].kind == SP_T_SEMICOLON)
		p->i--;
	end = p->t[p->i].at;
	return sl_trim((struct slice){ p->sql.p + from, end > from ? end - from : 0 });
}

static void set_time_zone(struct sp_parser *p, struct sp_stmt *s)
{
	uint32_t first = p->i;
	s->kind = SP_STMT_SET_TIME_ZONE;
	p->i += 3;
	if (sp_take(p, SP_K_LOCAL)) {
		s->local = true;
	} else if (sp_is_string(sp_kind_at(p, 0))) {
		s->text = sp_string(p);
	} else {
		if (sp_is(p, SP_K_INTERVAL))
			s->body = sp_interval(p);
		if (s->body && (s->body->lit.kind != SP_LIT_DAY_TIME || llabs(s->body->lit.interval.micros) > 18 * 3600000000LL ||
				s->body->lit.interval.micros % 1000000))
			sp_late(p, first + 3, p->i, "_LEGACY_ERROR_TEMP_0044", "", "The interval value must be in the range of [-18, +18] hours with second precision.");
		if (!s->body) {
			while (!sp_is(p, SP_T_END) && !sp_is(p, SP_T_SEMICOLON))
				p->i++;
			sp_late(p, first, p->i, "_LEGACY_ERROR_TEMP_0045", "", "Invalid time zone displacement value.");
		}
	}
}

static void bad_set(struct sp_parser *p, uint32_t first)
{
	sp_late(p, first, p->i, "INVALID_SET_SYNTAX", "42000", "Expected format is 'SET', 'SET key', or 'SET key=value'. If you want to include special "
		"characters in key, or include semicolon in value, please use backquotes, e.g., SET `key`=`value`.");
}

/* SET `key` [= `value` or anything] */
static void set_quoted(struct sp_parser *p, struct sp_stmt *s)
{
	struct slice rest;
	p->i++;
	s->key = sp_ident(p);
	if (sp_is(p, SP_T_EQ)) {
		if (sp_kind_at(p, 1) == SP_T_BACKQUOTED && (sp_kind_at(p, 2) == SP_T_END || sp_kind_at(p, 2) == SP_T_SEMICOLON)) {
			p->i++;
			s->value = sp_ident(p);
			return;
		}
		rest = rest_of(p);
		s->value = rest;
	} else if (!sp_is(p, SP_T_END) && !sp_is(p, SP_T_SEMICOLON)) {
		sp_syntax(p);
	}
}

void sp_set(struct sp_parser *p, struct sp_stmt *s)
{
	uint32_t first = p->i;
	bool reset = sp_is(p, SP_K_RESET);
	struct slice rest, key, value;
	size_t n = 0;
	s->kind = reset ? SP_STMT_RESET : SP_STMT_SET;
	if (!reset && sp_kind_at(p, 1) == SP_K_TIME && sp_kind_at(p, 2) == SP_K_ZONE) {
		set_time_zone(p, s);
		return;
	}
	if (!reset && ((sp_kind_at(p, 1) == SP_K_ROLE) || ((sp_kind_at(p, 1) == SP_K_VAR || sp_kind_at(p, 1) == SP_K_VARIABLE) &&
							   (sp_is_word(sp_kind_at(p, 2)) || sp_kind_at(p, 2) == SP_T_OPEN)))) {
		sp_refused(p, s, 2);
		return;
	}
	if (!reset && sp_kind_at(p, 1) == SP_K_CATALOG && (sp_is_word(sp_kind_at(p, 2)) || sp_is_string(sp_kind_at(p, 2)))) {
		s->kind = SP_STMT_USE;
		s->catalog = true;
		p->i += 2;
		if (sp_is_string(sp_kind_at(p, 0))) {
			s->name.parts = arena_alloc(p->a, sizeof(*s->name.parts));
			s->name.n = 1;
			s->name.parts[0] = sp_string(p);
		} else {
			sp_name(p, &s->name);
		}
		return;
	}
	if (sp_kind_at(p, 1) == SP_T_BACKQUOTED) {
		set_quoted(p, s);
		return;
	}
	rest = rest_of(p);
	if (rest.n == 0)
		return;
	if (!reset && sl_eq(rest, S("-v"))) {
		s->show_all = true;
		return;
	}
	while (n < rest.n && is_key(rest.p[n]))
		n++;
	key = (struct slice){ rest.p, n };
	value = sl_trim(sl_from(rest, n));
	if (n && value.n == 0) {
		s->key = key;
	} else if (n && !reset && value.p[0] == '=' && sl_chr(value, ';') < 0) {
		s->key = key;
		s->value = sl_trim(sl_from(value, 1));
	} else if (reset) {
		sp_late(p, first, p->i, "", "", "Expected format is 'RESET' or 'RESET key'. If you want to include special characters in key, please use quotes, "
			"e.g., RESET `key`.");
	} else {
		bad_set(p, first);
	}
}
