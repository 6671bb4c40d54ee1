#include "log.h"

#include <unistd.h>

#include "service.h"

struct log {
	int fd;
	enum log_level least;
};

struct log *log_new(int fd, enum log_level least)
{
	struct log *l = xcalloc(1, sizeof(*l));
	l->fd = fd;
	l->least = least;
	return l;
}

void log_free(struct log *l)
{
	free(l);
}

void log_event(const struct env *env, enum log_level level, const char *event, const char *fmt, ...)
{
	static const char *const names[] = { "DEBUG", "INFO", "WARN", "ERROR" };
	if (!env || !env->log || level < env->log->least)
		return;
	struct buf b = { .max = 8192 };
	char when[32];
	va_list ap;
	clock_iso(env->clock ? clock_now_ms(env->clock) : clock_real_ms(), when);
	buf_addf(&b, "%s %-5s %s %s ", when, names[level], env->name ? env->name : "tarn", event);
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	/* One event is one line, whatever a client put into it. */
	for (size_t i = 0; i < b.n; i++)
		if ((unsigned char)b.p[i] < 0x20)
			b.p[i] = ' ';
	b.bad = false;
	b.max += 1;
	buf_addc(&b, '\n');
	ssize_t r = write(env->log->fd, b.p, b.n);
	(void)r; /* a log that can't be written has nowhere to say so */
	buf_free(&b);
}
