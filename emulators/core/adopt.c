#include "adopt.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <unistd.h>

#include "service.h"
#include "text.h"

#define GONE "-" /* in place of what it was made of: deleted, and not to be adopted */
enum { HOOKS_MAX = 16, MAX = 100, GONE_MAX = 1000, FILE_MAX = 1 << 20, NAME_MAX_BYTES = 255 };

const struct setting adopt_settings[] = {
	{ "stack", "adopt", "off", "what a program names and the stack lacks is made of the stack's like one; tarn exec: on", SETTING_BOOL },
	{ "adopt", "user", NULL, "a pattern: what may stand for the stack's user in the names of another user's topics, streams, buckets" },
	{ "adopt", "max", "100", "most of a kind that are adopted", SETTING_INT, NULL, 0, 100000 },
	{ "adopt.streams", "*", NULL, "NAME = STREAM: a stream made like this one of the stack's when it is named; several datasets' records are in it" },
	{ NULL },
};

static const struct kind {
	const char *section, *name;
} kinds[] = { { "topics", "topic" }, { "streams", "stream" }, { "buckets", "bucket" }, { "users", "user" }, { "apis", "api" }, { "stages", "stage" }, { "hosts", "host" },
	    { "roles", "role" } };
enum { USERS = 3 };

struct thing {
	size_t kind;
	char *name, *from;
};

struct adopt {
	const struct env *env;
	const char *user;
	regex_t pattern;
	bool on, refused, has_pattern, changed, failed, full[ARRAY_LEN(kinds)];
	int64_t max;
	int holds;
	struct thing *things;
	size_t n, cap;
	struct adopt_hook hooks[HOOKS_MAX];
	size_t hook_n;
};

bool adopt_on(const struct adopt *a)
{
	return a && (a->on || (a->holds > 0 && !a->refused));
}

void adopt_hold(struct adopt *a, int by)
{
	if (a)
		a->holds += by;
}

int adopt_holds(const struct adopt *a)
{
	return a ? a->holds : 0;
}

static size_t kind_of(struct slice word)
{
	size_t i = 0;
	while (i < ARRAY_LEN(kinds) && !sl_eqs(word, kinds[i].section) && !sl_eqs(word, kinds[i].name))
		i++;
	return i;
}

static const struct thing *find(const struct adopt *a, size_t kind, struct slice name)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->things[i].kind == kind && sl_eqs(name, a->things[i].name))
			return &a->things[i];
	return NULL;
}

static void add(struct adopt *a, size_t kind, struct slice name, struct slice from)
{
	GROW(a->things, a->n, a->cap);
	a->things[a->n++] = (struct thing){ kind, xstrndup(name.p, name.n), xstrndup(from.p, from.n) };
}

/* ---- names of another user ---- */

static bool whole(struct slice s, size_t at, size_t n)
{
	return (!at || !isalnum((unsigned char)s.p[at - 1])) && (at + n == s.n || !isalnum((unsigned char)s.p[at + n]));
}

static bool fits(const struct adopt *a, struct slice user)
{
	char text[NAME_MAX_BYTES + 1];
	if (!a->has_pattern || !user.n || user.n > NAME_MAX_BYTES || sl_eqs(user, a->user))
		return false;
	memcpy(text, user.p, user.n);
	text[user.n] = '\0';
	return strlen(text) == user.n && !regexec(&a->pattern, text, 0, NULL, 0);
}

/* What stands in name where the stack's user stands in like; absent: they aren't alike. rest: what follows may be anything. */
static struct slice user_like(const struct adopt *a, struct slice like, struct slice name, bool rest)
{
	ssize_t at = sl_find(like, sl(a->user));
	size_t n = strlen(a->user), before = (size_t)at, end, after;
	if (at < 0 || !whole(like, before, n) || !sl_starts(name, sl_of(like.p, before)))
		return sl(NULL);
	after = like.n - before - n;
	if (!rest && (name.n < before + after || !sl_ends(name, sl_from(like, like.n - after))))
		return sl(NULL);
	for (end = before; rest && end < name.n && isalnum((unsigned char)name.p[end]);)
		end++;
	struct slice user = sl_of(name.p + before, (rest ? end : name.n - after) - before);
	return fits(a, user) ? user : sl(NULL);
}

/* like: the stack's name; NULL: only the user is known by it, as in another topic that begins like the stack's. */
static struct slice user_of(const struct adopt *a, const char *section, struct slice name, const char **like)
{
	const char *key, *value;
	struct slice user;
	for (int rest = 0; rest < (strcmp(section, "topics") ? 1 : 2); rest++)
		for (size_t i = 0; conf_at(a->env->conf, section, i, &key, &value); i++)
			if ((user = user_like(a, sl(key), name, rest)).p) {
				*like = rest ? NULL : key;
				return user;
			}
	*like = NULL;
	return sl(NULL);
}

/* ---- making ---- */

