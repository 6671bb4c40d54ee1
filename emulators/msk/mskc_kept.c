/* Custom plugins, whose files are looked for in their buckets; worker configurations; tags. */
#include "core/hash.h"
#include "core/owed.h"
#include "core/text.h"

#include "msk/mskconnect.h"

const struct aws_kind mskc_plugins = { .name = "kafkaconnect.plugin" }, mskc_workers = { .name = "kafkaconnect.worker" };

/* ---- the file of a plugin: found by a list, summed up by reading it ---- */

struct finding {
	struct owed owed;
	struct owed *step;
	struct aws *a;
	char *account, *region, *arn, *bucket, *key;
	struct buf body;
	int64_t size;
	uint8_t md5[16];
};

static void finding_drop(struct owed *o)
{
	struct finding *f = (struct finding *)o;
	owed_cancel_all(&f->step);
	free(f->account);
	free(f->region);
	free(f->arn);
	free(f->bucket);
	free(f->key);
	buf_free(&f->body);
	free(f);
}

/* why NULL: it is there. */
static void end(struct finding *f, const char *why)
{
	struct aws_place at = { f->account, f->region };
	json_t *plugin = aws_find(f->a, at, &mskc_plugins, f->arn);
	struct error err;
	char md5[33];
	owed_end(&f->owed);
	if (plugin && why) {
		jput(plugin, "customPluginState", "CREATE_FAILED");
		json_object_set_new(plugin, "stateDescription", json_pack("{ss, ss}", "code", "InvalidInput.CustomPluginFile", "message", why));
		log_warn(f->a->env, "plugin-failed", "plugin=%s bucket=%s key=%s error=\"%s\"", jstr(plugin, "name"), f->bucket, f->key, why);
	} else if (plugin) {
		hex_text(f->md5, sizeof(f->md5), md5);
		jput(plugin, "customPluginState", "ACTIVE");
		json_object_set_new(json_object_get(plugin, "latestRevision"), "fileDescription",
				    json_pack("{ss, sI}", "fileMd5", md5, "fileSize", (json_int_t)f->size));
	}
	if (plugin && aws_keep(f->a, at, &mskc_plugins, f->arn, plugin, &err))
		log_error(f->a->env, "store-failed", "what=plugin error=\"%s\"", err.text);
	finding_drop(&f->owed);
}

static void sum_up(void *arg)
{
	struct finding *f = arg;
	hash_whole(HASH_MD5, buf_slice(&f->body), f->md5);
}

static void on_summed(void *arg)
{
	end(arg, NULL);
}

/* A zip or jar begins so, an empty one too. */
static bool is_archive(struct slice body)
{
	return sl_starts(body, S("PK\003\004")) || sl_starts(body, S("PK\005\006"));
}

static void on_body(void *arg, struct slice body, const struct error *err)
{
	struct finding *f = arg;
	if (err) {
		end(f, err->text);
		return;
	}
	if (!is_archive(body)) {
		end(f, "The file is not a ZIP or JAR archive.");
		return;
	}
	f->size = (int64_t)body.n;
	buf_addsl(&f->body, body);
	owed_keep(&f->step, loop_job(f->a->env->loop, sum_up, on_summed, f));
}

enum { FILE_MAX = 512 << 20 };

static void on_list(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct finding *f = arg;
	struct object_store *o = &f->a->env->ports->objects;
	if (err)
		end(f, err->def && !strcmp(err->def->code, "NoSuchBucket") ? "The specified bucket does not exist." : err->text);
	else if (!n || !sl_eqs(e[0].key, f->key))
		end(f, "The specified key does not exist.");
	else if (e[0].size > FILE_MAX)
		end(f, "The file is too large.");
	else
		owed_keep(&f->step, o->get(o->self, sl(f->bucket), sl(f->key), on_body, f));
}

static void on_no_store(void *arg)
{
	end(arg, "no object store: start s3 too, or name one as [remote] s3");
}

