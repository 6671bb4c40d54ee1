/* tarn help, tarn version: from the same tables that run things. */
#include <stdio.h>
#include <string.h>

#include "tarn/cmd.h"
#include "stack/services.h"

static const char exit_codes[] = "0 ok · 1 the check failed · 2 wrong use · 3 cannot reach or start · 4 timed out ·\n"
				 "5 conflict (port taken, folder in use) · 130 interrupted; exec passes its command's code\n";

static void list_services(void)
{
	for (size_t i = 0; services[i]; i++)
		printf("  %-11s %s\n", services[i]->name, services[i]->doc);
}

int cmd_help(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	if (word && !strcmp(word, "exit")) {
		fputs(exit_codes, stdout);
		return EXIT_OK;
	}
	if (word && !strcmp(word, "services")) {
		list_services();
		return EXIT_OK;
	}
	for (size_t i = 0; word && commands[i].word; i++) {
		if (!strcmp(commands[i].word, word)) {
			static char flag[] = "-h";
			char *args[] = { (char *)commands[i].word, flag, NULL };
			if (!strcmp(word, "help") || !strcmp(word, "version"))
				cmd_usage(word);
			else
				return commands[i].fn(2, args);
			return EXIT_OK;
		}
	}
	if (word)
		return cmd_fail(EXIT_USAGE, "tarn help", "there is no command %s", word);
	puts("usage: tarn COMMAND ...\n");
	for (size_t i = 0; commands[i].word; i++)
		printf("  %-8s %s\n", commands[i].word, commands[i].doc);
	puts("\nServices:");
	list_services();
	puts("\ntarn help COMMAND explains one; tarn help exit lists exit codes.\nNothing is ever sent to anyone: no update check, no telemetry.");
	return EXIT_OK;
}

int cmd_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("tarn 0.1.0");
	return EXIT_OK;
}
