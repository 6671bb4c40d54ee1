/* tarn run --against: what a scenario has to know of a stack that runs already. */
#include <sys/stat.h>

#include "core/json.h"
#include "tarn/runs.h"

static int fetch(const char *url, const char *path, const json_t **out)
{
	struct buf body = { 0 };
	struct error err;
	int status, rc = cmd_http(url, "GET", path, sl(NULL), NULL, &status, &body, &err);
	*out = !rc && status == 200 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	if (rc)
		rc = cmd_fail(EXIT_START, "tarn up -d", "%s", err.text);
	else if (!*out)
		rc = cmd_fail(EXIT_START, NULL, "%s%s answers %d: is it the control port of a stack?", url, path, status);
	buf_free(&body);
	return rc;
}

int runs_away(const char *against, struct away *out)
{
	bool url = strstr(against, "://") != NULL;
	size_t n = strlen(against);
	char *at = url ? xstrndup(against, n && against[n - 1] == '/' ? n - 1 : n) : cmd_endpoint(against, "control");
	int rc;
	if (!at)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack runs on %s", against);
	*out = (struct away){ .url = at, .data = url ? NULL : realpath(against, NULL), .token = url ? getenv("TARN_TOKEN") : cmd_token() };
	if (!(rc = fetch(at, "/health", &out->health)) && !(rc = fetch(at, "/_tarn/endpoints", &out->endpoints)))
		rc = fetch(at, "/_tarn/env", &out->variables);
	return rc;
}

void runs_away_free(struct away *a)
{
	free((char *)(uintptr_t)a->url);
	free((char *)(uintptr_t)a->data);
	json_decref((json_t *)(uintptr_t)a->health);
	json_decref((json_t *)(uintptr_t)a->endpoints);
	json_decref((json_t *)(uintptr_t)a->variables);
}
