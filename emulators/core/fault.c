#include "fault.h"
#include "json.h"

#include "clock.h"

enum { SITES_MAX = 256 };

struct armed {
	char site[64], name[64];
	int64_t first, last; /* on=A..B, by the site's own count; 0: any */
	double p;            /* 0: always */
	struct fault_hit hit;
	int64_t fired;
};

struct site {
	char name[64];
	uint64_t asked;
};

struct faults {
	uint64_t seed;
	fault_known *known;
	struct armed *armed;
	size_t n;
	struct site *sites;
	size_t site_n;
	uint64_t version;
	void (*changed)(void *arg);
	void *arg;
};

struct faults *faults_new(uint64_t seed)
{
	struct faults *f = xcalloc(1, sizeof(*f));
	f->seed = seed;
	return f;
}

void faults_free(struct faults *f)
{
	if (!f)
		return;
	free(f->armed);
	free(f->sites);
	free(f);
}

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

uint64_t faults_hash(uint64_t seed, struct slice site, uint64_t n)
{
	uint64_t h = mix(seed);
	for (size_t i = 0; i < site.n; i++)
		h = mix(h ^ (uint8_t)site.p[i]);
	return mix(h ^ n);
}

static bool set_range(struct armed *a, struct slice v)
{
	ssize_t dots = sl_find(v, S(".."));
	struct slice from = dots < 0 ? v : sl_of(v.p, (size_t)dots);
	struct slice to = dots < 0 ? v : sl_of(v.p + dots + 2, v.n - (size_t)dots - 2);
	return sl_int(from, 1, INT64_MAX, &a->first) && sl_int(to, a->first, INT64_MAX, &a->last);
}

static bool set_option(struct armed *a, struct slice key, struct slice v)
{
	int64_t n;
	if (sl_eqs(key, "name")) {
		snprintf(a->name, sizeof(a->name), "%.*s", SL(v));
	} else if (sl_eqs(key, "on")) {
		return set_range(a, v);
	} else if (sl_eqs(key, "p")) {
		char text[32], *end;
		snprintf(text, sizeof(text), "%.*s", SL(v));
		a->p = strtod(text, &end);
		return v.n && !*end && a->p > 0 && a->p <= 1;
	} else if (sl_eqs(key, "delay")) {
		a->hit.act = FAULT_DELAY;
		return clock_parse_duration(v, &a->hit.delay_ms);
	} else if (sl_eqs(key, "status")) {
		a->hit.act = FAULT_STATUS;
		if (!sl_int(v, 100, 599, &n))
			return false;
		a->hit.status = (int)n;
	} else if (sl_eqs(key, "error")) {
		a->hit.act = FAULT_ERROR;
		snprintf(a->hit.error, sizeof(a->hit.error), "%.*s", SL(v));
	} else if (sl_eqs(key, "reset")) {
		a->hit.act = FAULT_RESET;
	} else if (sl_eqs(key, "drop")) {
		a->hit.act = FAULT_DROP;
	} else if (sl_eqs(key, "io")) {
		a->hit.act = FAULT_IO;
	} else {
		return false;
	}
	return true;
}

const struct fault_preset fault_presets[] = {
	{ "throttle", "kinesis*", NULL, "error=ProvisionedThroughputExceededException", "over the limit, in the service's own words" },
	{ "throttle", "aws*", NULL, "error=ThrottlingException", "" },
	{ "throttle", "jobs*", NULL, "status=429", "" },
	{ "throttle", "s3", "http.s3", "status=503", "" },
	{ "throttle", "rest", "http.rest", "status=429", "" },
	{ "throttle", "apigateway", "http.apigateway", "status=429", "" },
	{ "throttle", "s3.*", NULL, "error=SlowDown", "" },
	{ "throttle", "rest.*", NULL, "error=429", "" },
	{ "throttle", "rds", "rds.connect", "error=1040", "" },
	{ "slow", "rds", "rds.statement", "delay=1s", "answers come a second late" },
	{ "slow", "*", NULL, "delay=1s", "" },
	{ "lost-ack", "rds", "rds.statement", "drop", "it is done, and the answer never comes" },
	{ "lost-ack", "*", NULL, "drop", "" },
	{ "disk-full", "kafka", "kafka.store", "io", "what would be written isn't" },
	{ "disk-full", "disk", "disk.full", "io", "" },
	{ "outage", "kafka", "kafka.broker-1", "drop", "nobody gets through" },
	{ "outage", "rds", "rds.connect", "reset", "" },
	{ "outage", "*.*", NULL, "reset", "" },
	{ "outage", "*", "http.*", "status=503", "" },
	{ NULL },
};

/* "kinesis*": it or one of its operations; "*.*": any operation. */
static bool is_at(const char *site, const char *where)
{
	size_t n = strlen(where) - 1;
	if (!strcmp(where, "*.*"))
		return strchr(site, '.') != NULL;
	return where[n] == '*' ? !strncmp(site, where, n) && (!n || !site[n] || site[n] == '.') : !strcmp(site, where);
}

