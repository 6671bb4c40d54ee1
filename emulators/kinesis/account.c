/* Settings of the account: the commitment to a least throughput, and what it allows: warm on-demand streams. */
#include "kinesis/kinesis.h"

enum { WARM_MIBPS_MAX = 10240 };

void kin_settle_commitment(struct kin_commitment *m, int64_t now_ms)
{
	if (m->ended_ms && m->ended_ms <= now_ms)
		m->on = false;
}

int kin_settings(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	kin_settle_commitment(&k->commitment, in->now_ms);
	return 0;
}

int kin_update_settings(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	struct kin_commitment *m = &k->commitment;
	kin_settle_commitment(m, in->now_ms);
	if (sl_eqs(in->status, "ENABLED")) {
		if (!m->on)
			m->started_ms = in->now_ms;
		m->on = true;
		m->ended_ms = 0;
	} else if (m->on) {
		int64_t earliest = m->started_ms + KIN_COMMITTED_MS;
		m->ended_ms = in->now_ms > earliest ? in->now_ms : earliest;
	}
	kin_settle_commitment(m, in->now_ms);
	return kin_keep_settings(&k->db, m, err);
}

int kin_warm_allowed(struct kinesis *k, const struct kin_in *in, struct slice name, bool on_demand, struct error *err)
{
	kin_settle_commitment(&k->commitment, in->now_ms);
	if (!on_demand)
		return kin_fail(err, KIN_E_VALIDATION, "Request is invalid. Stream %.*s under account %.*s is not in On-Demand mode.", SL(name), SL(in->account));
	if (!k->commitment.on)
		return kin_fail(err, KIN_E_VALIDATION, "Request is invalid. Account %.*s does not have MinimumThroughputBillingCommitment enabled.",
				SL(in->account));
	if (in->warm_mibps > WARM_MIBPS_MAX)
		return kin_fail(err, KIN_E_LIMIT, "Warm throughput of stream %.*s under account %.*s cannot exceed %d MiBps.", SL(name), SL(in->account),
				WARM_MIBPS_MAX);
	return 0;
}

int kin_warm(struct kinesis *k, struct kin_in *in, struct kin_out *out, struct error *err)
{
	int rc = kin_warm_allowed(k, in, sl(in->s->name), in->s->on_demand, err);
	if (rc)
		return rc;
	in->s->warm_before = in->s->warm_mibps;
	in->s->warm_mibps = in->warm_mibps;
	return 0;
}
