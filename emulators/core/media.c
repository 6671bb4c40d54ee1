#include "media.h"

const char *media_type(struct slice name)
{
	static const char *const types[][2] = {
		{ "avif", "image/avif" }, { "bin", "application/octet-stream" }, { "css", "text/css" }, { "csv", "text/csv" },
		{ "gif", "image/gif" }, { "gz", "application/gzip" }, { "htm", "text/html" }, { "html", "text/html" },
		{ "ico", "image/vnd.microsoft.icon" }, { "ipynb", "application/x-ipynb+json" }, { "jar", "application/java-archive" },
		{ "jpeg", "image/jpeg" }, { "jpg", "image/jpeg" }, { "js", "text/javascript" }, { "json", "application/json" },
		{ "md", "text/markdown" }, { "mjs", "text/javascript" }, { "mp3", "audio/mpeg" }, { "mp4", "video/mp4" },
		{ "parquet", "application/vnd.apache.parquet" }, { "pdf", "application/pdf" }, { "png", "image/png" }, { "py", "text/x-python" },
		{ "sql", "application/sql" }, { "svg", "image/svg+xml" }, { "tar", "application/x-tar" }, { "tif", "image/tiff" },
		{ "txt", "text/plain" }, { "wasm", "application/wasm" }, { "webp", "image/webp" }, { "xml", "application/xml" },
		{ "yaml", "application/yaml" }, { "yml", "application/yaml" }, { "zip", "application/zip" },
	};
	size_t at = name.n;
	while (at && name.p[at - 1] != '.' && name.p[at - 1] != '/')
		at--;
	for (size_t i = 0; at && name.p[at - 1] == '.' && i < ARRAY_LEN(types); i++)
		if (sl_eq_nocase(sl_from(name, at), sl(types[i][0])))
			return types[i][1];
	return NULL;
}
