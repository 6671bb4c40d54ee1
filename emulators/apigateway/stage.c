/* Stages that run: one that is replaced ends with its last call. */
#include "apigateway/api.h"

static void stage_free(struct gw_stage *st)
{
	gw_api_free(st->api);
	gw_api_free(st->canary);
	json_decref(st->doc);
	arena_free(&st->arena);
	free(st);
}

void gw_stages_drop(struct gateway *g, const char *api)
{
	struct gw_stage **p = &g->running, *st;
	while ((st = *p) != NULL) {
		if (!sl_eqs(st->api_id, api)) {
			p = &st->next;
			continue;
		}
		*p = st->next;
		if (st->calls) {
			st->dead = true;
			st->next = g->dying;
			g->dying = st;
		} else {
			stage_free(st);
		}
	}
}

void gw_stage_done(struct gateway *g, struct gw_stage *st)
{
	struct gw_stage **p = &g->dying;
	if (!st || --st->calls || !st->dead)
		return;
	while (*p != st)
		p = &(*p)->next;
	*p = st->next;
	stage_free(st);
}

void gw_stages_free(struct gateway *g)
{
	struct gw_stage *st;
	while ((st = g->running ? g->running : g->dying) != NULL) {
		*(g->running ? &g->running : &g->dying) = st->next;
		stage_free(st);
	}
}

void gw_api_free(struct gw_api *api)
{
	if (!api)
		return;
	json_decref(api->doc);
	arena_free(&api->arena);
	free(api);
}
