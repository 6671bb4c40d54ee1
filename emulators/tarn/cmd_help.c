/* tarn help: from the same tables that run things. */
#include "core/json.h"
#include "core/near.h"
#include "core/stack.h"
#include "scenario/scenario.h"
#include "stack/services.h"
#include "stack/settings.h"
#include "stack/sites.h"
#include "tarn/cmd.h"
#include "tarn/habits.h"

struct help {
	bool list;
};

static int help_exit(void *self, char **words, int n)
{
	puts("0 ok · 1 the check failed · 2 wrong use · 3 cannot reach or start · 4 timed out ·\n"
	     "5 conflict (port taken, folder in use) · 130 interrupted; exec passes its command's code");
	return EXIT_OK;
}

static int help_services(void *self, char **words, int n)
{
	for (size_t i = 0; services[i]; i++)
		printf("  %-11s %s\n", services[i]->name, services[i]->doc);
	return EXIT_OK;
}

static void print_row(const char *name, const char *words, const char *doc)
{
	char left[96];
	snprintf(left, sizeof(left), "%s%s%s", name, *words ? " " : "", words);
	printf(strlen(left) > 30 ? "  %s\n  %30s  %s\n" : "  %-30s%s  %s\n", left, "", doc);
}

static int help_scenario(void *self, char **words, int n)
{
	puts("One statement a line: a verb, words, key=value, \"quoted text\". # begins a comment, ${NAME} is replaced; a line that ends in\n"
	     "<<WORD takes the lines up to WORD. Nothing waits on the wall clock.\n\nBefore the first step:");
	for (const struct verb *v = verbs; v->name; v++)
		if (v->where != VERB_STEP)
			print_row(v->name, v->words, v->doc);
	puts("\nIn a step:");
	for (const struct verb *v = verbs; v->name; v++)
		if (v->where == VERB_STEP)
			print_row(v->name, v->words, v->doc);
	puts("\nexpect SUBJECT OPERATOR VALUE. Subjects:");
	for (const struct subject *s = subjects; s->name; s++)
		print_row(s->name, s->words, s->doc);
	puts("\nOperators:");
	for (const struct operator *o = operators; o->name; o++)
		print_row(o->name, "", o->doc);
	puts("\nVariables, beside those of set and into=:");
	for (const struct variable *v = variables; v->name; v++)
		print_row(v->name, "", v->doc);
	puts("\nA scenario has a stack of its own, on free ports, which goes when it ends. tarn run --against DIR|URL uses one that runs, as it is: the\n"
	     "scenario's stack, seed, adopt and its clock before the first step aren't made; programs find that stack. tarn lesson goes through the\n"
	     "lessons so, a step at a time: tarn help workshop.");
	return EXIT_OK;
}

static void print_setting(const struct setting *s, const char *section)
{
	struct buf left = { 0 }, values = { 0 };
	if (strcmp(s->section, section))
		printf("\n[%s]\n", s->section);
	setting_values(s, &values);
	buf_addf(&left, "%s%s%s", strcmp(s->key, "*") ? s->key : "NAME", s->otherwise ? " = " : "", s->otherwise ? s->otherwise : "");
	if (values.n)
		buf_addf(&values, "; ");
	buf_adds(&values, s->doc);
	print_row(buf_cstr(&left), "", buf_cstr(&values));
	buf_free(&left);
	buf_free(&values);
}

static int help_settings(void *self, char **words, int n)
{
	const char *section = "";
	puts("Settings stand in stack.conf, key = value below their [section], or on the command line: --set SECTION.KEY=VALUE. What is\n"
	     "shown is what counts without them. What isn't here is refused before anything starts.");
	for (const struct setting *const *t = settings_all(); *t; t++)
		for (const struct setting *s = *t; s->section; section = s++->section)
			print_setting(s, section);
	return EXIT_OK;
}

static void print_site(void *arg, const struct fault_site *site)
{
	struct buf acts = { 0 };
	faults_acts(site->acts, &acts);
	printf("  %-44s %-18s %s\n", site->name, buf_cstr(&acts), site->doc);
	buf_free(&acts);
}

static int help_faults(void *self, char **words, int n)
{
	puts("A fault is SITE and one of delay=20ms, status=503, error=CODE, reset, drop, io, as the site takes them; on=3 or on=3..5: the asks at\n"
	     "the site when it fires, p=0.1: how often it does, name=N. At SERVICE it is for all of its operations. In a scenario:\n"
	     "fault add SITE ...; in a running stack: tarn fault add SITE ...\n");
	puts("Presets, in place of these: PRESET at SITE stands for");
	for (const struct fault_preset *p = fault_presets; p->name; p++) {
		char what[96];
		snprintf(what, sizeof(what), "%s%s%s", p->at ? p->at : "", p->at ? " " : "", p->spec);
		printf("  %-10s %-12s %-46s %s\n", p->name, p->site, what, p->doc);
	}
	puts("");
	sites_each(print_site, NULL);
	return EXIT_OK;
}

