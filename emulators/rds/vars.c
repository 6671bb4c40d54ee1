/* System variables, and SET. */
#include "rds/rds.h"

/* Numbers that do something: of a session, and the global ones that new sessions begin with. */
static const struct number {
	const char *name;
	size_t at; /* in struct rds_vars */
	int64_t lo, hi, dflt;
} numbers[] = {
	{ "connect_timeout", offsetof(struct rds_vars, connect_s), 2, 31536000, 10 },
	{ "cte_max_recursion_depth", offsetof(struct rds_vars, recursion_max), 0, UINT32_MAX, 1000 },
	{ "innodb_lock_wait_timeout", offsetof(struct rds_vars, lock_wait_s), 1, 1073741824, 50 },
	{ "interactive_timeout", offsetof(struct rds_vars, interactive_s), 1, 31536000, 28800 },
	{ "max_execution_time", offsetof(struct rds_vars, execution_ms), 0, UINT32_MAX, 0 },
	{ "wait_timeout", offsetof(struct rds_vars, wait_s), 1, 31536000, 28800 },
};

static const char *const levels[] = { [READ_UNCOMMITTED] = "READ-UNCOMMITTED", [READ_COMMITTED] = "READ-COMMITTED",
				      [REPEATABLE_READ] = "REPEATABLE-READ", [SERIALIZABLE] = "SERIALIZABLE" };

static const struct variable {
	const char *name, *value;
} variables[] = {
	{ "auto_increment_increment", "1" },
	{ "autocommit", "1" }, /* the session's own */
	{ "character_set_client", "utf8mb4" },
	{ "character_set_connection", "utf8mb4" },
	{ "character_set_database", "utf8mb4" },
	{ "character_set_results", "utf8mb4" },
	{ "character_set_server", "utf8mb4" },
	{ "character_set_system", "utf8mb3" },
	{ "collation_connection", "utf8mb4_0900_ai_ci" },
	{ "collation_database", "utf8mb4_0900_ai_ci" },
	{ "collation_server", "utf8mb4_0900_ai_ci" },
	{ "default_storage_engine", "InnoDB" },
	{ "foreign_key_checks", "1" },
	{ "group_concat_max_len", "1024" },
	{ "hostname", "tarn" },
	{ "init_connect", "" },
	{ "license", "GPL" },
	{ "lower_case_table_names", "0" },
	{ "max_allowed_packet", "67108864" },
	{ "net_read_timeout", "30" },
	{ "net_write_timeout", "60" },
	{ "performance_schema", "0" },
	{ "port", "3306" },
	{ "profiling", "0" },
	{ "read_only", "0" },
	{ "sql_auto_is_null", "0" },
	{ "sql_mode",
	  "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION" },
	{ "sql_notes", "1" },
	{ "sql_quote_show_create", "1" },
	{ "sql_safe_updates", "0" },
	{ "sql_select_limit", "18446744073709551615" },
	{ "system_time_zone", "UTC" },
	{ "time_zone", "SYSTEM" },
	{ "transaction_read_only", "0" },
	{ "unique_checks", "1" },
	{ "version", "" }, /* the service's own */
	{ "version_comment", "Source distribution" },
	{ "version_compile_machine", "x86_64" },
	{ "version_compile_os", "Linux" },
};


static int64_t *number_in(struct rds_vars *v, const struct number *n)
{
	return (int64_t *)((char *)v + n->at);
}

void rds_vars_init(struct rds *r)
{
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		*number_in(&r->vars, &numbers[i]) = numbers[i].dflt;
	r->vars.isolation = REPEATABLE_READ;
}

const char *rds_variable_at(size_t i)
{
	if (i < ARRAY_LEN(numbers))
		return numbers[i].name;
	i -= ARRAY_LEN(numbers);
	if (i < ARRAY_LEN(variables))
		return variables[i].name;
	return i == ARRAY_LEN(variables) ? "transaction_isolation" : NULL;
}

