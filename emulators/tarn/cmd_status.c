/* tarn status: what runs. */
#include <jansson.h>

#include "core/json.h"
#include "tarn/cmd.h"

struct status {
	const char *data;
	bool json;
};

static void print_adopted(const json_t *all)
{
	const json_t *v;
	size_t i;
	if (json_array_size(all))
		puts("adopted");
	json_array_foreach(all, i, v)
		printf("  %-11s %s  from %s\n", jstr(v, "kind"), jstr(v, "name"), jstr(v, "from"));
}

static int status_run(void *self, char **words, int n)
{
	struct status *s = self;
	struct buf out = { 0 };
	int rc = cmd_health(s->data, &out);
	if (rc)
		return rc;
	json_t *h = json_loadb(out.p, out.n, 0, NULL);
	if (cmd_is_json()) {
		cmd_json(buf_slice(&out));
	} else {
		const char *key;
		json_t *v;
		printf("clock  %s%s\n", jstr(h, "clock"),
		       jtrue(h, "frozen") ? " (frozen)" : "");
		json_object_foreach(json_object_get(h, "endpoints"), key, v)
			printf("  %-11s %s\n", key, json_string_value(v));
		print_adopted(json_object_get(h, "adopted"));
	}
	json_decref(h);
	buf_free(&out);
	return EXIT_OK;
}

static const struct flag status_flags[] = {
	{ "json", 0, FLAG_ON, offsetof(struct status, json), NULL, "the same as JSON" },
	{ NULL },
};

const struct command command_status = {
	"status", "", "Shows services, addresses and the clock of a running stack.", sizeof(struct status), status_run,
	.flags = { data_flags, status_flags },
};
