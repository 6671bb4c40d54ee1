/* Whose a record is in a stream that several datasets share. */
#include "cleaning/cleaning.h"
#include "core/json.h"

/* The last part of a partition key that is a dataset's: "USER.orders", "streaming-USER-orders", "USER_orders". */
static const struct dataset *by_key(const struct datasets *all, struct slice key)
{
	const struct dataset *found = NULL, *one;
	for (size_t at = 0, n; at < key.n; at += n + 1) {
		for (n = 0; at + n < key.n && !memchr("-_.", key.p[at + n], 3);)
			n++;
		one = n ? dataset_find(all, sl_of(key.p + at, n)) : NULL;
		found = one ? one : found;
	}
	return found;
}

static bool knows(const struct clean_rules *r, const char *name)
{
	for (size_t c = 0; c < r->set->column_n; c++) {
		if (r->set->columns[c].made)
			continue;
		if (!strcmp(r->set->columns[c].name, name))
			return true;
		for (size_t i = 0; i < CLEAN_ALIASES_MAX; i++)
			if (sl_eqs(r->alias[c][i], name))
				return true;
	}
	return false;
}

static size_t members_known(const struct clean_rules *r, json_t *record)
{
	const char *name;
	json_t *v;
	size_t n = 0;
	json_object_foreach(record, name, v)
		n += knows(r, name);
	return n;
}

int clean_whose(const struct cleaning *c, struct slice key, struct slice data)
{
	const struct dataset *d = by_key(&c->sets, key);
	size_t most = 0;
	int whose = -1;
	if (d)
		return (int)(d - c->sets.at);
	json_t *all = json_loadb(data.p ? data.p : "", data.n, JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK, NULL);
	json_t *record = json_is_array(all) ? json_array_get(all, 0) : all;
	for (size_t i = 0; json_is_object(record) && i < c->sets.n; i++) {
		size_t n = members_known(&c->rules[i], record);
		if (n > most)
			whose = (int)i;
		else if (n == most)
			whose = -1; /* as likely another's */
		most = n > most ? n : most;
	}
	json_decref(all);
	return whose;
}
