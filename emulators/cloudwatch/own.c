/* CloudWatch: metrics of tarn's own services, as core/measure.h gathers them. */
#include "cloudwatch/cloudwatch.h"

#include "core/measure.h"

/* A minute of a measure. A gauge that is looked at again in its minute is one more sample of it. */
static void on_measured(void *arg, const struct measured *got)
{
	struct watch *w = arg;
	const struct conf *conf = w->a->env->conf;
	struct buf place = { 0 }, dims = { 0 };
	struct error err;
	buf_addf(&place, "%s ", identities_account(conf));
	buf_addsl(&place, got->region.n ? got->region : sl(identities_region(conf)));
	jw_list(&dims, NULL);
	for (size_t i = 0; i < MEASURE_DIMS && got->what->dims[i]; i++) {
		jw_list(&dims, NULL);
		jw_text(&dims, NULL, got->what->dims[i]);
		jw_str(&dims, NULL, got->dims[i]);
		jw_list_end(&dims);
	}
	jw_list_end(&dims);
	struct metric_key k = { buf_cstr(&place), got->what->ns, got->what->name, buf_cstr(&dims), got->what->unit };
	if (metrics_put(&w->store, &k, got->at_s, clock_now_ms(w->a->env->clock) / 1000, got->sum, &err))
		log_error(w->a->env, "store-failed", "error=\"%s\"", err.text);
	buf_free(&place);
	buf_free(&dims);
}

void cw_own_flush(struct watch *w)
{
	struct measures *m = w->a->env->measures;
	if (!m)
		return;
	measures_look(m);
	measures_flush(m, clock_now_ms(w->a->env->clock) / 1000);
}

void cw_own_open(struct watch *w)
{
	if (w->a->env->measures)
		measures_take(w->a->env->measures, on_measured, w);
}

void cw_own_close(struct watch *w)
{
	struct measures *m = w->a->env->measures;
	if (!m)
		return;
	measures_flush(m, INT64_MAX);
	measures_take(m, NULL, NULL);
}
