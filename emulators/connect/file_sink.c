#include "connect/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "connect/group.h"

int con_file_sink_open(struct connector *c, struct error *err)
{
	const char *file = con_get(&c->config, "file");
	con_file_sink_close(c);
	if (!file || !*file) {
		c->file.fd = dup(STDOUT_FILENO);
	} else {
		c->file.fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
	}
	c->file.open = c->file.fd >= 0;
	if (c->file.open)
		return 0;
	return err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.ConnectException: Couldn't find or create file '%s' for FileStreamSinkTask\n"
		       "Caused by: java.nio.file.%s: %s", file ? file : "", errno == ENOENT ? "NoSuchFileException" : errno == EACCES ? "AccessDeniedException" : "FileSystemException", file ? file : "");
}

void con_file_sink_close(struct connector *c)
{
	if (c->file.open)
		(void)close(c->file.fd);
	buf_free(&c->file.out);
	c->file.open = false;
}

void con_file_line(struct con_tp *tp, const struct sink_record *r)
{
	cv_print(&tp->c->file.out, &r->value.v);
	buf_addc(&tp->c->file.out, '\n');
	tp->next_offset = r->log.offset + 1;
}

int con_file_flush(struct con_tp *tp, struct error *err)
{
	struct connector *c = tp->c;
	struct slice left = buf_slice(&c->file.out);
	while (left.n) {
		ssize_t n = write(c->file.fd, left.p, left.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		left = sl_from(left, (size_t)n);
	}
	buf_reset(&c->file.out);
	if (left.n)
		return err_set(err, ERR_INVALID, "org.apache.kafka.connect.errors.ConnectException: %s", strerror(errno));
	con_group_commit(tp, tp->next_offset);
	return 0;
}
