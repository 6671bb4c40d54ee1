/* Settings of the account: the commitment to a least throughput, and what it allows: warm on-demand streams. */
#include <stdlib.h>

#include "kinesis/kinesis.h"

enum { COMMITTED_MS = 24 * 3600 * 1000, WARM_MIBPS_MAX = 10240 };

/* A commitment that was ended early lasts until it may end. */
static void settle(struct kin_commitment *m, int64_t now_ms)
{
	if (m->ended_ms && m->ended_ms <= now_ms)
		m->on = false;
}

static int save(struct kinesis *k, struct error *err)
{
	const struct kin_commitment *m = &k->commitment;
	json_t *doc = json_pack("{s:b, s:I, s:I}", "committed", m->on, "started", (json_int_t)m->started_ms, "ended", (json_int_t)m->ended_ms);
	char *text = json_dumps(doc, JSON_COMPACT);
	int rc = text ? kin_store_stream(&k->store, KIN_SETTINGS_ID, text, err) : err_set(err, ERR_INTERNAL, "the settings can't be written");
	free(text);
	json_decref(doc);
	return rc;
}

void kin_settings_of_doc(struct kinesis *k, const json_t *doc)
{
	k->commitment.on = json_is_true(json_object_get(doc, "committed"));
	k->commitment.started_ms = json_integer_value(json_object_get(doc, "started"));
	k->commitment.ended_ms = json_integer_value(json_object_get(doc, "ended"));
}

static void put_time(struct buf *out, const char *name, int64_t ms)
{
	if (ms)
		buf_addf(out, ",\"%s\":%lld.%03lld", name, (long long)(ms / 1000), (long long)(ms % 1000));
}

int kin_op_settings(struct kin_call *c)
{
	struct kin_commitment *m = &c->k->commitment;
	settle(m, c->now_ms);
	buf_addf(c->out, "{\"MinimumThroughputBillingCommitment\":{\"Status\":\"%s\"",
		 !m->on ? "DISABLED" : m->ended_ms ? "ENABLED_UNTIL_EARLIEST_ALLOWED_END" : "ENABLED");
	put_time(c->out, "StartedAt", m->started_ms);
	put_time(c->out, "EndedAt", m->on ? 0 : m->ended_ms);
	put_time(c->out, "EarliestAllowedEndAt", m->on ? m->started_ms + COMMITTED_MS : 0);
	buf_adds(c->out, "}}");
	return 0;
}

int kin_op_update_settings(struct kin_call *c)
{
	struct kin_commitment *m = &c->k->commitment;
	const json_t *wanted = json_object_get(json_object_get(c->in, "MinimumThroughputBillingCommitment"), "Status");
	settle(m, c->now_ms);
	if (sl_eqs(sl(json_string_value(wanted)), "ENABLED")) {
		if (!m->on)
			m->started_ms = c->now_ms;
		m->on = true;
		m->ended_ms = 0;
	} else if (m->on) {
		int64_t earliest = m->started_ms + COMMITTED_MS;
		m->ended_ms = c->now_ms > earliest ? c->now_ms : earliest;
	}
	settle(m, c->now_ms);
	int rc = save(c->k, c->err);
	return rc ? rc : kin_op_settings(c);
}

int kin_warm_allowed(struct kin_call *c, struct slice name, bool on_demand, int64_t mibps)
{
	settle(&c->k->commitment, c->now_ms);
	if (!on_demand)
		return kin_fail(c, KIN_E_VALIDATION, "Request is invalid. Stream %.*s under account %.*s is not in On-Demand mode.", SL(name), SL(c->account));
	if (!c->k->commitment.on)
		return kin_fail(c, KIN_E_VALIDATION, "Request is invalid. Account %.*s does not have MinimumThroughputBillingCommitment enabled.", SL(c->account));
	if (mibps > WARM_MIBPS_MAX)
		return kin_fail(c, KIN_E_LIMIT, "Warm throughput of stream %.*s under account %.*s cannot exceed %d MiBps.", SL(name), SL(c->account), WARM_MIBPS_MAX);
	return 0;
}

void kin_put_warm(struct kin_call *c, const struct kin_stream *s)
{
	settle(&c->k->commitment, c->now_ms);
	if (!s->on_demand || !c->k->commitment.on)
		return;
	buf_addf(c->out, ",\"WarmThroughput\":{\"TargetMiBps\":%lld,\"CurrentMiBps\":%lld}", (long long)s->warm_mibps,
		 (long long)(s->status == KIN_UPDATING ? s->warm_before : s->warm_mibps));
}

int kin_op_warm(struct kin_call *c)
{
	struct kin_stream *s;
	int64_t wanted = kin_int(c, "WarmThroughputMiBps", 0);
	int rc = kin_active_of(c, &s);
	if (rc || (rc = kin_warm_allowed(c, sl(s->name), s->on_demand, wanted)))
		return rc;
	s->warm_before = s->warm_mibps;
	s->warm_mibps = wanted;
	if ((rc = kin_updated(c, s)))
		return rc;
	buf_addf(c->out, "{\"StreamName\":\"%s\",\"StreamARN\":\"", s->name);
	kin_stream_arn(c, s, c->out);
	buf_addc(c->out, '"');
	kin_put_warm(c, s);
	buf_addc(c->out, '}');
	return 0;
}
