/* Ways P and C together: a library that the program and what it starts load (preload/preload.c), and a proxy beside it for those that
 * can't load it but read HTTPS_PROXY. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/stack.h"
#include "front/environ.h"
#include "front/parent.h"
#include "front/places.h"
#include "front/proxy.h"

extern const struct embedded preload_files_embedded[];

enum { POLL_MAX = 1024 };

static int write_file(const char *path, const void *p, size_t n, mode_t mode, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	int rc = fd < 0 || write(fd, p, n) != (ssize_t)n ? err_set(err, ERR_STORE, "%s: %m", path) : 0;
	if (fd >= 0)
		close(fd);
	return rc;
}

static int write_library(const char *path, struct error *err)
{
	struct buf library = { 0 };
	embedded_add(&preload_files_embedded[0], &library);
	int rc = write_file(path, library.p, library.n, 0755, err);
	buf_free(&library);
	return rc;
}

/* The library goes behind those that the user has loaded. */
static void put_library(const char *path)
{
	const char *before = getenv("LD_PRELOAD");
	char *all = xasprintf("%s%s%s", before ? before : "", before && *before ? ":" : "", path);
	setenv("LD_PRELOAD", all, 1);
	free(all);
}

static void put_proxy(int port)
{
	static const char *const names[] = { "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy" };
	char url[64];
	snprintf(url, sizeof(url), "http://127.0.0.1:%d", port);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		setenv(names[i], url, 1);
	setenv("NO_PROXY", "localhost,127.0.0.1,::1", 1);
	setenv("no_proxy", "localhost,127.0.0.1,::1", 1);
}

/* What the library and the proxy need, in files and variables. */
static int prepare(struct exec_plan *plan, const struct door_places *places, const struct proxy *proxy, struct error *err)
{
	char *library = xasprintf("%s/door.so", plan->dir), *list = xasprintf("%s/places", plan->dir);
	struct buf text = { 0 };
	places_text(places, &text);
	int rc = write_library(library, err);
	if (!rc && !(rc = write_file(list, text.p, text.n, 0644, err))) {
		put_library(library);
		put_proxy(proxy_port(proxy));
		setenv("TARN_DOOR", list, 1);
		setenv("TARN_DOOR_NET", plan->net ? "1" : "0", 1);
	}
	buf_free(&text);
	free(library);
	free(list);
	return rc;
}

static int serve(struct proxy *proxy, struct parent *p)
{
	struct pollfd at[POLL_MAX];
	int status = 0;
	for (;;) {
		at[0] = (struct pollfd){ .fd = p->fd, .events = POLLIN };
		size_t n = proxy_wait(proxy, at, 1, POLL_MAX);
		if (poll(at, n, PARENT_LOOK_MS) < 0)
			continue;
		if (parent_turn(p, &status))
			return status;
		proxy_turn(proxy, at + 1, n - 1);
	}
}

static int run(struct exec_plan *plan, int *status)
{
	struct door_places *places = xcalloc(1, sizeof(*places));
	struct proxy *proxy = NULL;
	struct parent p = { 0 };
	struct trust t = { 0 };
	struct error err = { 0 };
	int rc = plan->relay ? err_set(&err, ERR_UNSUPPORTED, "--net=HOST:PORT isn't for the way preload: all of --net, or nothing") : 0;
	if (!rc)
		rc = environ_front(plan->dir, plan->answer.ca, false, &t, &err);
	if (!rc && !(rc = places_open(plan, places, &err)) && !(rc = proxy_open(places, plan->answer.names, plan->net, &proxy, &err)) &&
	    !(rc = prepare(plan, places, proxy, &err)) && (rc = parent_begin(&p)))
		err_set(&err, ERR_INTERNAL, "signalfd: %s", strerror(rc));
	if (!rc) {
		environ_uncovered(&t, plan->ca_over);
		p.pid = fork();
		if (!p.pid) {
			parent_child(&p);
			parent_exec(plan->argv);
		}
		if (p.pid < 0)
			rc = err_set(&err, ERR_INTERNAL, "fork: %m");
		else
			*status = serve(proxy, &p);
		parent_end(&p);
	}
	if (rc)
		fprintf(stderr, "tarn: %s\n", err.text);
	proxy_close(proxy);
	trust_free(&t);
	free(places);
	return rc ? 3 : 0;
}

/* ---- the probe: this process's libc takes the library ---- */

static int try_library(const char *path, struct buf *why)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library && dlsym(library, "getaddrinfo")) {
		dlclose(library);
		return 0;
	}
	buf_adds(why, dlerror());
	return ENOEXEC;
}

static int probe(struct buf *why)
{
	char dir[] = "/tmp/tarn-probe-XXXXXX";
	struct error err;
	if (!mkdtemp(dir)) {
		buf_addf(why, "a folder in /tmp: %s", strerror(errno));
		return errno;
	}
	char *path = xasprintf("%s/door.so", dir);
	int e = write_library(path, &err) ? EIO : try_library(path, why);
	if (e == EIO)
		buf_adds(why, err.text);
	(void)unlink(path);
	(void)rmdir(dir);
	free(path);
	return e;
}

const struct way way_preload = {
	"preload", "a library is loaded before the program's own (LD_PRELOAD), and HTTPS_PROXY is set",
	"programs that are static, of another libc (musl) or setuid, unless they read HTTPS_PROXY: Go's HTTP clients do, its MySQL and Kafka "
	"clients have none; literal addresses of those; processes that outlive the program",
	true, probe, run,
};
