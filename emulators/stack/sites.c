#include "stack/sites.h"

#include "core/near.h"
#include "stack/server.h"
#include "stack/services.h"

typedef void each_fn(void *arg, const struct fault_site *site);

static void one(each_fn *each, void *arg, const char *name, const char *op, unsigned acts, const char *doc)
{
	char whole[96];
	struct fault_site site = { whole, acts, doc };
	snprintf(whole, sizeof(whole), "%s%s%s", name, *op ? "." : "", op);
	each(arg, &site);
}

/* NAME and NAME.Op for each operation. */
static void with_operations(each_fn *each, void *arg, const char *name, const struct routes *const *of, unsigned acts, const char *doc)
{
	const struct route *r;
	one(each, arg, name, "", acts, doc);
	for (size_t i = 0; (r = route_at(of, i)); i++)
		one(each, arg, name, r->name, acts, r->doc);
}

static const char cut[] = "all its operations: answers come late, cut off, or not at all";

static void of_service(each_fn *each, void *arg, const struct service *svc)
{
	bool http = svc->http != NULL;
	unsigned acts = http ? FAULTS_OF_HTTP : 0;
	char name[64];
	for (const struct fault_site *s = svc->faults; s && s->name; s++) {
		struct slice whole = sl(s->name), stem = sl_of(whole.p, whole.n - 1);
		snprintf(name, sizeof(name), "%.*s", SL(stem));
		if (whole.p[stem.n] == '.' && sl_eqs(stem, svc->name))
			acts |= s->acts;
		else if (whole.p[stem.n] == '.')
			with_operations(each, arg, name, svc->routes, s->acts, s->doc);
		else
			each(arg, s);
	}
	if (acts)
		with_operations(each, arg, svc->name, svc->routes, acts, cut);
	if (http)
		one(each, arg, "http", svc->name, FAULT_STATUSES, "its requests are answered with this status before they reach it");
}

void sites_each(each_fn *each, void *arg)
{
	static const struct routes *const control[] = { &control_routes, NULL }, *const aws_port[] = { &localstack_routes, NULL };
	one(each, arg, "disk", "full", FAULT_IOS, "the state folder's disk has no room: what would make a service's state grow is refused, in its words");
	one(each, arg, "http", "", FAULT_STATUSES, "any request of any service is answered with this status");
	with_operations(each, arg, "control", control, FAULTS_OF_HTTP, cut);
	with_operations(each, arg, "localstack", aws_port, FAULTS_OF_HTTP, cut);
	for (size_t i = 0; services[i]; i++)
		of_service(each, arg, services[i]);
}

/* ---- whether one is known ---- */

struct search {
	struct slice site;
	unsigned acts;
	struct near near;
	struct arena a; /* names until near_words */
};

static void look(void *arg, const struct fault_site *s)
{
	struct search *f = arg;
	size_t n = strlen(s->name);
	bool any = s->name[n - 1] == '*';
	if (any ? f->site.n >= n && sl_starts(f->site, sl_of(s->name, n - 1)) : sl_eqs(f->site, s->name))
		f->acts |= s->acts;
	if (!any)
		(void)near_is(&f->near, arena_cstr(&f->a, sl(s->name)));
}

int sites_known(struct slice site, enum fault_act act, struct error *err)
{
	struct search f = { .site = site, .near = near_to(site) };
	struct buf b = { 0 };
	int rc = 0;
	sites_each(look, &f);
	faults_acts(f.acts, &b);
	if (!f.acts)
		rc = err_set(err, ERR_INVALID, "there is no fault site %.*s%s", SL(site), f.near.best.p ? near_words(&f.near) : "; tarn help faults lists them");
	else if (!(f.acts & 1u << act))
		rc = err_set(err, ERR_INVALID, "fault %.*s takes %s only", SL(site), buf_cstr(&b));
	buf_free(&b);
	arena_free(&f.a);
	return rc;
}
