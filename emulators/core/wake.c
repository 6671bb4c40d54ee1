#include "wake.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int wake_open(struct wake *w, struct error *err)
{
	int fds[2];
	*w = (struct wake){ -1, -1 };
	if (pipe(fds))
		return err_set(err, ERR_INTERNAL, "pipe: %s", strerror(errno));
	for (int i = 0; i < 2; i++) {
		fcntl(fds[i], F_SETFD, FD_CLOEXEC);
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
	}
	*w = (struct wake){ .out = fds[0], .in = fds[1] };
	return 0;
}

void wake_take(const struct wake *w)
{
	char bytes[256];
	while (read(w->out, bytes, sizeof(bytes)) == sizeof(bytes))
		;
}

void wake_close(struct wake *w)
{
	if (w->out >= 0)
		close(w->out);
	if (w->in >= 0)
		close(w->in);
	*w = (struct wake){ -1, -1 };
}