static void print_routes(const char *service, const struct routes *const *of)
{
	const struct route *r;
	for (size_t i = 0; (r = route_at(of, i)); i++) {
		if (!i)
			printf("\n%s\n", service);
		printf("  %-7s %-52s %-32s %s\n", r->path ? r->method : "", r->path ? r->path : "", r->name, r->doc);
	}
}

static int help_api(void *self, char **words, int n)
{
	static const struct routes *const control[] = { &control_routes, NULL }, *const shared[] = { &localstack_routes, NULL };
	puts("Operations over HTTP: by their path, or by their name in the protocol's way. {} is a name, {+} all that is left. GET\n"
	     "/_tarn/operations of the control port has the same as JSON.");
	print_routes("control", control);
	print_routes("localstack", shared);
	for (size_t i = 0; services[i]; i++)
		print_routes(services[i]->name, services[i]->routes);
	return EXIT_OK;
}

/* Made of the sources by tests/differs.sh. */
struct difference {
	const char *where, *text;
};
extern const struct difference differences[];

static int help_differences(void *self, char **words, int n)
{
	puts("Where tarn knowingly does other than the real services, by the file that does it:\n");
	for (const struct difference *d = differences; d->where; d++)
		printf("  %-32s %s\n", d->where, d->text);
	return EXIT_OK;
}

void print_embedded(const struct embedded *f)
{
	struct buf text = { 0 };
	embedded_add(f, &text);
	fwrite(text.p, 1, text.n, stdout);
	buf_free(&text);
}

/* Texts of emulators/tarn/help, embedded by tests/embed.sh. */
extern const struct embedded help_files_embedded[];

static bool of_service(const char *section, const char *name)
{
	size_t n = strlen(name);
	return !strncmp(section, name, n) && (!section[n] || section[n] == '.');
}

/* A service: what it is, where, what can be set of it and what it serves. */
static void help_service(const struct service *svc)
{
	const char *section = "";
	printf("%s: %s\n", svc->name, svc->doc);
	if (svc->port)
		printf("At 127.0.0.1:%d; another port: --set ports.%s=N\n", svc->port, svc->name);
	else if (svc->aws)
		puts("On the AWS port, 127.0.0.1:4566");
	else
		puts("On the control port, 127.0.0.1:4580");
	printf("Alone: tarn up --only %s\n", svc->name);
	for (const struct setting *const *t = settings_all(); *t; t++)
		for (const struct setting *s = *t; s->section; s++)
			if (*t == svc->settings || of_service(s->section, svc->name)) {
				print_setting(s, section);
				section = s->section;
			}
	print_routes("operations", svc->routes);
}

static int help_text(void *self, char **words, int n)
{
	for (const struct embedded *f = help_files_embedded; f->path; f++)
		if (!strncmp(f->path, words[0], strlen(words[0])) && !strcmp(f->path + strlen(words[0]), ".txt"))
			print_embedded(f);
	if (!strcmp(words[0], "localstack"))
		habits_help();
	for (size_t i = 0; commands[i]; i++) {
		if (!strcmp(commands[i]->word, words[0])) {
			puts("");
			flags_help(commands[i]);
		}
	}
	for (size_t i = 0; services[i]; i++) {
		if (!strcmp(services[i]->name, words[0])) {
			puts("");
			help_service(services[i]);
		}
	}
	return EXIT_OK;
}