static bool make(struct adopt *a, const char *section, struct slice name, const char *like, bool again)
{
	struct error err;
	for (size_t i = 0; i < a->hook_n; i++) {
		if (strcmp(a->hooks[i].section, section) || (again && !a->hooks[i].again) || !a->hooks[i].make(a->hooks[i].self, name, like, &err))
			continue;
		log_warn(a->env, "adopt-failed", "kind=%s name=%.*s error=\"%s\"", kinds[kind_of(sl(section))].name, SL(name), err.text);
		return false;
	}
	return true;
}

bool adopt_take(struct adopt *a, const char *kind, struct slice name, const char *from)
{
	size_t k = kind_of(sl(kind)), n = 0;
	if (!adopt_on(a) || k == ARRAY_LEN(kinds) || name.n > NAME_MAX_BYTES)
		return false;
	if (find(a, k, name))
		return true;
	for (size_t i = 0; i < a->n; i++)
		n += a->things[i].kind == k && strcmp(a->things[i].from, GONE);
	if (n >= (size_t)a->max) {
		if (!a->full[k])
			log_warn(a->env, "adopt-limit", "kind=%s name=%.*s max=%lld: [adopt] max", kinds[k].name, SL(name), (long long)a->max);
		a->full[k] = true;
		return false;
	}
	add(a, k, name, sl(from));
	a->changed = true;
	log_warn(a->env, "adopt", "%s=%.*s from=%s", kinds[k].name, SL(name), from);
	return true;
}

static void take_user(struct adopt *a, struct slice user)
{
	if (!find(a, USERS, user) && adopt_take(a, "users", user, a->user))
		(void)make(a, "users", user, a->user, false);
}

/* Of which of the stack's names a thing of that name would be made; NULL: none. */
static const char *like_of(const struct adopt *a, const char *section, struct slice name, struct slice *user)
{
	char text[NAME_MAX_BYTES + 1];
	const char *like;
	*user = user_of(a, section, name, &like);
	if (like || strcmp(section, "streams"))
		return like;
	snprintf(text, sizeof(text), "%.*s", SL(name));
	return conf_get(a->env->conf, "adopt.streams", text);
}

bool adopt_name(struct adopt *a, const char *section, struct slice name)
{
	const char *like;
	struct slice user;
	if (!adopt_on(a) || !name.n || name.n > NAME_MAX_BYTES)
		return false;
	like = like_of(a, section, name, &user);
	if (find(a, kind_of(sl(section)), name))
		return false;
	if (user.p)
		take_user(a, user);
	if (find(a, kind_of(sl(section)), name)) /* what is made for the user has named it */
		return true;
	return like && adopt_take(a, section, name, like) && make(a, section, name, like, false);
}

void adopt_gone(struct adopt *a, const char *section, struct slice name)
{
	struct slice user;
	size_t k = kind_of(sl(section)), n = 0;
	if (!adopt_on(a) || !name.n || name.n > NAME_MAX_BYTES || find(a, k, name) || !like_of(a, section, name, &user))
		return;
	for (size_t i = 0; i < a->n; i++)
		n += !strcmp(a->things[i].from, GONE);
	if (n >= GONE_MAX)
		return;
	add(a, k, name, S(GONE));
	a->changed = true;
}

void adopt_user_of(struct adopt *a, const char *section, struct slice name)
{
	const char *like;
	struct slice user = adopt_on(a) ? user_of(a, section, name, &like) : sl(NULL);
	if (user.p)
		take_user(a, user);
}

/* ---- what there is ---- */

bool adopt_has(const struct adopt *a, const char *kind, struct slice name)
{
	return a && find(a, kind_of(sl(kind)), name);
}

struct slice adopt_whose(const struct adopt *a, const char *section, struct slice name)
{
	const char *like;
	return a ? user_of(a, section, name, &like) : sl(NULL);
}

struct slice adopt_text(struct arena *mem, const struct adopt *a, struct slice text, struct slice user)
{
	struct buf b = { 0 };
	struct slice out;
	(void)buf_renamed(&b, text, sl(a->user), user);
	out = arena_dup(mem, buf_slice(&b));
	buf_free(&b);
	return out;
}

bool adopt_at(const struct adopt *a, size_t i, struct adopted *out)
{
	for (size_t at = 0; a && at < a->n; at++)
		if (strcmp(a->things[at].from, GONE) && !i--) {
			*out = (struct adopted){ kinds[a->things[at].kind].name, a->things[at].name, a->things[at].from };
			return true;
		}
	return false;
}

const char *adopt_user(const struct adopt *a, size_t i)
{
	for (size_t at = 0; a && at < a->n; at++)
		if (a->things[at].kind == USERS && !i--)
			return a->things[at].name;
	return NULL;
}

/* ---- over restarts: a line "KIND NAME FROM" each ---- */

static bool kept(const struct adopt *a)
{
	return a->env->dir && a->env->durability != DURABILITY_OFF;
}

void adopt_take_lines(struct adopt *a, struct slice rest)
{
	struct slice line, kind, name, from;
	while (a && rest.p && rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		if (sl_cut(line, ' ', &kind, &name) && sl_cut(name, ' ', &name, &from) && kind_of(kind) < ARRAY_LEN(kinds))
			add(a, kind_of(kind), name, from);
	}
}

