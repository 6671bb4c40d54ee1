#include "log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service.h"

struct log {
	int fd;
	enum log_level least;
	char *path;      /* NULL: it isn't a file of ours */
	int64_t size, max;
	int keep;
	log_watcher *watch;
	void *watch_arg;
};

struct log *log_new(int fd, enum log_level least)
{
	struct log *l = xcalloc(1, sizeof(*l));
	l->fd = fd;
	l->least = least;
	return l;
}

enum log_level log_least(const struct log *l)
{
	return l->least;
}

void log_set_least(struct log *l, enum log_level least)
{
	l->least = least;
}

void log_watch(struct log *l, log_watcher *fn, void *arg)
{
	l->watch = fn;
	l->watch_arg = arg;
}

void log_free(struct log *l)
{
	if (!l)
		return;
	free(l->path);
	free(l);
}

void log_rotate(struct log *l, const char *path, int64_t max, int keep)
{
	struct stat st;
	free(l->path);
	l->path = xstrdup(path);
	l->max = max;
	l->keep = keep;
	l->size = fstat(l->fd, &st) ? 0 : (int64_t)st.st_size;
}

static bool same_file(int a, int b)
{
	struct stat x, y;
	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The file becomes PATH.1, that one PATH.2, the last goes; whatever of ours wrote to it writes to the new one. If that can't be made,
 * all goes on into the old one. */
static void turn_over(struct log *l)
{
	char *to = xasprintf("%s.%d", l->path, l->keep);
	for (int i = l->keep; i > 1; i--) {
		char *from = xasprintf("%s.%d", l->path, i - 1);
		(void)rename(from, to);
		free(to);
		to = from;
	}
	l->size = 0;
	if (l->keep ? rename(l->path, to) : unlink(l->path)) {
		free(to);
		return;
	}
	free(to);
	int fd = open(l->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd < 0)
		return;
	for (int i = STDOUT_FILENO; i <= STDERR_FILENO; i++)
		if (i != l->fd && same_file(i, l->fd))
			(void)dup2(fd, i);
	(void)dup3(fd, l->fd, l->fd > STDERR_FILENO ? O_CLOEXEC : 0);
	close(fd);
}

void log_event(const struct env *env, enum log_level level, const char *event, const char *fmt, ...)
{
	static const char *const names[] = { "DEBUG", "INFO", "WARN", "ERROR" };
	if (!env || !env->log || (level < env->log->least && !(level >= LOG_WARN && env->log->watch)))
		return;
	struct buf b = { .max = 8192 };
	struct log *l = env->log;
	const char *service = env->name ? env->name : "tarn";
	int64_t now = env->clock ? clock_now_ms(env->clock) : clock_real_ms();
	char when[32];
	va_list ap;
	clock_iso(now, when);
	buf_addf(&b, "%s %-5s %s %s ", when, names[level], service, event);
	size_t head = b.n;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	/* One event is one line, whatever a client put into it. */
	for (size_t i = 0; i < b.n; i++)
		if ((unsigned char)b.p[i] < 0x20)
			b.p[i] = ' ';
	b.bad = false;
	if (level >= LOG_WARN && l->watch)
		l->watch(l->watch_arg, level, service, event, now, sl_from(buf_slice(&b), head));
	if (level < l->least) {
		buf_free(&b);
		return;
	}
	b.max += 1;
	buf_addc(&b, '\n');
	ssize_t r = write(l->fd, b.p, b.n);
	l->size += r > 0 ? r : 0; /* a log that can't be written has nowhere to say so */
	buf_free(&b);
	if (l->path && l->size >= l->max)
		turn_over(l);
}
