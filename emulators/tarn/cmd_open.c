/* tarn open: the console in a browser, or its address. */
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/json.h"
#include "tarn/cmd.h"

extern char **environ;

struct opening {
	const char *data;
	bool print;
};

/* "control" is a page; "index=5730", "t-000000000012", "topic/0/3", "s3://…" are records. */
static void add_page(struct buf *b, const char *word)
{
	bool record = strpbrk(word, "=/:#") || !strncmp(word, "t-", 2) || !strcmp(word, "random");
	buf_adds(b, record ? "journey/" : "");
	buf_url_escape(b, sl(word), false);
}

/* Whether there is such a page: the stack knows. */
static bool is_there(const char *address, const char *page)
{
	struct buf out = { 0 };
	struct error err;
	int status = 0;
	char *path = xasprintf("/%s", page);
	bool there = !cmd_http(address, "GET", path, sl(NULL), NULL, &status, &out, &err) && status == 200;
	free(path);
	buf_free(&out);
	return there;
}

/* Programs that lead to a browser, the user's own first; what they say isn't ours. */
static bool browse(const char *url)
{
	const char *const programs[] = { getenv("BROWSER"), "xdg-open", "wslview", "open" };
	posix_spawn_file_actions_t quiet;
	bool done = false;
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	for (size_t i = 0; i < ARRAY_LEN(programs) && !done; i++) {
		char *const argv[] = { (char *)(uintptr_t)programs[i], (char *)(uintptr_t)url, NULL };
		pid_t pid;
		int status;
		if (!programs[i] || !*programs[i] || posix_spawnp(&pid, programs[i], &quiet, NULL, argv, environ))
			continue;
		done = waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	}
	posix_spawn_file_actions_destroy(&quiet);
	return done;
}

static int open_run(void *self, char **words, int n)
{
	struct opening *o = self;
	char *address = cmd_endpoint(o->data, "control");
	struct buf page = { 0 }, url = { 0 };
	int rc = EXIT_OK;
	if (n)
		add_page(&page, words[0]);
	buf_addf(&url, "%s/%s", address ? address : "", buf_cstr(&page));
	if (!address)
		rc = cmd_fail(EXIT_START, "tarn up -d --wait", "no stack runs on %s", cmd_data(o->data));
	else if (n && !is_there(address, buf_cstr(&page)))
		rc = cmd_fail(EXIT_USAGE, "tarn help console", "the console of the stack on %s has no page %s", cmd_data(o->data), words[0]);
	else if (cmd_is_json()) {
		struct buf b = { 0 };
		jw_obj(&b, NULL);
		jw_str(&b, "url", buf_slice(&url));
		jw_obj_end(&b);
		cmd_json(buf_slice(&b));
		buf_free(&b);
	} else {
		puts(buf_cstr(&url));
		if (!o->print && isatty(STDOUT_FILENO) && !browse(buf_cstr(&url)))
			cmd_warn("no browser could be started: open the address in one");
	}
	free(address);
	buf_free(&page);
	buf_free(&url);
	return rc;
}

static const struct flag open_flags[] = {
	{ "print", 0, FLAG_ON, offsetof(struct opening, print), NULL, "only says the address; without a terminal that is all it does" },
	{ NULL },
};

const struct command command_open = {
	"open", "[PAGE|RECORD]", "Opens the console in a browser: a page of it, or a record's journey.", sizeof(struct opening), open_run, .max = 1,
	.flags = { data_flags, open_flags }, .example = "tarn open control",
	.more = "PAGE: streams, lake, sql, notebooks, runs, requests, control, docs; RECORD: what tarn trace takes, index=5730. tarn help console says more.",
};