void adopt_lines(const struct adopt *a, struct buf *out)
{
	for (size_t i = 0; a && i < a->n; i++)
		buf_addf(out, "%s %s %s\n", kinds[a->things[i].kind].name, a->things[i].name, a->things[i].from);
}

static void read_kept(struct adopt *a)
{
	char piece[4096];
	struct buf b = { .max = FILE_MAX };
	char *path = xasprintf("%s/adopted", a->env->dir);
	FILE *in = fopen(path, "re");
	for (size_t n; in && (n = fread(piece, 1, sizeof(piece), in)) > 0;)
		buf_add(&b, piece, n);
	if (in)
		fclose(in);
	adopt_take_lines(a, buf_slice(&b));
	buf_free(&b);
	free(path);
}

void adopt_write(struct adopt *a)
{
	struct buf b = { 0 };
	if (!a || !a->changed || !kept(a))
		return;
	char *path = xasprintf("%s/adopted", a->env->dir), *new = xasprintf("%s.new", path);
	adopt_lines(a, &b);
	int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd >= 0 && write(fd, buf_cstr(&b), b.n) == (ssize_t)b.n && !rename(new, path))
		a->changed = false;
	else if (!a->failed)
		log_error(a->env, "not-kept", "file=adopted error=\"%s\"", strerror(errno));
	a->failed = a->changed;
	if (fd >= 0)
		close(fd);
	buf_free(&b);
	free(new);
	free(path);
}

void adopt_again(struct adopt *a)
{
	for (size_t i = 0; a && i < a->n; i++)
		if (strcmp(a->things[i].from, GONE))
			(void)make(a, kinds[a->things[i].kind].section, sl(a->things[i].name), a->things[i].from, true);
}

/* ---- life ---- */

void adopt_by(struct adopt *a, const struct adopt_hook *h)
{
	if (!a)
		return;
	assert(a->hook_n < HOOKS_MAX);
	a->hooks[a->hook_n++] = *h;
}

/* *has: there is one. */
static int read_pattern(const struct conf *conf, regex_t *out, bool *has, struct error *err)
{
	const char *pattern = conf_get(conf, "adopt", "user");
	char why[128], *text;
	*has = false;
	if (!pattern)
		return 0;
	text = xasprintf("^(%s)$", pattern);
	int code = regcomp(out, text, REG_EXTENDED | REG_NOSUB);
	free(text);
	if (code) {
		regerror(code, out, why, sizeof(why));
		return err_set(err, ERR_INVALID, "[adopt] user = %s: %s", pattern, why);
	}
	*has = true;
	return 0;
}

/* The words of a name that fit: the only one so far stays in *found, two make it ambiguous. */
static void look_for_user(const regex_t *pattern, struct slice name, char **found, bool *many)
{
	for (size_t at = 0, n; at < name.n; at += n + 1) {
		for (n = 0; at + n < name.n && isalnum((unsigned char)name.p[at + n]);)
			n++;
		char *word = xstrndup(name.p + at, n);
		bool good = n && !regexec(pattern, word, 0, NULL, 0) && (!*found || strcmp(*found, word));
		*many |= good && *found;
		if (good && !*found)
			*found = word;
		else
			free(word);
	}
}

char *adopt_names_user(const struct conf *conf, const char *user)
{
	static const char *const sections[] = { "topics", "streams", "buckets" };
	const char *key, *value;
	regex_t pattern;
	struct error err;
	char *found = NULL;
	bool has, many = false;
	for (size_t s = 0; s < ARRAY_LEN(sections); s++)
		for (size_t i = 0; conf_at(conf, sections[s], i, &key, &value); i++) {
			ssize_t at = sl_find(sl(key), sl(user));
			if (user && *user && at >= 0 && whole(sl(key), (size_t)at, strlen(user)))
				return xstrdup(user);
		}
	if (read_pattern(conf, &pattern, &has, &err) || !has)
		return NULL;
	for (size_t s = 0; s < ARRAY_LEN(sections); s++)
		for (size_t i = 0; conf_at(conf, sections[s], i, &key, &value); i++)
			look_for_user(&pattern, sl(key), &found, &many);
	regfree(&pattern);
	if (many) {
		free(found);
		found = NULL;
	}
	return found;
}

int adopt_open(const struct env *env, struct adopt **out, struct error *err)
{
	int rc;
	*out = NULL;
	struct adopt *a = xcalloc(1, sizeof(*a));
	a->on = conf_bool(env->conf, "stack", "adopt", false);
	a->refused = !a->on && conf_get(env->conf, "stack", "adopt");
	a->env = env;
	a->user = conf_str(env->conf, "stack", "user", "student");
	a->max = conf_int(env->conf, "adopt", "max", MAX);
	if ((rc = read_pattern(env->conf, &a->pattern, &a->has_pattern, err))) {
		adopt_close(a);
		return rc;
	}
	if (kept(a))
		read_kept(a);
	*out = a;
	return 0;
}

void adopt_close(struct adopt *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n; i++) {
		free(a->things[i].name);
		free(a->things[i].from);
	}
	if (a->has_pattern)
		regfree(&a->pattern);
	free(a->things);
	free(a);
}
