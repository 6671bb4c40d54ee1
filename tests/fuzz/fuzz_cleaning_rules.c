/* A rules file (the first byte chooses its table). Whatever it says: an error that names file and line, or rules by which a
 * record of that table becomes a row of the table's types, under every variant that can be chosen. */
#include <stdlib.h>
#include <string.h>

#include "../cleaning/pinterest.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const char *const records[SET_N] = {
	"{\"index\":1,\"title\":\"No Title Data Available\",\"follower_count\":\"12k\",\"save_location\":\"Local save in /data/art\","
	"\"description\":\"\",\"category\":5}",
	"{\"ind\":1,\"latitude\":1.5,\"longitude\":\"x\",\"timestamp\":\"2020-02-03T04:05:06\",\"country\":\"Peru\"}",
	"{\"ind\":1,\"first_name\":\"Ann\",\"last_name\":null,\"age\":\"20\",\"date_joined\":\"2015-10-24 11:23:51\"}",
};

static void need(bool what)
{
	if (!what)
		abort();
}

static int on_row(void *arg, const struct clean_value *v)
{
	const struct dataset *t = arg;
	for (size_t i = 0; i < t->out_n; i++) {
		need(v[i].kind == CLEAN_NULL || v[i].kind == t->columns[i].type);
		need(v[i].kind != CLEAN_TEXT || sl_is_utf8(v[i].text));
	}
	return 0;
}

static void clean(const struct clean_rules *rules, enum set set)
{
	struct clean_cleaner c = { .rules = rules, .row = on_row, .arg = (void *)(uintptr_t)rules->set };
	need(clean_line(&c, 1, sl(records[set])) == 0);
	need(c.records == 1 && c.rows + c.bad + c.dropped == 1);
	arena_free(&c.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena a = { 0 };
	static struct arena text;
	static struct cleaning c;
	struct error err = { 0 };
	if (!n)
		return 0;
	if (!text.used)
		pinterest_open(&c, &text);
	struct clean_rules *all = clean_rules_copy(&c);
	enum set set = p[0] % SET_N;
	struct dataset d = c.sets.at[set];
	d.file = "x.rules";
	d.rules = (struct dataset_part){ sl_of(p + 1, n - 1), 1 };
	for (int s = 0; s < SET_N; s++)
		all[s] = (struct clean_rules){ .set = &c.sets.at[s] };
	if (clean_rules_parse(&a, &d, &all[set], &err)) {
		need(err.kind == ERR_INVALID && !strncmp(err.text, "x.rules:", 8));
		free(all);
		arena_free(&a);
		return 0;
	}
	struct clean_rules *rules = &all[set];
	for (size_t i = 0; i < rules->rule_n; i++)
		need(clean_rule_words(&a, rules, &rules->rules[i]).n > 0);
	clean(rules, set);
	for (size_t i = 0; i < rules->choice_n; i++) {
		const struct clean_choice *ch = &rules->choices[i];
		for (size_t k = 0; k < ch->variant_n; k++) {
			need(clean_rules_choose(all, SET_N, ch->name, ch->variants[k].name, &err) == 0 && rules->chosen[i] == (int)k);
			clean(rules, set);
		}
	}
	free(all);
	arena_free(&a);
	return 0;
}