static bool is_isolation(struct slice name)
{
	return sl_eq_nocase(name, S("transaction_isolation")) || sl_eq_nocase(name, S("tx_isolation"));
}

/* Without session., global.; *global: it had that. */
static struct slice bare(struct slice name, bool *global)
{
	*global = sl_starts_nocase(name, S("global."));
	if (*global || sl_starts_nocase(name, S("session.")) || sl_starts_nocase(name, S("local."))) {
		struct slice head;
		sl_cut(name, '.', &head, &name);
	}
	return name;
}

struct slice rds_variable(struct arena *a, struct slice name, const struct rds_session *s)
{
	bool global;
	name = bare(name, &global);
	struct rds_vars v = global ? s->r->vars : s->vars;
	if (sl_eq_nocase(name, S("version")))
		return sl(s->r->version);
	if (sl_eq_nocase(name, S("autocommit")))
		return global || s->autocommit ? S("1") : S("0");
	if (sl_eq_nocase(name, S("pseudo_thread_id")))
		return arena_printf(a, "%u", s->id);
	if (is_isolation(name))
		return sl(levels[v.isolation]);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (sl_eq_nocase(name, sl(numbers[i].name)))
			return arena_printf(a, "%lld", (long long)*number_in(&v, &numbers[i]));
	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		if (sl_eq_nocase(name, sl(variables[i].name)))
			return sl(variables[i].value);
	return sl(NULL);
}

/* ---- SET ---- */

static bool is_on(const struct tok *t)
{
	return t->kind == TOK_NUMBER ? !sl_eqs(t->text, "0") : !(tok_is(t, "OFF") || tok_is(t, "FALSE"));
}

static int set_autocommit(struct rds_session *s, const struct tok *value, struct error *err)
{
	bool on = is_on(value);
	int rc = on && !s->autocommit && s->in_tx ? rds_end(s, true, true, err) : 0;
	if (!rc)
		s->autocommit = on;
	return rc;
}

static int set_level(struct rds_vars *v, struct slice name, const struct tok *value, struct error *err)
{
	struct slice text = value->kind == TOK_STRING ? value->value : value->text;
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (!sl_eq_nocase(text, sl(levels[i])))
			continue;
		v->isolation = (enum rds_isolation)i;
		return 0;
	}
	return err_fail(err, &rds_errors[RDS_E_VALUE], "Variable '%.*s' can't be set to the value of '%.*s'", SL(name), SL(text));
}

/* Numbers out of range are taken as the nearest one, as MySQL does (with a warning). minus: a sign stands before it. */
static int set_number(struct rds_session *s, bool global, const struct number *n, const struct tok *value, struct error *err)
{
	bool minus = tok_is(value, "-");
	if (!global && n->at == offsetof(struct rds_vars, connect_s))
		return err_fail(err, &rds_errors[RDS_E_GLOBAL], "Variable '%s' is a GLOBAL variable and should be set with SET GLOBAL", n->name);
	int64_t v = n->hi;
	value += minus;
	if (tok_is(value, "DEFAULT"))
		v = global ? n->dflt : *number_in(&s->r->vars, n);
	else if (value->kind != TOK_NUMBER || sl_chr(value->text, '.') >= 0 || sl_chr(value->text, 'e') >= 0)
		return err_fail(err, &rds_errors[RDS_E_VALUE_TYPE], "Incorrect argument type to variable '%s'", n->name);
	else
		(void)sl_int(value->text, 0, INT64_MAX, &v);
	v = minus ? n->lo : v < n->lo ? n->lo : v > n->hi ? n->hi : v;
	*number_in(global ? &s->r->vars : &s->vars, n) = v;
	return 0;
}

