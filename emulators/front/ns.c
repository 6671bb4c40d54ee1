/* The first way: a user, a mount and a network name space. The program is executed in place, so its exit code, signals, terminal, working
 * folder and user are its own; all it can reach is what listens in there, and names, files of authorities and resolvers are ours. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <unistd.h>

#include "front/environ.h"
#include "front/lo.h"
#include "front/parent.h"
#include "front/relay.h"
#include "front/way.h"

enum { EXIT_CANT = 3, MINE_MAX = 64 << 10 };

/* What failed. */
struct trouble {
	const char *step;
	char detail[128];
	int why;
};

static int fail(struct trouble *t, const char *step)
{
	t->step = step;
	t->why = errno ? errno : EIO;
	return -1;
}

static int write_file(const char *path, const char *text, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);
	if (fd < 0)
		return -1;
	size_t n = strlen(text);
	ssize_t done = write(fd, text, n);
	int why = errno;
	close(fd);
	errno = done >= 0 && (size_t)done < n ? EIO : why;
	return done == (ssize_t)n ? 0 : -1;
}

/* ---- name spaces ---- */

/* Own ids onto themselves: that is allowed to everyone. */
static int map_ids(unsigned uid, unsigned gid, struct trouble *t)
{
	char line[48];
	if (write_file("/proc/self/setgroups", "deny", 0) && errno != ENOENT)
		return fail(t, "/proc/self/setgroups");
	snprintf(line, sizeof(line), "%u %u 1", uid, uid);
	if (write_file("/proc/self/uid_map", line, 0))
		return fail(t, "/proc/self/uid_map");
	snprintf(line, sizeof(line), "%u %u 1", gid, gid);
	return write_file("/proc/self/gid_map", line, 0) ? fail(t, "/proc/self/gid_map") : 0;
}

/* Who may, as root, needs no user name space, and keeps all users. */
static int leave(struct trouble *t)
{
	unsigned uid = geteuid(), gid = getegid();
	if (uid == 0 && !unshare(CLONE_NEWNS | CLONE_NEWNET))
		return 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET))
		return fail(t, "unshare(NEWUSER|NEWNS|NEWNET)");
	return map_ids(uid, gid, t);
}

static int enter(struct trouble *t)
{
	const char *step = NULL;
	if (leave(t))
		return -1;
	if (lo_open(&step))
		return fail(t, step);
	return mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) ? fail(t, "mount(/, MS_SLAVE)") : 0;
}

/* ---- what else may be reached ---- */

static struct relay relays[RELAYS_MAX];
static size_t relay_n;

/* Outside, where names are known. */
static int read_relays(const char *const *list, struct error *err)
{
	int rc = 0;
	for (; list && *list && relay_n < RELAYS_MAX && !rc; list++, relay_n++)
		rc = relay_read(*list, (uint32_t)relay_n, &relays[relay_n], err);
	return rc;
}

static int open_relays(int channel, struct error *err)
{
	int rc = 0;
	for (size_t i = 0; i < relay_n && !rc; i++)
		rc = relay_open(channel, &relays[i], err);
	return rc;
}

/* ---- files over the system's ---- */

/* What isn't there needs no cover. */
static int cover(const char *path, const char *by, struct trouble *t)
{
	struct stat there;
	if (stat(path, &there) || !mount(by, path, NULL, MS_BIND, NULL))
		return 0;
	(void)fail(t, "mount over");
	snprintf(t->detail, sizeof(t->detail), " %s", path);
	return -1;
}

static bool names_ours(struct slice line)
{
	struct slice word, rest = line;
	struct name n;
	while (rest.p) {
		sl_cut(rest, ' ', &word, &rest);
		if (name_read(word, NULL, &n) != NAME_FOREIGN)
			return true;
	}
	return false;
}

/* A file of the system, in mine; its length. */
static size_t read_mine(const char *path, char mine[MINE_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, mine, MINE_MAX);
	if (fd >= 0)
		close(fd);
	return n > 0 ? (size_t)n : 0;
}

/* Of the machine's own file what it says of itself; other machines can't be reached, and our names have addresses of their own. */
static void write_hosts(const char *path, struct buf *out)
{
	char mine[MINE_MAX], host[256] = "";
	struct slice line, rest = sl_of(mine, read_mine(path, mine));
	for (size_t i = 0; i < rest.n; i++)
		mine[i] = mine[i] == '\t' ? ' ' : mine[i];
	buf_adds(out, "127.0.0.1 localhost\n");
	if (!gethostname(host, sizeof(host) - 1) && *host)
		buf_addf(out, "127.0.1.1 %s\n", host);
	while (rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		if ((sl_starts(line, S("127.")) || sl_starts(line, S("::1 "))) && !names_ours(line))
			buf_addf(out, "%.*s\n", SL(line));
	}
	for (size_t i = 0; i < relay_n; i++)
		if (relays[i].named)
			buf_addf(out, "%u.%u.%u.%u %s\n", relays[i].inside >> 24, relays[i].inside >> 16 & 255, relays[i].inside >> 8 & 255, relays[i].inside & 255,
				 relays[i].host);
}

