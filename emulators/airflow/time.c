/* Times as Airflow writes and reads them. */
#include "airflow/airflow.h"

void af_iso(int64_t ms, char out[40])
{
	char iso[32];
	clock_iso(ms, iso); /* 2026-01-05T09:00:00.000Z */
	if (ms % 1000)
		snprintf(out, 40, "%.23s000+00:00", iso);
	else
		snprintf(out, 40, "%.19s+00:00", iso);
}

/* As clock_parse_iso, with an offset ("+01:00", "+0100") at the end too. */
bool af_parse_time(struct slice s, int64_t *out_ms)
{
	int64_t h = 0, m = 0, sign = 0;
	char text[40];
	if (s.n > 11 && s.n < sizeof(text)) {
		for (size_t i = s.n - 1; i > 10; i--) {
			if (s.p[i] != '+' && s.p[i] != '-')
				continue;
			struct slice off = sl_of(s.p + i + 1, s.n - i - 1);
			bool colon = off.n == 5 && off.p[2] == ':';
			if ((off.n != 4 && !colon) || !sl_int(sl_of(off.p, 2), 0, 14, &h) ||
			    !sl_int(sl_of(off.p + (colon ? 3 : 2), 2), 0, 59, &m))
				return false;
			sign = s.p[i] == '+' ? 1 : -1;
			s.n = i;
			break;
		}
	}
	if (!clock_parse_iso(s, out_ms))
		return false;
	*out_ms -= sign * (h * 60 + m) * 60000;
	return true;
}

json_t *af_time_json(int64_t ms)
{
	char iso[40];
	if (ms < 0)
		return json_null();
	af_iso(ms, iso);
	return json_string(iso);
}
