/* tarn version: which tarn this is. */
#include "core/json.h"
#include "core/version.h"
#include "tarn/cmd.h"

struct version {
	bool json;
};

static int version_run(void *self, char **words, int n)
{
	const struct version *v = self;
	struct buf b = { 0 };
	if (!v->json) {
		printf("tarn %s\n", tarn_version);
		return EXIT_OK;
	}
	jw_obj(&b, NULL);
	jw_text(&b, "version", tarn_version);
	jw_obj_end(&b);
	cmd_json(buf_slice(&b));
	buf_free(&b);
	return EXIT_OK;
}

static const struct flag version_flags[] = {
	{ "json", 0, FLAG_ON, offsetof(struct version, json), NULL, "the same as JSON" },
	{ NULL },
};

const struct command command_version = { "version", "", "Prints the version.", sizeof(struct version), version_run,
				       .flags = { version_flags } };