static int take_preset(struct armed *a, struct slice word, struct error *err)
{
	const struct fault_preset *p = fault_presets;
	struct slice key, value;
	char site[sizeof(a->site)];
	bool known = false;
	for (; p->name && !(sl_eqs(word, p->name) && is_at(a->site, p->site)); p++)
		known |= sl_eqs(word, p->name);
	if (!p->name)
		return err_set(err, ERR_INVALID, known ? "fault %s: %.*s means nothing there; tarn help faults lists the sites" : "fault %s: bad option %.*s", a->site, SL(word));
	if (p->at && p->at[strlen(p->at) - 1] == '*') {
		snprintf(site, sizeof(site), "%.*s%.*s", (int)strlen(p->at) - 1, p->at, (int)sizeof(site) - 8, a->site);
		memcpy(a->site, site, sizeof(site));
	} else if (p->at) {
		snprintf(a->site, sizeof(a->site), "%s", p->at);
	}
	sl_cut(sl(p->spec), '=', &key, &value);
	(void)set_option(a, key, value);
	return 0;
}

static int parse(struct armed *a, struct slice spec, fault_known *known, struct error *err)
{
	struct slice word, rest = sl_trim(spec);
	sl_cut(rest, ' ', &word, &rest);
	if (!word.n || word.n >= sizeof(a->site))
		return err_set(err, ERR_INVALID, "a fault starts with its site, SERVICE or SERVICE.Operation");
	snprintf(a->site, sizeof(a->site), "%.*s", SL(word));
	while (rest.p) {
		struct slice key, value;
		sl_cut(sl_trim(rest), ' ', &word, &rest);
		if (!word.n)
			continue;
		sl_cut(word, '=', &key, &value);
		if (set_option(a, key, value))
			continue;
		int rc = take_preset(a, word, err);
		if (rc)
			return rc;
	}
	if (a->hit.act == FAULT_NONE)
		return err_set(err, ERR_INVALID, "fault %s: one of delay= status= error= reset drop io is needed", a->site);
	return known ? known(sl(a->site), a->hit.act, err) : 0;
}

static void changed(struct faults *f)
{
	f->version++;
	if (f->changed)
		f->changed(f->arg);
}

bool faults_any(const struct faults *f)
{
	return f && f->n;
}

void faults_watch(struct faults *f, void (*fn)(void *arg), void *arg)
{
	if (!f)
		return;
	f->changed = fn;
	f->arg = arg;
}

int faults_arm(struct faults *f, struct slice spec, struct error *err)
{
	struct armed a = { 0 };
	int rc = parse(&a, spec, f->known, err);
	if (rc)
		return rc;
	f->armed = xrealloc(f->armed, (f->n + 1) * sizeof(a));
	f->armed[f->n++] = a;
	changed(f);
	return 0;
}

int faults_check(struct slice spec, fault_known *known, struct error *err)
{
	struct armed a = { 0 };
	return parse(&a, spec, known, err);
}

void faults_declare(struct faults *f, fault_known *known)
{
	f->known = known;
}

void faults_acts(unsigned acts, struct buf *out)
{
	static const char *const words[] = { [FAULT_DELAY] = "delay=", [FAULT_DROP] = "drop", [FAULT_RESET] = "reset", [FAULT_STATUS] = "status=",
					     [FAULT_ERROR] = "error=", [FAULT_IO] = "io" };
	for (size_t i = 0, n = 0; i < ARRAY_LEN(words); i++)
		if (acts & 1u << i)
			buf_addf(out, "%s%s", n++ ? " " : "", words[i]);
}

void faults_clear(struct faults *f, struct slice name)
{
	size_t kept = 0;
	for (size_t i = 0; i < f->n; i++)
		if (name.p && !sl_eqs(name, f->armed[i].name))
			f->armed[kept++] = f->armed[i];
	bool less = f->n != kept;
	f->n = kept;
	if (less)
		changed(f);
}

/* Counts are kept per site that some fault names, so an unarmed run pays one comparison. */
static uint64_t count_ask(struct faults *f, const char *site)
{
	f->version++;
	for (size_t i = 0; i < f->site_n; i++)
		if (!strcmp(f->sites[i].name, site))
			return ++f->sites[i].asked;
	if (f->site_n == SITES_MAX)
		return 0;
	f->sites = xrealloc(f->sites, (f->site_n + 1) * sizeof(*f->sites));
	struct site *s = &f->sites[f->site_n++];
	snprintf(s->name, sizeof(s->name), "%s", site);
	return s->asked = 1;
}

static bool fires(const struct faults *f, const struct armed *a, uint64_t nth)
{
	if (a->first && ((int64_t)nth < a->first || (int64_t)nth > a->last))
		return false;
	if (a->p == 0)
		return true;
	return (double)(faults_hash(f->seed, sl(a->site), nth) >> 11) * 0x1.0p-53 < a->p;
}

