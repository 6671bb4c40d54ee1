#include "child.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <uv.h>

extern char **environ;

struct child {
	struct owed owed;
	struct loop_work work;
	struct loop *loop;
	char *what;
	uv_process_t process;
	uv_pipe_t in, out, errs;
	uv_timer_t timer;
	uv_write_t write;
	char *input, *chunk;
	struct buf kept[2];
	child_cb cb; /* NULL: cancelled */
	void *arg;
	struct error why; /* kind 0: it started */
	int code, open;   /* open: handles that are not closed yet */
	bool exited, late, started, whole, outside;
	int ended; /* outputs at their end */
};

enum { CHUNK = 65536 };

static void child_free(struct child *c)
{
	free(c->what);
	free(c->input);
	free(c->chunk);
	buf_free(&c->kept[0]);
	buf_free(&c->kept[1]);
	free(c);
}

static void counted_end(struct child *c)
{
	if (!c->outside)
		loop_work_end(c->loop, &c->work);
}

static void report(void *arg)
{
	struct child *c = arg;
	struct child_result r = { c->code, c->late, buf_slice(&c->kept[0]), buf_slice(&c->kept[1]) };
	if (c->cb) {
		owed_end(&c->owed);
		c->cb(c->arg, &r, c->why.kind ? &c->why : NULL);
		counted_end(c);
	}
	child_free(c);
}

static void on_closed(uv_handle_t *h)
{
	struct child *c = h->data;
	if (--c->open == 0)
		report(c);
}

static void shut(uv_handle_t *h)
{
	if (!uv_is_closing(h))
		uv_close(h, on_closed);
}

static void shut_all(struct child *c)
{
	shut((uv_handle_t *)&c->in);
	shut((uv_handle_t *)&c->out);
	shut((uv_handle_t *)&c->errs);
	shut((uv_handle_t *)&c->timer);
	shut((uv_handle_t *)&c->process);
}

/* Killed, and seen off here: nobody need turn the loop for it. Its handles are closed by the loop, which then frees it. */
static void child_cancel(struct owed *o)
{
	struct child *c = (struct child *)o;
	int pid = c->process.pid;
	bool runs = c->started && !c->exited;
	c->cb = NULL;
	counted_end(c);
	shut_all(c);
	if (!runs)
		return;
	uv_kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void on_late(uv_timer_t *t);

static void on_exit_(uv_process_t *p, int64_t status, int signal_)
{
	struct child *c = p->data;
	c->exited = true;
	c->work.pid = 0;
	c->code = signal_ ? 128 + signal_ : (int)status;
	if (c->whole)
		uv_kill(-p->pid, SIGKILL);
	if (c->ended == 2)
		shut_all(c);
	else /* a grandchild may hold the pipes open: what is there is read, then it is over */
		uv_timer_start(&c->timer, on_late, 50, 0);
}

static void on_late(uv_timer_t *t)
{
	struct child *c = t->data;
	if (c->exited) {
		shut_all(c);
		return;
	}
	c->late = true;
	uv_kill(-c->process.pid, SIGKILL);
}

static void give_chunk(uv_handle_t *h, size_t want, uv_buf_t *b)
{
	struct child *c = h->data;
	*b = uv_buf_init(c->chunk, CHUNK);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	struct child *c = s->data;
	if (n > 0)
		buf_add(&c->kept[(uv_pipe_t *)s == &c->errs], b->base, (size_t)n);
	if (n >= 0)
		return;
	uv_read_stop(s);
	if (++c->ended == 2 && c->exited)
		shut_all(c);
}

static void on_written(uv_write_t *w, int status)
{
	struct child *c = w->data;
	shut((uv_handle_t *)&c->in);
}

/* Our environment with o->env over it. */
static char **environment(const char *const *more)
{
	size_t n = 0, m = 0, at = 0;
	while (environ[n])
		n++;
	while (more && more[m])
		m++;
	char **out = xcalloc(n + m + 1, sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		const char *eq = strchr(environ[i], '=');
		size_t name = eq ? (size_t)(eq - environ[i]) + 1 : strlen(environ[i]);
		bool replaced = false;
		for (size_t k = 0; k < m; k++)
			replaced |= !strncmp(more[k], environ[i], name);
		if (!replaced)
			out[at++] = environ[i];
	}
	for (size_t k = 0; k < m; k++)
		out[at++] = (char *)(uintptr_t)more[k];
	return out;
}

static void pipe_init(struct child *c, uv_pipe_t *p)
{
	uv_pipe_init(loop_uv(c->loop), p, 0);
	p->data = c;
	c->open++;
}

static void say(const struct loop_work *w, struct buf *out)
{
	const struct child *c = (const struct child *)((const char *)w - offsetof(struct child, work));
	buf_addf(out, "%s, process %d", c->what, c->process.pid);
}

struct owed *child_start(struct loop *l, const struct child_opts *o, child_cb cb, void *arg)
{
	struct child *c = xcalloc(1, sizeof(*c));
	owed_init(&c->owed, NULL, child_cancel);
	c->loop = l;
	c->cb = cb;
	c->arg = arg;
	c->whole = o->whole;
	c->outside = o->outside;
	c->chunk = xmalloc(CHUNK);
	c->kept[0].max = c->kept[1].max = CHILD_OUT_MAX;
	pipe_init(c, &c->in);
	pipe_init(c, &c->out);
	pipe_init(c, &c->errs);
	uv_timer_init(loop_uv(l), &c->timer);
	c->timer.data = c->process.data = c->write.data = c;
	c->open += 2; /* timer and process */
	uv_stdio_container_t io[3] = { { .flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&c->in },
				       { .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&c->out },
				       { .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&c->errs } };
	char **env = environment(o->env);
	uv_process_options_t p = { .exit_cb = on_exit_, .file = o->argv[0], .args = (char **)(uintptr_t)o->argv, .env = env,
				   .cwd = o->cwd, .flags = UV_PROCESS_DETACHED, .stdio_count = 3, .stdio = io };
	c->what = xasprintf("%s of %s", o->argv[0], o->what ? o->what : "tarn");
	if (!c->outside)
		loop_work_begin(l, &c->work, say);
	int rc = uv_spawn(loop_uv(l), &c->process, &p);
	free(env);
	if (rc) {
		err_set(&c->why, ERR_NOT_FOUND, "%s: %s", o->argv[0], uv_strerror(rc));
		shut_all(c);
		return &c->owed;
	}
	c->started = true;
	c->work.pid = c->process.pid;
	uv_read_start((uv_stream_t *)&c->out, give_chunk, on_read);
	uv_read_start((uv_stream_t *)&c->errs, give_chunk, on_read);
	if (o->real_ms)
		uv_timer_start(&c->timer, on_late, (uint64_t)o->real_ms, 0);
	c->input = xstrndup(o->input.p ? o->input.p : "", o->input.n);
	uv_buf_t b = uv_buf_init(c->input, (unsigned)o->input.n);
	if (uv_write(&c->write, (uv_stream_t *)&c->in, &b, 1, on_written))
		shut((uv_handle_t *)&c->in);
	return &c->owed;
}
