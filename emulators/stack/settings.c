#include "stack/settings.h"

#include "console/console.h"
#include "core/adopt.h"
#include "core/identities.h"
#include "core/listener.h"
#include "core/origin.h"
#include "front/names.h"
#include "stack/elsewhere.h"
#include "stack/server.h"
#include "stack/services.h"

static const struct setting own[] = {
	{ "stack", "user", "student", "the name that topics, streams and buckets carry" },
	{ "stack", "datasets", NULL, "datasets/NAME.dataset in this order; without it all, by name" },
	{ "stack", "rows", "11154", "rows that each source table is filled with", SETTING_INT, NULL, 0, 100000000 },
	{ "stack", "seed", "42", "what chance is made of; --seed counts before it", SETTING_INT, NULL, 0, INT64_MAX },
	{ "stack", "generation", "2", "how rows are made of a seed", SETTING_INT, NULL, 1, 1000 },
	{ "entities", "*", NULL, "NAME = leaning N | each, of SOURCE: who comes back from row to row; leaning: the first ones often" },
	{ "emit.*", "datasets", NULL, "of tarn emit NAME: whose rows are sent, in this order: tarn help emit" },
	{ "emit.*", "rows", NULL, "A..B: of these rows; without it of all there are" },
	{ "emit.*", "random", NULL, "python SEED: drawn as Python does; without it one after another" },
	{ "emit.*", "pause", NULL, "A..Bs: drawn before each turn, too, and waited for without --count" },
	{ "emit.*", "*", NULL, "WAY = METHOD PATH TYPE BODY: how a row is sent, with ${topic}, ${stream}, ${row}, ${row.COLUMN}, ${user}" },
	{ "log", "max_bytes", "8388608", "when tarn.log is as long it becomes tarn.log.1, and a new one begins", SETTING_INT, NULL, 4096, INT64_MAX },
	{ "log", "keep", "1", "old ones that are kept: tarn.log.1, tarn.log.2", SETTING_INT, NULL, 0, 99 },
	{ "remote", "kafka", NULL, "HOST:PORT of the brokers, when kafka isn't in this process" },
	{ "remote", "kafka.*", NULL, "a setting of librdkafka for it: kafka.security.protocol = SASL_SSL" },
	{ "remote", "s3", NULL, "http://HOST:PORT of the object store, when s3 isn't in this process" },
	{ "remote", "s3_key", "test", "access key for it" },
	{ "remote", "s3_secret", "test", "its secret" },
	{ "remote", "s3_region", "us-east-1", "and region" },
	{ "remote", "kinesis", NULL, "http://HOST:PORT of the streams, when kinesis isn't in this process; the AWS port here hands on what is for them" },
	{ "remote", "kinesis_key", "test", "access key for it" },
	{ "remote", "kinesis_secret", "test", "its secret" },
	{ "remote", "kinesis_region", "us-east-1", "and region" },
	{ "workshop", "folder", NULL, "of tarn workshop: this is its teacher's stack" },
	{ "ports", "aws", "4566", "the AWS port", SETTING_INT, NULL, 0, 65535 },
	{ "ports", "control", "4580", "health, clock, faults, and what is below /api", SETTING_INT, NULL, 0, 65535 },
	{ NULL },
};

enum { SERVICES_MAX = 32 };

/* [ports] of the services that listen on one of their own. Filled once, from constant rows. */
static struct setting ports[SERVICES_MAX + 1];
static char numbers[SERVICES_MAX][8];
static const struct setting *tables[SERVICES_MAX + 10];

const struct setting *const *settings_all(void)
{
	size_t n = 0, port_n = 0;
	if (tables[0])
		return tables;
	for (size_t i = 0; services[i]; i++) {
		const struct service *s = services[i];
		if (s->settings)
			tables[9 + n++] = s->settings;
		if (!s->port || (!s->tcp_consume && !s->endpoint))
			continue;
		snprintf(numbers[port_n], sizeof(numbers[0]), "%d", s->port);
		ports[port_n] = (struct setting){ "ports", s->name, numbers[port_n], s->doc, SETTING_INT, NULL, 0, 65535 };
		port_n++;
	}
	tables[8] = elsewhere_settings;
	tables[7] = console_settings;
	tables[6] = front_settings;
	tables[5] = ports;
	tables[4] = adopt_settings;
	tables[3] = identity_settings;
	tables[2] = listener_settings;
	tables[1] = origin_settings;
	tables[0] = own;
	return tables;
}