static int set_variable(struct rds_session *s, bool global, const struct tok *name, const struct tok *value, struct error *err)
{
	struct slice n = name->kind == TOK_SYSVAR || name->kind == TOK_QUOTED ? name->value : name->text;
	bool said;
	if (name->kind == TOK_USERVAR)
		return err_fail(err, &rds_errors[RDS_E_UNSUPPORTED], "This version of MySQL doesn't yet support 'user variables'");
	if (!rds_variable(&s->arena, n, s).p)
		return err_fail(err, &rds_errors[RDS_E_VARIABLE], "Unknown system variable '%.*s'", SL(n));
	n = bare(n, &said);
	global |= said;
	if (sl_eq_nocase(n, S("autocommit")))
		return global ? 0 : set_autocommit(s, value, err);
	if (is_isolation(n))
		return set_level(global ? &s->r->vars : &s->vars, n, value, err);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (sl_eq_nocase(n, sl(numbers[i].name)))
			return set_number(s, global, &numbers[i], value, err);
	return 0; /* known, and without effect here */
}

/* SET [SESSION | GLOBAL] TRANSACTION ISOLATION LEVEL x, READ ONLY | WRITE: i is where TRANSACTION stands. */
static int set_transaction(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, size_t i, struct error *err)
{
	static const struct {
		const char *one, *two;
		enum rds_isolation level;
	} rows[] = { { "READ", "UNCOMMITTED", READ_UNCOMMITTED }, { "READ", "COMMITTED", READ_COMMITTED },
		     { "REPEATABLE", "READ", REPEATABLE_READ }, { "SERIALIZABLE", NULL, SERIALIZABLE } };
	struct rds_vars *v = tok_is(&t[1], "GLOBAL") ? &s->r->vars : &s->vars;
	for (i++; i < n; i++) {
		if (i + 1 < n && tok_is(&t[i], "READ") && (tok_is(&t[i + 1], "ONLY") || tok_is(&t[i + 1], "WRITE"))) {
			i += 2;
		} else if (i + 2 < n && tok_is(&t[i], "ISOLATION") && tok_is(&t[i + 1], "LEVEL")) {
			size_t k = 0;
			i += 2;
			while (k < ARRAY_LEN(rows) && !(tok_is(&t[i], rows[k].one) && (!rows[k].two || (i + 1 < n && tok_is(&t[i + 1], rows[k].two)))))
				k++;
			if (k == ARRAY_LEN(rows))
				return rds_syntax(sql, &t[i], err);
			v->isolation = rows[k].level;
			i += rows[k].two ? 2 : 1;
		} else {
			return rds_syntax(sql, &t[i], err);
		}
		if (i < n && !tok_is(&t[i], ","))
			return rds_syntax(sql, &t[i], err);
	}
	return 0;
}

int rds_set(struct rds_session *s, struct slice sql, const struct tok *t, size_t n, struct error *err)
{
	size_t i = 1;
	if (n > 1 && (tok_is(&t[1], "NAMES") || tok_is(&t[1], "CHARACTER") || tok_is(&t[1], "CHARSET")))
		return n > 2 ? 0 : rds_syntax(sql, &t[n], err);
	for (size_t k = 1; k < 3 && k < n; k++)
		if (tok_is(&t[k], "TRANSACTION"))
			return set_transaction(s, sql, t, n, k, err);
	while (i < n) {
		bool global = tok_is(&t[i], "GLOBAL");
		if (global || tok_is(&t[i], "SESSION") || tok_is(&t[i], "LOCAL"))
			i++;
		if (i + 2 >= n || (!tok_is(&t[i + 1], "=") && !tok_is(&t[i + 1], ":=")))
			return rds_syntax(sql, i < n ? &t[i + 1 < n ? i + 1 : i] : &t[n], err);
		int rc = set_variable(s, global, &t[i], &t[i + 2], err);
		if (rc)
			return rc;
		int depth = 0;
		for (i += 2; i < n && (depth || !tok_is(&t[i], ",")); i++)
			depth += tok_is(&t[i], "(") - tok_is(&t[i], ")");
		i++;
	}
	return n > 1 ? 0 : rds_syntax(sql, &t[n], err);
}
