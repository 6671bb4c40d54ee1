#include "front/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/* The calls of an architecture; 0: it has none of that name. */
static const struct numbers {
	uint32_t arch;
	bool narrow;
	int connect, sendto, sendmsg, sendmmsg, socketcall, io_uring;
} numbers[] = {
#if defined(__x86_64__)
	{ AUDIT_ARCH_X86_64, false, SYS_connect, SYS_sendto, SYS_sendmsg, SYS_sendmmsg, 0, SYS_io_uring_setup },
	{ AUDIT_ARCH_I386, true, 362, 369, 370, 345, 102, 425 },
#elif defined(__aarch64__)
	{ AUDIT_ARCH_AARCH64, false, SYS_connect, SYS_sendto, SYS_sendmsg, SYS_sendmmsg, 0, SYS_io_uring_setup },
	{ AUDIT_ARCH_ARM, true, 283, 290, 296, 374, 102, 425 },
#elif defined(__riscv)
	{ AUDIT_ARCH_RISCV64, false, SYS_connect, SYS_sendto, SYS_sendmsg, SYS_sendmmsg, 0, SYS_io_uring_setup },
#endif
	{ 0 },
};

/* ---- the program ---- */

enum { PROGRAM_MAX = 64 };
struct program {
	struct sock_filter at[PROGRAM_MAX];
	unsigned short n;
};

static void add(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	p->at[p->n++] = (struct sock_filter){ code, yes, no, k };
}

static void load(struct program *p, size_t offset)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* What a number gives. */
static void when(struct program *p, int number, uint32_t verdict)
{
	if (!number)
		return;
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1);
	add(p, BPF_RET | BPF_K, verdict, 0, 0);
}

/* sendto waits only when it names an address: else it is send(2), which is frequent. */
static void when_addressed(struct program *p, int number)
{
	size_t at = offsetof(struct seccomp_data, args) + 4 * sizeof(uint64_t);
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 6);
	load(p, at);
	add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2);
	load(p, at + 4);
	add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
	add(p, BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF, 0, 0);
	add(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

static void write_program(struct program *p)
{
	for (const struct numbers *n = numbers; n->arch; n++) {
		load(p, offsetof(struct seccomp_data, arch));
		unsigned short jump = p->n;
		add(p, BPF_JMP | BPF_JEQ | BPF_K, n->arch, 0, 0);
		load(p, offsetof(struct seccomp_data, nr));
		if (!n->narrow && n->arch == 0xc000003e) { /* x32: calls of another size under this architecture's name */
			add(p, BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);
			add(p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
		}
		when(p, n->connect, SECCOMP_RET_USER_NOTIF);
		when(p, n->sendmsg, SECCOMP_RET_USER_NOTIF);
		when(p, n->sendmmsg, SECCOMP_RET_USER_NOTIF);
		when(p, n->socketcall, SECCOMP_RET_USER_NOTIF);
		when(p, n->io_uring, SECCOMP_RET_ERRNO | ENOSYS); /* its connects pass no filter; programs do without */
		when_addressed(p, n->sendto);
		add(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
		p->at[jump].jf = (uint8_t)(p->n - jump - 1);
	}
	add(p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
}

/* ---- the child ---- */

/* What the child says: a descriptor of the table that both have, or an errno and where. */
struct word {
	int fd, error;
	const char *step;
};

static struct word install(void)
{
	struct program p = { 0 };
	write_program(&p);
	struct sock_fprog prog = { p.n, p.at };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return (struct word){ -1, errno, "prctl(PR_SET_NO_NEW_PRIVS)" };
	/* Killable: a signal doesn't begin a connect anew that is being answered. Linux 5.19. */
	unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &prog);
	if (fd < 0 && errno == EINVAL)
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	return (struct word){ (int)fd, fd < 0 ? errno : 0, "seccomp(SECCOMP_FILTER_FLAG_NEW_LISTENER)" };
}

static void child(void (*begin)(void *arg), void (*run)(void *arg), void *arg, int tell, int parent)
{
	/* The parent may have ended before it could be asked to be told of. */
	if (getppid() != parent)
		_exit(127);
	begin(arg);
	struct word w = install();
	if (write(tell, &w, sizeof(w)) != sizeof(w) || w.error)
		_exit(127);
	run(arg);
	_exit(127);
}

static bool hear(int from, pid_t pid, struct word *w)
{
	struct pollfd at = { .fd = from, .events = POLLIN };
	for (;;) {
		if (poll(&at, 1, 20) > 0)
			return read(from, w, sizeof(*w)) == sizeof(*w);
		siginfo_t ended = { 0 };
		if (!waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) && ended.si_pid == pid)
			return poll(&at, 1, 0) > 0 && read(from, w, sizeof(*w)) == sizeof(*w);
	}
}

pid_t filter_start(void (*begin)(void *arg), void (*run)(void *arg), void *arg, int *listener, const char **step)
{
	int ends[2];
	struct word w = { -1, ECHILD, "the child" };
	*step = "pipe";
	if (!numbers[0].arch) {
		*step = "this processor's filter";
		errno = ENOSYS;
		return -1;
	}
	if (pipe2(ends, O_CLOEXEC))
		return -1;
	int parent = (int)getpid();
	/* One table of descriptors until the child executes something: so the listener is ours, too, and need not be sent by a call that
	 * it already holds up. */
	*step = "clone(CLONE_FILES)";
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	if (!pid)
		child(begin, run, arg, ends[1], parent);
	if (pid > 0 && hear(ends[0], pid, &w) && !w.error) {
		*listener = w.fd;
	} else if (pid > 0) {
		*step = w.step;
		waitpid(pid, NULL, 0);
		errno = w.error;
		pid = -1;
	}
	int e = errno;
	close(ends[0]);
	close(ends[1]);
	errno = e;
	return pid;
}

/* ---- what waits ---- */

/* The i386 and ARM way: one call for all, its arguments in memory. */
static bool unfold(const struct seccomp_notif *q, struct filter_ask *out)
{
	static const int8_t calls[] = { [3] = FILTER_CONNECT + 1, [11] = FILTER_SENDTO + 1, [16] = FILTER_SENDMSG + 1, [20] = FILTER_SENDMMSG + 1 };
	uint32_t args[6] = { 0 };
	size_t call = (size_t)q->data.args[0], n = call == 11 ? 6 : 3;
	if (call >= ARRAY_LEN(calls) || !calls[call] || !filter_read(out, q->data.args[1], args, n * sizeof(*args)))
		return false;
	out->call = (enum filter_call)(calls[call] - 1);
	for (size_t i = 0; i < 6; i++)
		out->arg[i] = args[i];
	return true;
}

static bool read_ask(const struct seccomp_notif *q, struct filter_ask *out)
{
	*out = (struct filter_ask){ .id = q->id, .thread = (pid_t)q->pid };
	for (size_t i = 0; i < 6; i++)
		out->arg[i] = q->data.args[i];
	for (const struct numbers *n = numbers; n->arch; n++) {
		if (n->arch != q->data.arch)
			continue;
		out->narrow = n->narrow;
		if (q->data.nr == n->socketcall && n->socketcall)
			return unfold(q, out);
		out->call = q->data.nr == n->connect ? FILTER_CONNECT : q->data.nr == n->sendto ? FILTER_SENDTO :
			    q->data.nr == n->sendmsg ? FILTER_SENDMSG : FILTER_SENDMMSG;
		return true;
	}
	return false;
}

bool filter_take(int listener, struct filter_ask *out, bool *gone)
{
	union {
		struct seccomp_notif q;
		char room[512]; /* a newer kernel's is longer */
	} u;
	memset(&u, 0, sizeof(u));
	*gone = false;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &u)) {
		*gone = errno != EINTR && errno != ENOENT;
		return false;
	}
	if (read_ask(&u.q, out))
		return true;
	filter_go_on(listener, u.q.id); /* socketcall for something else */
	return false;
}