static void find_file(struct aws *a, struct aws_place at, const json_t *plugin)
{
	const json_t *place = json_object_get(json_object_get(json_object_get(plugin, "latestRevision"), "location"), "s3Location");
	struct object_store *o = &a->env->ports->objects;
	struct finding *f = xcalloc(1, sizeof(*f));
	owed_init(&f->owed, NULL, finding_drop);
	f->a = a;
	f->account = xstrdup(at.account);
	f->region = xstrdup(at.region);
	f->arn = jdup(plugin, "customPluginArn");
	f->bucket = xstrdup(strstr(jstr(place, "bucketArn"), ":::") + 3);
	f->key = jdup(place, "fileKey");
	f->body.max = FILE_MAX;
	if (o->self)
		owed_keep(&f->step, o->list(o->self, sl(f->bucket), sl(f->key), sl(NULL), on_list, f));
	else
		owed_keep(&f->step, owed_after(a->env->loop, 0, on_no_store, f));
	owed_keep(&a->owed, &f->owed);
}

void mskc_open_plugins(struct aws *a)
{
	json_t *one;
	for (struct aws_walk w = aws_walk_all(a, &mskc_plugins); (one = aws_next(&w));)
		if (!strcmp(jstr(one, "customPluginState"), "CREATING"))
			find_file(a, w.at, one);
}

/* ---- plugins ---- */

int mskc_create_plugin(struct aws_call *c)
{
	const char *name = jstr(c->in, "name"), *bucket = jstr(json_object_get(json_object_get(c->in, "location"), "s3Location"), "bucketArn");
	if (!sl_starts(sl(bucket), S("arn:aws")) || !strstr(bucket, ":s3:::") || !strstr(bucket, ":::")[3])
		return mskc_bad(c, "Invalid parameter bucketArn: it is not the ARN of a bucket.");
	const char *arn = mskc_new_arn(c, &mskc_plugins, "custom-plugin", "name", name);
	if (!arn)
		return -1;
	json_t *revision = json_pack("{si}", "revision", 1), *doc = json_pack("{ss, ss}", "name", name, "customPluginState", "CREATING");
	json_object_set_new(revision, "creationTime", json_integer(c->now_ms));
	jcopy(revision, c->in, "contentType");
	jcopy(revision, c->in, "description");
	jcopy(revision, c->in, "location");
	json_object_set_new(doc, "latestRevision", revision);
	json_object_set_new(doc, "creationTime", json_integer(c->now_ms));
	jput(doc, "customPluginArn", arn);
	jcopy(doc, c->in, "description");
	jcopy(doc, c->in, "tags");
	json_object_update_new(c->out, json_pack("{ss, ss, ss, si}", "customPluginArn", arn, "customPluginState", "CREATING", "name", name, "revision", 1));
	int rc = msk_keep(c, &mskc_plugins, arn, doc);
	if (!rc)
		find_file(c->aws, c->at, doc);
	return rc;
}

static json_t *told(const json_t *doc)
{
	json_t *v = json_deep_copy(doc);
	json_object_del(v, "tags");
	return v;
}

static json_t *plugin_in_list(const json_t *doc)
{
	json_t *v = told(doc);
	json_object_del(v, "stateDescription");
	return v;
}

int mskc_plugin(struct aws_call *c)
{
	const json_t *doc = mskc_find(c, &mskc_plugins, "customPluginArn");
	if (!doc)
		return -1;
	json_object_update_new(c->out, told(doc));
	return 0;
}

int mskc_list_plugins(struct aws_call *c)
{
	return mskc_list(c, &mskc_plugins, "name", "namePrefix", plugin_in_list, "customPlugins");
}

static bool uses(const json_t *connector, const char *arn)
{
	const char *worker = jstr(json_object_get(connector, "workerConfiguration"), "workerConfigurationArn"), *plugin;
	const json_t *one;
	size_t i;
	json_array_foreach(json_object_get(connector, "plugins"), i, one)
		if ((plugin = jstr(json_object_get(one, "customPlugin"), "customPluginArn")) && !strcmp(plugin, arn))
			return true;
	return worker && !strcmp(worker, arn);
}

