#include "conf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct conf_row {
	char *section, *key, *value;
};

struct conf {
	struct conf_row *rows;
	size_t n, cap;
};

struct conf *conf_new(void)
{
	return xcalloc(1, sizeof(struct conf));
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++) {
		free(c->rows[i].section);
		free(c->rows[i].key);
		free(c->rows[i].value);
	}
	free(c->rows);
	free(c);
}

void conf_set(struct conf *c, const char *section, const char *key, const char *value)
{
	for (size_t i = 0; i < c->n; i++) {
		if (!strcmp(c->rows[i].section, section) && !strcmp(c->rows[i].key, key)) {
			free(c->rows[i].value);
			c->rows[i].value = xstrdup(value);
			return;
		}
	}
	GROW(c->rows, c->n, c->cap);
	c->rows[c->n++] = (struct conf_row){ xstrdup(section), xstrdup(key), xstrdup(value) };
}

int conf_parse(struct conf *c, const char *name, struct slice text, struct error *err)
{
	char section[128] = "", key[256];
	struct slice line, rest = text;
	for (int no = 1; rest.p; no++) {
		sl_cut(rest, '\n', &line, &rest);
		line = sl_trim(line);
		if (!line.n || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (line.p[0] == '[') {
			if (line.p[line.n - 1] != ']' || line.n - 2 >= sizeof(section))
				return err_set(err, ERR_INVALID, "%s:%d: a section is [name]", name, no);
			memcpy(section, line.p + 1, line.n - 2);
			section[line.n - 2] = '\0';
			continue;
		}
		struct slice k, v;
		if (!sl_cut(line, '=', &k, &v) || !(k = sl_trim(k)).n || k.n >= sizeof(key))
			return err_set(err, ERR_INVALID, "%s:%d: a line is key = value, got: %.*s", name, no, SL(line));
		v = sl_trim(v);
		memcpy(key, k.p, k.n);
		key[k.n] = '\0';
		char *value = xstrndup(v.p, v.n);
		conf_set(c, section, key, value);
		free(value);
	}
	return 0;
}

const char *conf_get(const struct conf *c, const char *section, const char *key)
{
	for (size_t i = 0; c && i < c->n; i++)
		if (!strcmp(c->rows[i].section, section) && !strcmp(c->rows[i].key, key))
			return c->rows[i].value;
	return NULL;
}

const char *conf_str(const struct conf *c, const char *section, const char *key, const char *otherwise)
{
	const char *v = conf_get(c, section, key);
	return v ? v : otherwise;
}

int64_t conf_int(const struct conf *c, const char *section, const char *key, int64_t otherwise)
{
	int64_t v;
	const char *text = conf_get(c, section, key);
	return text && sl_int(sl(text), INT64_MIN, INT64_MAX, &v) ? v : otherwise;
}

bool conf_bool(const struct conf *c, const char *section, const char *key, bool otherwise)
{
	const char *v = conf_get(c, section, key);
	if (!v)
		return otherwise;
	return !strcasecmp(v, "true") || !strcasecmp(v, "yes") || !strcasecmp(v, "on") || !strcmp(v, "1");
}

bool conf_at(const struct conf *c, const char *section, size_t i, const char **key, const char **value)
{
	for (size_t at = 0; c && at < c->n; at++) {
		if (strcmp(c->rows[at].section, section) || i--)
			continue;
		*key = c->rows[at].key;
		*value = c->rows[at].value;
		return true;
	}
	return false;
}
