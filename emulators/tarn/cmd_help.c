/* tarn help, tarn version: from the same tables that run things. */
#include <stdio.h>
#include <string.h>

#include "core/near.h"
#include "stack/services.h"
#include "tarn/cmd.h"

static int help_exit(void *self, char **words, int n)
{
	(void)self, (void)words, (void)n;
	puts("0 ok · 1 the check failed · 2 wrong use · 3 cannot reach or start · 4 timed out ·\n"
	     "5 conflict (port taken, folder in use) · 130 interrupted; exec passes its command's code");
	return EXIT_OK;
}

static int help_services(void *self, char **words, int n)
{
	(void)self, (void)words, (void)n;
	for (size_t i = 0; services[i]; i++)
		printf("  %-11s %s\n", services[i]->name, services[i]->doc);
	return EXIT_OK;
}

static const struct action topics[] = {
	{ "services", "", "the services of a stack", 0, 0, help_services },
	{ "exit", "", "exit codes", 0, 0, help_exit },
	{ NULL },
};

static int help_all(void)
{
	puts("usage: tarn COMMAND ...\n");
	for (size_t i = 0; commands[i]; i++)
		printf("  %-11s %s\n", commands[i]->word, commands[i]->doc);
	puts("\nServices:");
	help_services(NULL, NULL, 0);
	puts("\ntarn help COMMAND explains one. Other topics of tarn help:");
	for (const struct action *t = topics; t->word; t++)
		printf("  %-11s %s\n", t->word, t->doc);
	puts("Nothing is ever sent to anyone: no update check, no telemetry.");
	return EXIT_OK;
}

static int help_run(void *self, char **words, int n)
{
	(void)self;
	if (!n)
		return help_all();
	struct near near = near_to(sl(words[0]));
	for (const struct action *t = topics; t->word; t++)
		near_offer(&near, t->word);
	for (size_t i = 0; commands[i]; i++) {
		near_offer(&near, commands[i]->word);
		if (!strcmp(commands[i]->word, words[0])) {
			flags_help(commands[i]);
			return EXIT_OK;
		}
	}
	return cmd_fail(EXIT_USAGE, "tarn help", "there is no command or topic %s%s", words[0], near_words(&near));
}

const struct command command_help = { "help", "[COMMAND|TOPIC]", "Explains a command or a topic.", 0, help_run, .max = 1, .actions = topics };

static int version_run(void *self, char **words, int n)
{
	(void)self, (void)words, (void)n;
	puts("tarn 0.1.0");
	return EXIT_OK;
}

const struct command command_version = { "version", "", "Prints the version.", 0, version_run };
