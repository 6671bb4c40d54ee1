#include "connect/connect.h"

#define FILE_PACKAGE "org.apache.kafka.connect.file."

const struct con_kind con_kinds[] = {
	{ "io.confluent.connect.s3.S3SinkConnector", "io.confluent.connect.s3.S3SinkTask", "10.0.3", false },
	{ FILE_PACKAGE "FileStreamSinkConnector", FILE_PACKAGE "FileStreamSinkTask", "4.0.0", false },
	{ FILE_PACKAGE "FileStreamSourceConnector", FILE_PACKAGE "FileStreamSourceTask", "4.0.0", true },
};
const size_t con_kind_n = ARRAY_LEN(con_kinds);
const struct con_kind *const con_s3_sink = &con_kinds[0], *const con_file_sink = &con_kinds[1], *const con_file_source = &con_kinds[2];

const struct con_kind *con_kind_of(const char *class)
{
	for (size_t i = 0; i < con_kind_n; i++) {
		const char *whole = con_kinds[i].class, *simple = strrchr(whole, '.') + 1;
		size_t pruned = strlen(simple) - strlen("Connector");
		if (!strcmp(class, whole) || !strcmp(class, simple) || (strlen(class) == pruned && !strncmp(class, simple, pruned)))
			return &con_kinds[i];
	}
	return NULL;
}