/* Errors are asked for where an operation begins, what happens to answers where they leave: two counts a site. */
static struct fault_hit ask(struct faults *f, const char *service, const char *op, bool error)
{
	char exact[64], counted[2][72];
	struct fault_hit none = { 0 };
	if (!f || !f->n)
		return none;
	snprintf(exact, sizeof(exact), "%s.%s", service, op ? op : "-");
	snprintf(counted[0], sizeof(counted[0]), "%s%s", service, error ? "!" : "");
	snprintf(counted[1], sizeof(counted[1]), "%s%s", exact, error ? "!" : "");
	uint64_t nth_service = count_ask(f, counted[0]), nth_op = count_ask(f, counted[1]);
	for (size_t i = 0; i < f->n; i++) {
		struct armed *a = &f->armed[i];
		bool by_op = !strcmp(a->site, exact);
		if ((a->hit.act == FAULT_ERROR) != error || (!by_op && strcmp(a->site, service)))
			continue;
		if (fires(f, a, by_op ? nth_op : nth_service)) {
			a->fired++;
			return a->hit;
		}
	}
	return none;
}

struct fault_hit faults_ask(struct faults *f, const char *service, const char *op)
{
	return ask(f, service, op, false);
}

const char *faults_ask_error(struct faults *f, const char *service, const char *op, char out[64])
{
	struct fault_hit hit = ask(f, service, op, true);
	if (hit.act != FAULT_ERROR)
		return NULL;
	memcpy(out, hit.error, sizeof(hit.error));
	return out;
}

int64_t faults_fired(const struct faults *f, struct slice name)
{
	for (size_t i = 0; i < f->n; i++)
		if (sl_eqs(name, f->armed[i].name))
			return f->armed[i].fired;
	return -1;
}

/* ---- kept over restarts ---- */

static void spec_text(const struct armed *a, struct buf *b)
{
	buf_adds(b, a->site);
	if (a->name[0])
		buf_addf(b, " name=%s", a->name);
	if (a->first)
		buf_addf(b, " on=%lld..%lld", (long long)a->first, (long long)a->last);
	if (a->p > 0)
		buf_addf(b, " p=%.17g", a->p);
	if (a->hit.act == FAULT_DELAY)
		buf_addf(b, " delay=%lldms", (long long)a->hit.delay_ms);
	else if (a->hit.act == FAULT_STATUS)
		buf_addf(b, " status=%d", a->hit.status);
	else if (a->hit.act == FAULT_ERROR)
		buf_addf(b, " error=%s", a->hit.error);
	else
		buf_adds(b, a->hit.act == FAULT_RESET ? " reset" : a->hit.act == FAULT_DROP ? " drop" : " io");
}

void faults_write(const struct faults *f, struct buf *json)
{
	struct buf spec = { 0 };
	jw_list(json, NULL);
	for (size_t i = 0; i < f->n; i++) {
		jw_obj(json, NULL);
		jw_text(json, "site", f->armed[i].site);
		jw_text(json, "name", f->armed[i].name);
		jw_int(json, "fired", f->armed[i].fired);
		buf_reset(&spec);
		spec_text(&f->armed[i], &spec);
		jw_str(json, "spec", buf_slice(&spec));
		jw_obj_end(json);
	}
	jw_list_end(json);
	buf_free(&spec);
}

void faults_text(const struct faults *f, struct buf *out)
{
	bool any = false;
	for (size_t i = 0; i < f->n; i++) {
		if (!strcmp(f->armed[i].hit.error, "kill"))
			continue;
		any = true;
		buf_addf(out, "fault %lld ", (long long)f->armed[i].fired);
		spec_text(&f->armed[i], out);
		buf_addc(out, '\n');
	}
	/* Nothing is counted without a fault: one that is armed after the restart begins anew. */
	for (size_t i = 0; any && i < f->site_n; i++)
		buf_addf(out, "asked %llu %s\n", (unsigned long long)f->sites[i].asked, f->sites[i].name);
}

int faults_restore(struct faults *f, struct slice line, struct error *err)
{
	struct slice kind, number, rest;
	char site[64];
	int64_t n;
	int rc = 0;
	sl_cut(line, ' ', &kind, &rest);
	sl_cut(rest, ' ', &number, &rest);
	if (!sl_int(number, 0, INT64_MAX, &n) || !rest.n || (!sl_eqs(kind, "fault") && !sl_eqs(kind, "asked")))
		return err_set(err, ERR_INVALID, "not a line of kept faults: %.*s", SL(line));
	if (sl_eqs(kind, "fault")) {
		if (!(rc = faults_arm(f, rest, err)))
			f->armed[f->n - 1].fired = n;
		return rc;
	}
	snprintf(site, sizeof(site), "%.*s", SL(rest));
	(void)count_ask(f, site);
	for (size_t i = 0; i < f->site_n; i++)
		if (!strcmp(f->sites[i].name, site))
			f->sites[i].asked = (uint64_t)n;
	return 0;
}

uint64_t faults_version(const struct faults *f)
{
	return f->version;
}