static const struct action topics[] = {
	{ "tutorial", "", "lessons: the pipeline step by step, each a scenario that runs", 0, 0, help_text },
	{ "recipes", "", "what clients in each language are told to find the stack", 0, 0, help_text },
	{ "exec", "", "a program as it is: names, ports, trust, the ways and what each can't do", 0, 0, help_text },
	{ "walkthrough", "", "the project's steps, and what to type here; the client machine's twin", 0, 0, help_text },
	{ "stack", "", "a stack of your own: its files and settings", 0, 0, help_text },
	{ "datasets", "", "rows, topics, tables and rules of a stack: what a dataset can say", 0, 0, help_text },
	{ "gateway", "", "mapping templates, imports, Kinesis through the gateway", 0, 0, help_text },
	{ "lake", "", "cleaning, questions, Delta tables, other engines", 0, 0, help_text },
	{ "sql", "", "Spark SQL: what is served, sessions, the same over HTTP", 0, 0, help_text },
	{ "jobs", "", "jobs: workspace, tasks, parameters, DBFS, secrets", 0, 0, help_text },
	{ "notebook", "", "notebooks: files, magics, dbutils, limits, reports, the prompt", 0, 0, help_text },
	{ "kafka", "", "the broker: groups, transactions, settings, several brokers, security", 0, 0, help_text },
	{ "s3", "", "the object store: clients, tarn s3, preload, what it keeps and enforces", 0, 0, help_text },
	{ "packages", "", "packages, the image, other systems", 0, 0, help_text },
	{ "console", "", "the web page of a running stack: its pages, keys, what it shows and does", 0, 0, help_text },
	{ "workshop", "", "a stack for each student of a room, and a teacher's page", 0, 0, help_text },
	{ "trace", "", "journeys: a record's way, what is kept of it and for how long", 0, 0, help_text },
	{ "rest", "", "the REST proxy: v2, v3, more proxies than one", 0, 0, help_text },
	{ "connect", "", "Kafka Connect: connectors, converters, transforms, errors", 0, 0, help_text },
	{ "streaming", "", "streams cleaned into Delta tables", 0, 0, help_text },
	{ "dags", "", "DAG files, Databricks jobs, the emulated clock", 0, 0, help_text },
	{ "state", "", "the state folder: durability, a full disk, stops, upgrades", 0, 0, help_text },
	{ "snapshots", "", "everything a stack keeps, by name: saving, restoring, comparing, files, what is in one", 0, 0, help_text },
	{ "reset", "", "an empty stack in milliseconds: what stays, what clients and other services see", 0, 0, help_text },
	{ "rows", "", "made rows, your own rows, emitters", 0, 0, help_text },
	{ "localstack", "", "habits of LocalStack: paths, scripts, variables, Testcontainers", 0, 0, help_text },
	{ "changes", "", "what each release brought, and what it asks of who comes from the one before", 0, 0, help_text },
	{ "architecture", "", "the source: its rooms, the life of a tick and of a post, where something new goes", 0, 0, help_text },
	{ "design", "", "what tarn promises, how it keeps it, how its C looks; how to take part, what is secure and what isn't", 0, 0, help_text },
	{ "api", "", "every operation of every service", 0, 0, help_api },
	{ "differences", "", "what is knowingly other than in the real services", 0, 0, help_differences },
	{ "faults", "", "where faults can be armed", 0, 0, help_faults },
	{ "settings", "", "what stack.conf and --set can say", 0, 0, help_settings },
	{ "scenario", "", "what a scenario can say", 0, 0, help_scenario },
	{ "services", "", "the services of a stack", 0, 0, help_services },
	{ "exit", "", "exit codes", 0, 0, help_exit },
	{ NULL },
};

static bool is_topic(const char *word)
{
	const struct action *t = topics;
	while (t->word && strcmp(t->word, word))
		t++;
	return t->word != NULL;
}

static int help_all(void)
{
	puts("usage: tarn COMMAND ...\n");
	for (size_t i = 0; commands[i]; i++)
		printf("  %-11s %s\n", commands[i]->word, commands[i]->doc);
	puts("\nServices:");
	help_services(NULL, NULL, 0);
	puts("\ntarn help COMMAND or SERVICE explains one. Other topics of tarn help:");
	for (const struct action *t = topics; t->word; t++)
		printf("  %-11s %s\n", t->word, t->doc);
	puts("Nothing is ever sent to anyone: no update check, no telemetry.");
	return EXIT_OK;
}

static void list_one(struct buf *b, const char *name, const char *kind, const char *doc)
{
	jw_obj(b, NULL);
	jw_text(b, "name", name);
	jw_text(b, "kind", kind);
	jw_text(b, "doc", doc);
	jw_obj_end(b);
}

/* {"topics":[…]}: all that help explains, each name once. */
static int help_list(void)
{
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	jw_list(&b, "topics");
	for (const struct action *t = topics; t->word; t++)
		list_one(&b, t->word, "topic", t->doc);
	for (size_t i = 0; commands[i]; i++)
		if (!is_topic(commands[i]->word))
			list_one(&b, commands[i]->word, "command", commands[i]->doc);
	for (size_t i = 0; services[i]; i++)
		if (!is_topic(services[i]->name))
			list_one(&b, services[i]->name, "service", services[i]->doc);
	jw_list_end(&b);
	jw_obj_end(&b);
	puts(buf_cstr(&b));
	buf_free(&b);
	return EXIT_OK;
}

static int help_run(void *self, char **words, int n)
{
	const struct help *h = self;
	if (h->list && !n)
		return help_list();
	if (!n)
		return help_all();
	struct near near = near_to(sl(words[0]));
	for (const struct action *t = topics; t->word && !near_is(&near, t->word); t++)
		;
	for (size_t i = 0; commands[i]; i++) {
		if (near_is(&near, commands[i]->word)) {
			flags_help(commands[i]);
			return EXIT_OK;
		}
	}
	for (size_t i = 0; services[i]; i++) {
		if (near_is(&near, services[i]->name)) {
			help_service(services[i]);
			return EXIT_OK;
		}
	}
	return cmd_fail(EXIT_USAGE, "tarn help", "there is no command or topic %s%s", words[0], near_words(&near));
}

static const struct flag help_flags[] = {
	{ "list", 0, FLAG_ON, offsetof(struct help, list), NULL, "what there is to explain, as JSON" },
	{ NULL },
};

const struct command command_help = { "help", "[COMMAND|TOPIC]", "Explains a command or a topic.", sizeof(struct help), help_run, .max = 1,
				      .flags = { help_flags }, .actions = topics };
