/* tarn completion: how a shell completes tarn's words, flags and their values, from the rows of the commands. */
#include "tarn/cmd.h"

/* "a|b" as "a b". */
static void print_words(const char *words)
{
	for (; *words; words++)
		putchar(*words == '|' ? ' ' : *words);
}

/* First words of a command: its actions; after help also the commands. */
static void print_firsts(const struct command *c)
{
	for (const struct action *a = c->actions; a && a->word; a++)
		printf("%s ", a->word);
	for (size_t i = 0; !strcmp(c->word, "help") && commands[i]; i++)
		printf("%s ", commands[i]->word);
}

static void bash_values(const struct command *c)
{
	const struct flag *f;
	for (size_t i = 0; (f = flags_at(c, i)); i++) {
		bool folder = f->value && !strcmp(f->value, "DIR");
		if (f->kind != FLAG_WORD && !folder)
			continue;
		printf("\t'%s --%s'", c->word, f->name);
		if (f->letter)
			printf("|'%s -%c'", c->word, f->letter);
		fputs(folder ? ") values='-d'" : ") values=\"-W '", stdout);
		print_words(folder ? "" : f->value);
		puts(folder ? " ;;" : "'\" ;;");
	}
}

static int bash_run(void *self, char **words, int n)
{
	const struct flag *f;
	puts("_tarn() {\n\tlocal cur=$2 values= words=\n\tcase \"${COMP_WORDS[1]} $3\" in");
	for (size_t i = 0; commands[i]; i++)
		bash_values(commands[i]);
	puts("\tesac\n\tcase ${COMP_WORDS[1]} in");
	for (size_t i = 0; commands[i]; i++) {
		printf("\t%s) words='", commands[i]->word);
		for (size_t k = 0; (f = flags_at(commands[i], k)); k++)
			printf("--%s ", f->name);
		fputs("'; [ \"$COMP_CWORD\" = 2 ] && words+='", stdout);
		print_firsts(commands[i]);
		puts("' ;;");
	}
	fputs("\tesac\n\t[ \"$COMP_CWORD\" = 1 ] && words='", stdout);
	for (size_t i = 0; commands[i]; i++)
		printf("%s ", commands[i]->word);
	puts("'\n\teval \"COMPREPLY=(\\$(compgen ${values:--W '$words'} -- \\\"\\$cur\\\"))\"\n}\ncomplete -o default -F _tarn tarn");
	return EXIT_OK;
}

static int zsh_run(void *self, char **words, int n)
{
	puts("autoload -Uz compinit bashcompinit && compinit && bashcompinit");
	return bash_run(self, words, n);
}

static const struct action completion_actions[] = {
	{ "bash", "", "eval \"$(tarn completion bash)\" in ~/.bashrc", 0, 0, bash_run },
	{ "zsh", "", "the same in ~/.zshrc: eval \"$(tarn completion zsh)\"", 0, 0, zsh_run },
	{ NULL },
};

const struct command command_completion = {
	"completion", "bash|zsh", "Prints what a shell needs to complete tarn's words and flags.", .actions = completion_actions,
	.example = "eval \"$(tarn completion bash)\"",
};