bool filter_waits(int listener, uint64_t id)
{
	return !ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
}

static void reply(int listener, struct seccomp_notif_resp r)
{
	union {
		struct seccomp_notif_resp r;
		char room[512];
	} u;
	memset(&u, 0, sizeof(u));
	u.r = r;
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &u); /* the caller may have been killed meanwhile */
}

void filter_go_on(int listener, uint64_t id)
{
	reply(listener, (struct seccomp_notif_resp){ .id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE });
}

void filter_answer(int listener, uint64_t id, int64_t result)
{
	reply(listener, (struct seccomp_notif_resp){ .id = id, .val = result < 0 ? 0 : result, .error = result < 0 ? (int32_t)result : 0 });
}

/* ---- the caller's memory and descriptors ---- */

bool filter_read(const struct filter_ask *ask, uint64_t from, void *to, size_t n)
{
	struct iovec ours = { to, n }, theirs = { (void *)(uintptr_t)from, n };
	return !n || process_vm_readv(ask->thread, &ours, 1, &theirs, 1, 0) == (ssize_t)n;
}

bool filter_write(const struct filter_ask *ask, uint64_t to, const void *from, size_t n)
{
	struct iovec ours = { (void *)(uintptr_t)from, n }, theirs = { (void *)(uintptr_t)to, n };
	return !n || process_vm_writev(ask->thread, &ours, 1, &theirs, 1, 0) == (ssize_t)n;
}

/* The process that a thread is of; 0: it has gone. */
static pid_t process_of(pid_t thread)
{
	char path[64], text[1024];
	int64_t pid = 0;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)thread);
	FILE *f = fopen(path, "re");
	while (f && !pid && fgets(text, sizeof(text), f))
		if (!strncmp(text, "Tgid:", 5))
			sl_int(sl_trim(sl(text + 5)), 1, INT32_MAX, &pid);
	if (f)
		fclose(f);
	return (pid_t)pid;
}

int filter_descriptor(const struct filter_ask *ask, int fd)
{
	int handle = (int)syscall(SYS_pidfd_open, ask->thread, 0);
	if (handle < 0 && (errno == EINVAL || errno == ENOENT)) /* only a process's first thread stands for it */
		handle = (int)syscall(SYS_pidfd_open, process_of(ask->thread), 0);
	if (handle < 0)
		return -errno;
	int ours = (int)syscall(SYS_pidfd_getfd, handle, fd, 0);
	int e = errno;
	close(handle);
	return ours < 0 ? -e : ours;
}
