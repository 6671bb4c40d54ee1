#include "stack/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, LINE = 25 }; /* of the file clock: an ISO time, or "real" filled up with blanks, and a line feed */

struct keep {
	const struct env *env;
	int clock_fd; /* -1: no file yet */
	char clock[LINE + 1];
	uint64_t faults; /* the version that is in the file */
	struct buf words;
	bool failed;
};

static void read_all(const char *path, struct buf *out)
{
	char piece[4096];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	out->max = FILE_MAX;
	while (fd >= 0 && (n = read(fd, piece, sizeof(piece))) > 0)
		buf_add(out, piece, (size_t)n);
	if (fd >= 0)
		close(fd);
}

static void restore_clock(struct keep *k)
{
	struct buf b = { 0 };
	char *path = xasprintf("%s/clock", k->env->dir);
	int64_t at_ms;
	read_all(path, &b);
	if (clock_parse_iso(sl_trim(buf_slice(&b)), &at_ms)) {
		clock_freeze(k->env->clock, at_ms);
		buf_addf(&k->words, "clock frozen at %.*s", SL(sl_trim(buf_slice(&b))));
	}
	buf_free(&b);
	free(path);
}

static void restore_faults(struct keep *k)
{
	struct buf b = { 0 };
	struct slice line, rest;
	struct error err;
	char *path = xasprintf("%s/faults", k->env->dir);
	bool any = false;
	read_all(path, &b);
	rest = buf_slice(&b);
	while (rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		if (line.n && faults_restore(k->env->faults, line, &err))
			log_warn(k->env, "fault-dropped", "error=\"%s\"", err.text);
		else if (sl_starts(line, S("fault "))) {
			struct slice word, site, spec = sl_from(line, 6);
			sl_cut(spec, ' ', &word, &spec);
			sl_cut(spec, ' ', &site, &spec);
			buf_addf(&k->words, "%s%.*s", any ? ", " : k->words.n ? "; faults armed: " : "faults armed: ", SL(site));
			any = true;
		}
	}
	k->faults = faults_version(k->env->faults);
	buf_free(&b);
	free(path);
}

struct keep *keep_open(const struct env *env, bool with_clock)
{
	struct keep *k = xcalloc(1, sizeof(*k));
	k->env = env;
	k->clock_fd = -1;
	if (!env->dir || env->durability == DURABILITY_OFF)
		return k;
	if (with_clock)
		restore_clock(k);
	restore_faults(k);
	(void)buf_cstr(&k->words);
	return k;
}

static void complain(struct keep *k, const char *file)
{
	if (!k->failed)
		log_error(k->env, "not-kept", "file=%s error=\"%s\"", file, strerror(errno));
	k->failed = true;
}

/* In one write of one page, so that a kill leaves the old time or the new one. */
static void write_clock(struct keep *k)
{
	char now[32] = "real", line[LINE + 2];
	bool frozen = clock_is_virtual(k->env->clock);
	char *path;
	if (frozen)
		clock_iso(clock_now_ms(k->env->clock), now);
	if (!strcmp(now, k->clock))
		return;
	path = xasprintf("%s/clock", k->env->dir);
	if (k->clock_fd < 0 && (frozen || !access(path, F_OK)))
		k->clock_fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	snprintf(line, sizeof(line), "%-24.24s\n", now);
	if ((k->clock_fd < 0 && !frozen) || pwrite(k->clock_fd, line, LINE, 0) == LINE)
		snprintf(k->clock, sizeof(k->clock), "%.24s", now);
	else
		complain(k, "clock");
	if (k->clock_fd >= 0 && k->env->durability == DURABILITY_FULL)
		(void)fdatasync(k->clock_fd);
	free(path);
}

static void write_faults(struct keep *k)
{
	uint64_t version = faults_version(k->env->faults);
	struct buf b = { 0 };
	if (version == k->faults)
		return;
	char *path = xasprintf("%s/faults", k->env->dir), *new = xasprintf("%s.new", path);
	faults_text(k->env->faults, &b);
	int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd >= 0 && write(fd, buf_cstr(&b), b.n) == (ssize_t)b.n && !rename(new, path))
		k->faults = version;
	else
		complain(k, "faults");
	if (fd >= 0)
		close(fd);
	buf_free(&b);
	free(new);
	free(path);
}

void keep_write(struct keep *k)
{
	if (!k || !k->env->dir || k->env->durability == DURABILITY_OFF)
		return;
	write_clock(k);
	write_faults(k);
}

void keep_again(struct keep *k)
{
	if (!k)
		return;
	if (k->clock_fd >= 0)
		close(k->clock_fd);
	k->clock_fd = -1;
	k->clock[0] = '\0';
	k->faults = 0;
}

const char *keep_words(const struct keep *k)
{
	return k && k->words.p ? k->words.p : "";
}

void keep_close(struct keep *k)
{
	if (!k)
		return;
	keep_write(k);
	if (k->clock_fd >= 0)
		close(k->clock_fd);
	buf_free(&k->words);
	free(k);
}
