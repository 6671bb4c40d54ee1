#include "kafka/acl.h"

/* ---- those there are ---- */

static int compare(const struct kfk_acl *a, const struct kfk_acl *b)
{
	const int numbers[] = { a->resource - b->resource, a->pattern - b->pattern, a->operation - b->operation, a->permission - b->permission };
	int d = numbers[0] ? numbers[0] : sl_cmp(a->name, b->name);
	d = d ? d : numbers[1] ? numbers[1] : sl_cmp(a->principal, b->principal);
	d = d ? d : sl_cmp(a->host, b->host);
	return d ? d : numbers[2] ? numbers[2] : numbers[3];
}

static int order(const void *in, size_t i, const void *acl)
{
	return compare(&((const struct kfk_acls *)in)->all[i], acl);
}

static size_t place(const struct kfk_acls *acls, const struct kfk_acl *acl, bool *found)
{
	return kfk_sorted(acls->n, order, acls, acl, found);
}

static struct slice kept(struct slice s)
{
	return sl_of(xstrndup(s.p, s.n), s.n);
}

static void drop_texts(struct kfk_acl *acl)
{
	free((char *)(uintptr_t)acl->name.p);
	free((char *)(uintptr_t)acl->principal.p);
	free((char *)(uintptr_t)acl->host.p);
}

static void note(void *arg, const struct kfk_acl *acl)
{
	struct kfk_acls *acls = arg;
	bool found;
	size_t at = place(acls, acl, &found);
	if (found)
		return;
	GROW(acls->all, acls->n, acls->cap);
	memmove(acls->all + at + 1, acls->all + at, (acls->n - at) * sizeof(*acls->all));
	acls->all[at] = *acl;
	acls->all[at].name = kept(acl->name);
	acls->all[at].principal = kept(acl->principal);
	acls->all[at].host = kept(acl->host);
	acls->n++;
}

static int failed(struct kafka *k, const struct error *err)
{
	log_error(k->env, "store", "what=acl error=\"%s\"", err->text);
	return KE_KAFKA_STORAGE_ERROR;
}

int kfk_acl_add(struct kafka *k, const struct kfk_acl *acl)
{
	struct error err;
	if (kfk_store_acl(&k->db, acl, true, &err))
		return failed(k, &err);
	note(k->acls, acl);
	return KE_NONE;
}

int kfk_acl_drop(struct kafka *k, size_t i)
{
	struct error err;
	if (kfk_store_acl(&k->db, &k->acls->all[i], false, &err))
		return failed(k, &err);
	drop_texts(&k->acls->all[i]);
	k->acls->n--;
	memmove(k->acls->all + i, k->acls->all + i + 1, (k->acls->n - i) * sizeof(*k->acls->all));
	return KE_NONE;
}

void kfk_acls_free(struct kafka *k)
{
	for (size_t i = 0; k->acls && i < k->acls->n; i++)
		drop_texts(&k->acls->all[i]);
	if (k->acls)
		free(k->acls->all);
	free(k->acls);
	k->acls = NULL;
}

int kfk_acls_load(struct kafka *k, struct error *err)
{
	kfk_acls_free(k);
	k->acls = xcalloc(1, sizeof(*k->acls));
	return kfk_store_acls(&k->db, note, k->acls, err);
}

/* ---- filters ---- */

static bool names(const struct kfk_acl *acl, struct slice name)
{
	return acl->pattern == KFK_PREFIXED ? sl_starts(name, acl->name) : sl_eqs(acl->name, "*") || sl_eq(acl->name, name);
}

static bool fits(int8_t filter, int8_t value)
{
	return filter == 1 || filter == value; /* 1: any, of each kind */
}

bool kfk_acl_fits(const struct kfk_acl *filter, const struct kfk_acl *acl)
{
	bool named = !filter->name.p || (filter->pattern == KFK_MATCH ? names(acl, filter->name) : sl_eq(filter->name, acl->name));
	return named && fits(filter->resource, acl->resource) && (filter->pattern == KFK_MATCH || fits(filter->pattern, acl->pattern)) &&
	       (!filter->principal.p || sl_eq(filter->principal, acl->principal)) && (!filter->host.p || sl_eq(filter->host, acl->host)) &&
	       fits(filter->operation, acl->operation) && fits(filter->permission, acl->permission);
}

/* ---- what they allow ---- */

bool kfk_authorizer(const struct kafka *k)
{
	return *conf_str(k->env->conf, "kafka", "authorizer.class.name", "") != '\0';
}

/* Of a list "User:a;User:b". */
static bool is_super(const struct kafka *k, struct slice principal)
{
	struct slice one, rest = sl(conf_get(k->env->conf, "kafka", "super.users"));
	while (rest.p) {
		sl_cut(rest, ';', &one, &rest);
		if (sl_eq(sl_trim(one), principal))
			return true;
	}
	return false;
}

static bool is_of(const struct kfk_acl *acl, struct slice principal, struct slice host)
{
	return (sl_eqs(acl->principal, "User:*") || sl_eq(acl->principal, principal)) && (sl_eqs(acl->host, "*") || sl_eq(acl->host, host));
}

/* Who may read, write, delete or alter may describe; who may alter the settings may see them. */
static bool implies(int8_t allowed, enum kfk_operation operation)
{
	if (operation == KFK_DESCRIBE)
		return allowed == KFK_READ || allowed == KFK_WRITE || allowed == KFK_DELETE || allowed == KFK_ALTER;
	return operation == KFK_DESCRIBE_CONFIGS && allowed == KFK_ALTER_CONFIGS;
}

bool kfk_acl_allows(const struct kafka *k, struct slice principal, struct slice host, enum kfk_resource resource, struct slice name,
		    enum kfk_operation operation)
{
	bool any = false, allowed = false;
	if (is_super(k, principal))
		return true;
	for (size_t i = 0; i < k->acls->n; i++) {
		const struct kfk_acl *acl = &k->acls->all[i];
		if (acl->resource != (int8_t)resource || !names(acl, name))
			continue;
		any = true;
		bool same = acl->operation == KFK_ALL || acl->operation == (int8_t)operation;
		if (!is_of(acl, principal, host) || !(same || (acl->permission == KFK_ALLOW && implies(acl->operation, operation))))
			continue;
		if (acl->permission == KFK_DENY)
			return false;
		allowed = true;
	}
	return any ? allowed : conf_bool(k->env->conf, "kafka", "allow.everyone.if.no.acl.found", false);
}

bool kfk_acl_allows_any(const struct kafka *k, struct slice principal, struct slice host, enum kfk_resource resource, enum kfk_operation operation)
{
	if (is_super(k, principal))
		return true;
	for (size_t i = 0; i < k->acls->n; i++) {
		const struct kfk_acl *acl = &k->acls->all[i];
		if (acl->resource == (int8_t)resource && acl->permission == KFK_ALLOW && is_of(acl, principal, host) &&
		    (acl->operation == KFK_ALL || acl->operation == (int8_t)operation) && kfk_acl_allows(k, principal, host, resource, acl->name, operation))
			return true;
	}
	return conf_bool(k->env->conf, "kafka", "allow.everyone.if.no.acl.found", false);
}