static void write_resolv(const char *path, struct buf *out)
{
	buf_adds(out, "nameserver 127.77.0.53\noptions timeout:1 attempts:1\n");
}

/* Who users are is asked as before; hosts nowhere but of the two files above. */
static void write_nsswitch(const char *path, struct buf *out)
{
	char mine[MINE_MAX];
	struct slice line, rest = sl_of(mine, read_mine(path, mine));
	while (rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		if (!sl_starts(sl_trim(line), S("hosts:")))
			buf_addf(out, "%.*s\n", SL(line));
	}
	buf_adds(out, "hosts: files dns\n");
}

static int cover_names(const char *dir, struct trouble *t)
{
	static const struct {
		const char *path, *name;
		void (*write)(const char *path, struct buf *out);
	} files[] = { { "/etc/hosts", "hosts", write_hosts }, { "/etc/resolv.conf", "resolv.conf", write_resolv }, { "/etc/nsswitch.conf", "nsswitch.conf", write_nsswitch } };
	/* These answer from the network outside, over a socket that is a path. */
	static const char *const others[] = { "/run/systemd/resolve/io.systemd.Resolve", "/run/nscd/socket" };
	int rc = 0;
	for (size_t i = 0; i < ARRAY_LEN(files) && !rc; i++) {
		char *by = xasprintf("%s/%s", dir, files[i].name);
		struct buf text = { 0 };
		files[i].write(files[i].path, &text);
		rc = write_file(by, buf_cstr(&text), O_CREAT | O_TRUNC) ? fail(t, files[i].name) : cover(files[i].path, by, t);
		buf_free(&text);
		free(by);
	}
	for (size_t i = 0; i < ARRAY_LEN(others) && !rc; i++)
		rc = cover(others[i], "/dev/null", t);
	return rc;
}

static void cover_trust(void *arg, const char *path, const char *by)
{
	struct trouble t = { 0 };
	if (cover(path, by, &t)) /* a program that reads it says so itself, if there is one */
		fprintf(stderr, "tarn: %s%s: %s\n", t.step, t.detail, strerror(t.why));
}

/* ---- trying ---- */

/* The whole of it but for the files' contents. */
static int try_all(struct trouble *t)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(443), .sin_addr.s_addr = htonl(FRONT_ADDRESS) };
	if (enter(t) || cover("/etc/hosts", "/dev/null", t))
		return -1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)))
		return fail(t, "bind to port 443");
	return 0;
}

static int probe(struct buf *why)
{
	struct trouble t = { 0 };
	int ends[2], status;
	if (pipe2(ends, O_CLOEXEC))
		return errno;
	pid_t pid = fork();
	if (pid == 0) {
		int rc = try_all(&t);
		ssize_t n = write(ends[1], &t, sizeof(t));
		_exit(rc || n < 0);
	}
	close(ends[1]);
	if (pid < 0 || read(ends[0], &t, sizeof(t)) != sizeof(t))
		t = (struct trouble){ .step = "fork", .why = pid < 0 ? errno : EIO };
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (t.step)
		buf_addf(why, "%s%s: %s (errno %d)", t.step, t.detail, strerror(t.why), t.why);
	return t.why;
}

/* ---- running ---- */

/* Tells whoever ends the server what to wait for: our name space, in which the program may leave others behind. */
static int name_space_file(const char *dir)
{
	char ns[64], *path = xasprintf("%s/net", dir);
	ssize_t n = readlink("/proc/self/ns/net", ns, sizeof(ns) - 1);
	ns[n > 0 ? n : 0] = '\0';
	int rc = write_file(path, ns, O_CREAT | O_TRUNC);
	free(path);
	return rc;
}

static int cant(const struct trouble *t)
{
	fprintf(stderr, "tarn: a name space: %s%s: %s\n", t->step, t->detail, strerror(t->why));
	return EXIT_CANT;
}

static int run(struct exec_plan *p, int *status)
{
	struct door_places places;
	struct trouble t = { 0 };
	struct trust trust = { 0 };
	struct error err;
	size_t over = 0;
	while (p->ca_over && p->ca_over[over])
		over++;
	if (read_relays(p->relay, &err) || environ_front(p->dir, p->answer.ca, true, &trust, &err)) {
		fprintf(stderr, "tarn: %s\n", err.text);
		return EXIT_CANT;
	}
	if (enter(&t) || name_space_file(p->dir) || cover_names(p->dir, &t))
		return cant(&t);
	if (open_relays(p->relay_channel, &err) || door_open(p->channel, true, p->answer.own, &places, &err)) {
		fprintf(stderr, "tarn: %s\n", err.text);
		return EXIT_CANT;
	}
	trust_covers(&trust, p->ca_over, over, cover_trust, NULL);
	trust_free(&trust);
	close(p->channel);
	signal(SIGPIPE, SIG_DFL);
	parent_exec(p->argv);
}

const struct way way_namespace = {
	.name = "namespace", .doc = "user, mount and network name space: the program sees no network but ours", .probe = probe, .run = run,
	.cant = "the user's own servers on localhost, setuid programs, containers over docker.sock",
};
