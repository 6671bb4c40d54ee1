/* tarn: a cloud data pipeline in one program. This file is the list of words. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tarn/cmd.h"

const struct command commands[] = {
	{ "up", "[STACK] [-d] [--wait] [--ports=auto] [--endpoints-file F] [--data DIR] [--seed N] [--clock T] [--only a,b]",
	  "Starts the stack: in the foreground, or with -d in the background.", cmd_up },
	{ "down", "[--data DIR]", "Stops the stack that runs on a state folder.", cmd_down },
	{ "status", "[--data DIR] [--json]", "Shows services, addresses and the clock of a running stack.", cmd_status },
	{ "env", "[--data DIR] [--shell sh|fish|json|dotenv]",
	  "Prints the environment for clients: eval \"$(tarn env)\".", cmd_env },
	{ "exec", "[STACK] [--data DIR] [--seed N] [--clock T] -- CMD...",
	  "Starts a stack on free ports, runs CMD with its environment, stops; CMD's exit code.", cmd_exec },
	{ "emit", "pinterest [--via rest|kinesis] [--count N] [--rate R] [--seed S] [--stage NAME] [--data DIR]",
	  "Sends posts as the users' emulation script does: rows from MySQL, three POSTs each through the gateway.", cmd_emit },
	{ "seed", "[--count N] [--seed S] [--from FOLDER] [--out FOLDER [--format csv|jsonl|sql]] [--data DIR]",
	  "Makes the three tables from a seed, or reads CSV or JSON lines, into the running rds or into files.", cmd_seed },
	{ "clean", "[--report] [--from PATH] [--variant NAME=VARIANT] [--variants] [--data DIR] [--json]",
	  "Cleans the topics' objects into the tables pin, geo and users, and a version of each as a Delta table.", cmd_clean },
	{ "sql", "'SELECT ...' [--csv|--json|--md|--chart] [-o FILE.svg]",
	  "Runs a SELECT over the cleaned tables, Delta tables and the topics; DESCRIBE, OPTIMIZE, VACUUM.", cmd_sql },
	{ "query", "NAME|all [--csv|--json|--md|--chart] [-o FILE.svg]", "Runs the analysis questions of the stack.", cmd_query },
	{ "stream", "list | status [NAME] | start NAME [OPTION=VALUE...] | stop NAME  [--data DIR] [--json]",
	  "Cleans streams into Delta tables: the streaming queries of a running stack.", cmd_stream },
	{ "lake", "export [-o DIR] [--endpoint URL] [--data DIR] [--json]",
	  "Writes what Spark, Trino, DuckDB and ClickHouse need to read the Delta tables and ask the questions.", cmd_lake },
	{ "dag", "list | runs [DAG] | show DAG | trigger DAG [--conf JSON] [--run-id ID] | pause DAG | unpause DAG  [--data DIR] [--json]",
	  "Shows and starts the DAGs of a running stack.", cmd_dag },
	{ "run", "FILE|DIR... [--junit F] [--seed N] [--until TITLE] [--keep] [-v]",
	  "Runs scenarios and prints TAP 14; with -v also what their programs print.", cmd_run },
	{ "logs", "[SERVICE...] [-f] [--data DIR]", "Shows the structured log of a background stack.", cmd_logs },
	{ "help", "[COMMAND|services|exit]", "Explains a command.", cmd_help },
	{ "version", "", "Prints the version.", cmd_version },
	{ NULL, NULL, NULL, NULL },
};

static const char intro[] = "tarn: a cloud data pipeline in one program, offline\n"
			    "\n"
			    "  tarn up -d --wait          start everything in the background\n"
			    "  eval \"$(tarn env)\"         point your own clients at it\n"
			    "  tarn emit pinterest        send posts through the whole batch path\n"
			    "  tarn clean && tarn query all\n"
			    "\n"
			    "tarn help lists every command.\n";

/* Levenshtein distance, for "did you mean". */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(b), row[64];
	if (n >= 63 || strlen(a) >= 63)
		return 64;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t cost = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			if (row[j] + 1 < cost)
				cost = row[j] + 1;
			if (row[j - 1] + 1 < cost)
				cost = row[j - 1] + 1;
			row[j] = cost;
		}
	}
	return row[n];
}

static int unknown(const char *word)
{
	const char *best = NULL;
	size_t least = 3;
	char hint[64];
	for (size_t i = 0; commands[i].word; i++) {
		size_t d = distance(word, commands[i].word);
		if (d < least) {
			least = d;
			best = commands[i].word;
		}
	}
	snprintf(hint, sizeof(hint), "tarn %s", best ? best : "help");
	return cmd_fail(EXIT_USAGE, hint, "there is no command %s", word);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		fputs(intro, stdout);
		return EXIT_OK;
	}
	const char *word = argv[1];
	if (!strcmp(word, "-h") || !strcmp(word, "--help"))
		word = "help";
	if (!strcmp(word, "--version"))
		word = "version";
	for (size_t i = 0; commands[i].word; i++)
		if (!strcmp(commands[i].word, word))
			return commands[i].fn(argc - 1, argv + 1);
	return unknown(argv[1]);
}
