/* tarn: a cloud data pipeline in one program. This file is the list of words. */
#include <signal.h>

#include "core/near.h"
#include "tarn/cmd.h"

extern const struct command command_up, command_record, command_lint, command_lesson, command_workshop, command_pytest, command_kit, command_trace, command_init, command_down, command_reset, command_snapshot, command_wait, command_open, command_status, command_env, command_ca, command_hosts, command_exec, command_emit, command_seed, command_clean,
	command_sql, command_query, command_notebook, command_pyspark, command_stream, command_lake, command_dag, command_connector, command_topic, command_s3, command_group, command_clock, command_fault, command_run, command_logs, command_completion, command_help, command_man,
	command_version;
const struct command *const commands[] = {
	&command_up, &command_init, &command_down, &command_reset, &command_snapshot, &command_wait, &command_open, &command_status, &command_env, &command_ca, &command_hosts, &command_exec, &command_emit, &command_seed, &command_clean,
	&command_sql, &command_query, &command_notebook, &command_pyspark, &command_pytest, &command_kit, &command_workshop, &command_stream, &command_lake, &command_dag, &command_trace, &command_connector, &command_topic, &command_s3, &command_group, &command_clock, &command_fault, &command_run, &command_lesson, &command_lint, &command_record, &command_logs,
	&command_completion, &command_help, &command_man, &command_version, NULL,
};

static const char intro[] = "tarn: a cloud data pipeline in one program, offline\n"
			    "\n"
			    "  tarn up -d --wait          start everything in the background\n"
			    "  eval \"$(tarn env)\"         point your own clients at it\n"
			    "  tarn emit NAME             send rows through the whole batch path (tarn up names NAME)\n"
			    "  tarn clean && tarn query all\n"
			    "\n"
			    "tarn help lists every command.\n";

int main(int argc, char **argv)
{
	struct near near;
	char hint[64];
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
	near = near_to(sl(word));
	for (size_t i = 0; commands[i]; i++)
		if (near_is(&near, commands[i]->word))
			return flags_run(commands[i], argc - 1, argv + 1);
	snprintf(hint, sizeof(hint), "tarn %.*s", SL(near.best.p ? near.best : S("help")));
	return cmd_fail(EXIT_USAGE, hint, "there is no command %s", word);
}
