/* tarn completion: how a shell completes tarn's words, flags and their values. The shell asks tarn itself (complete.c), so what it
 * offers is what the program beside it takes. */
#include "tarn/cmd.h"
#include "tarn/complete.h"

/* Bash cuts words at = and :, and puts what it is given behind the last cut. */
static const char bash[] =
	"_tarn() {\n"
	"\tlocal i word line cur trim= words=()\n"
	"\tfor ((i = 1; i <= COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif ((i > 1)) && [[ $word == [=:]* || ${COMP_WORDS[i-1]} == *[=:] ]]; then\n"
	"\t\t\twords[${#words[@]}-1]+=$word\n"
	"\t\telse\n"
	"\t\t\twords+=(\"$word\")\n"
	"\t\tfi\n"
	"\tdone\n"
	"\tcur=${words[${#words[@]}-1]}\n"
	"\t[[ $cur == *[=:]* ]] && trim=${cur%\"${cur##*[=:]}\"}\n"
	"\tcur=${cur#\"$trim\"}\n"
	"\tCOMPREPLY=()\n"
	"\twhile IFS= read -r line; do\n"
	"\t\tcase $line in\n"
	"\t\t:files) compopt -o filenames 2>/dev/null; while IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen -f -- \"$cur\") ;;\n"
	"\t\t:dirs) compopt -o filenames 2>/dev/null; while IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen -d -- \"$cur\") ;;\n"
	"\t\t:program) while IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen -c -- \"$cur\"; compgen -f -- \"$cur\") ;;\n"
	"\t\t*)\n"
	"\t\t\tword=${line%%$'\\t'*}\n"
	"\t\t\t[[ $word == *[=,.] ]] && compopt -o nospace 2>/dev/null\n"
	"\t\t\tCOMPREPLY+=(\"${word#\"$trim\"}\") ;;\n"
	"\t\tesac\n"
	"\tdone < <(\"${COMP_WORDS[0]}\" completion list -- \"${words[@]}\" 2>/dev/null)\n"
	"}\n"
	"complete -F _tarn tarn\n";

static const char zsh[] =
	"#compdef tarn\n"
	"_tarn() {\n"
	"\tlocal line word\n"
	"\tlocal -a rows open\n"
	"\tfor line in ${(f)\"$(\"${(Q)words[1]}\" completion list -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)\"}; do\n"
	"\t\tcase $line in\n"
	"\t\t:files) _files ;;\n"
	"\t\t:dirs) _files -/ ;;\n"
	"\t\t:program) _command_names -e; _files ;;\n"
	"\t\t*)\n"
	"\t\t\tword=${line%%$'\\t'*}\n"
	"\t\t\tif [[ $word == *[=,.] ]]; then open+=(\"${word//:/\\\\:}:${line#*$'\\t'}\"); else rows+=(\"${word//:/\\\\:}:${line#*$'\\t'}\"); fi ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\t(( $#rows )) && _describe tarn rows\n"
	"\t(( $#open )) && _describe tarn open -S ''\n"
	"\treturn 0\n"
	"}\n"
	"if [ \"$funcstack[1]\" = _tarn ]; then\n"
	"\t_tarn \"$@\"\n"
	"else\n"
	"\t(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n"
	"\tcompdef _tarn tarn\n"
	"fi\n";

static const char fish[] =
	"function __tarn_complete\n"
	"\tset -l words (commandline -opc) (commandline -ct)\n"
	"\tfor line in ($words[1] completion list -- $words[2..-1] 2>/dev/null)\n"
	"\t\tswitch $line\n"
	"\t\t\tcase :files\n"
	"\t\t\t\t__fish_complete_path (commandline -ct)\n"
	"\t\t\tcase :dirs\n"
	"\t\t\t\t__fish_complete_directories (commandline -ct) ''\n"
	"\t\t\tcase :program\n"
	"\t\t\t\t__fish_complete_command\n"
	"\t\t\t\t__fish_complete_path (commandline -ct)\n"
	"\t\t\tcase '*'\n"
	"\t\t\t\techo $line\n"
	"\t\tend\n"
	"\tend\n"
	"end\n"
	"complete -c tarn -f -a '(__tarn_complete)'\n";

static int completion_bash(void *self, char **words, int n)
{
	fputs(bash, stdout);
	return EXIT_OK;
}

static int completion_zsh(void *self, char **words, int n)
{
	fputs(zsh, stdout);
	return EXIT_OK;
}

static int completion_fish(void *self, char **words, int n)
{
	fputs(fish, stdout);
	return EXIT_OK;
}

static int completion_list(void *self, char **words, int n)
{
	struct buf out = { 0 };
	if (n > 1)
		complete(words + 1, n - 1, &out);
	fwrite(out.p, 1, out.n, stdout);
	buf_free(&out);
	return EXIT_OK;
}

static const struct action completion_actions[] = {
	{ "bash", "", "eval \"$(tarn completion bash)\" in ~/.bashrc", 0, 0, completion_bash },
	{ "zsh", "", "eval \"$(tarn completion zsh)\" in ~/.zshrc, or as _tarn in a folder of fpath", 0, 0, completion_zsh },
	{ "fish", "", "tarn completion fish | source in ~/.config/fish/config.fish", 0, 0, completion_fish },
	{ "list", "-- WORD...", "what a line of these words can go on with, as the shells ask", 0, 9999, completion_list },
	{ NULL },
};

const struct command command_completion = {
	"completion", "bash|zsh|fish", "Prints what a shell needs to complete tarn's words, flags and their values.", .max = -1,
	.actions = completion_actions, .example = "eval \"$(tarn completion bash)\"",
	.more = "Packages and make install put them where the shells look; then nothing need be said in a shell's own files.\n",
};