/* What no connector uses goes. state: as what it is told gone. */
static int forget(struct aws_call *c, const struct aws_kind *kind, const char *name, const char *state)
{
	const char *arn = jstr(c->in, name);
	struct error err;
	json_t *one;
	if (!mskc_find(c, kind, name))
		return -1;
	for (struct aws_walk w = aws_walk(c->aws, c->at, &mskc_connectors); (one = aws_next(&w));)
		if (uses(one, arn))
			return mskc_bad(c, "The resource is in use by the connector %s.", jstr(one, "connectorName"));
	jput(c->out, name, arn);
	jput(c->out, state, "DELETING");
	return aws_drop(c->aws, c->at, kind, arn, &err) ? aws_broken(c, &err) : 0;
}

int mskc_delete_plugin(struct aws_call *c)
{
	return forget(c, &mskc_plugins, "customPluginArn", "customPluginState");
}

/* ---- worker configurations ---- */

static int check_properties(struct aws_call *c)
{
	struct slice text, line, name, value, rest;
	bool key = false, val = false;
	if (!arena_base64(c->arena, jslice(c->in, "propertiesFileContent"), &text) || !sl_is_utf8(text))
		return mskc_bad(c, "Invalid parameter propertiesFileContent: it is not Base64 of a text.");
	for (rest = text; rest.p;) {
		(void)sl_cut(rest, '\n', &line, &rest);
		line = sl_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		if (!sl_cut(line, '=', &name, &value))
			return mskc_bad(c, "Invalid parameter propertiesFileContent: %.*s", (int)(line.n < 80 ? line.n : 80), line.p);
		key |= sl_eqs(sl_trim(name), "key.converter");
		val |= sl_eqs(sl_trim(name), "value.converter");
	}
	if (!key || !val)
		return mskc_bad(c, "Invalid parameter propertiesFileContent: key.converter and value.converter are required.");
	return 0;
}

int mskc_create_worker(struct aws_call *c)
{
	const char *name = jstr(c->in, "name"), *arn;
	if (check_properties(c) || !(arn = mskc_new_arn(c, &mskc_workers, "worker-configuration", "name", name)))
		return -1;
	json_t *revision = json_pack("{si}", "revision", 1), *doc = json_pack("{ss, ss}", "name", name, "workerConfigurationState", "ACTIVE");
	json_object_set_new(revision, "creationTime", json_integer(c->now_ms));
	jcopy(revision, c->in, "description");
	json_object_update_new(c->out, json_pack("{ss, ss, ss, so}", "workerConfigurationArn", arn, "name", name, "workerConfigurationState", "ACTIVE",
						 "latestRevision", revision));
	json_object_set_new(c->out, "creationTime", json_integer(c->now_ms));
	revision = json_deep_copy(json_object_get(c->out, "latestRevision"));
	jcopy(revision, c->in, "propertiesFileContent");
	json_object_set_new(doc, "latestRevision", revision);
	json_object_set_new(doc, "creationTime", json_integer(c->now_ms));
	jput(doc, "workerConfigurationArn", arn);
	jcopy(doc, c->in, "description");
	jcopy(doc, c->in, "tags");
	return msk_keep(c, &mskc_workers, arn, doc);
}

static json_t *worker_in_list(const json_t *doc)
{
	json_t *v = told(doc);
	json_object_del(json_object_get(v, "latestRevision"), "propertiesFileContent");
	return v;
}

int mskc_worker(struct aws_call *c)
{
	const json_t *doc = mskc_find(c, &mskc_workers, "workerConfigurationArn");
	if (!doc)
		return -1;
	json_object_update_new(c->out, told(doc));
	return 0;
}

int mskc_list_workers(struct aws_call *c)
{
	return mskc_list(c, &mskc_workers, "name", "namePrefix", worker_in_list, "workerConfigurations");
}

int mskc_delete_worker(struct aws_call *c)
{
	return forget(c, &mskc_workers, "workerConfigurationArn", "workerConfigurationState");
}
