#include "front/environ.h"

#include <fcntl.h>
#include <unistd.h>

static void put(void *arg, const char *name, const char *value)
{
	setenv(name, value, 1);
}

static bool file_has(const char *path, const char *const *words, size_t n)
{
	char text[32 << 10];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text));
	bool found = false;
	if (fd >= 0)
		close(fd);
	for (size_t i = 0; got > 0 && i < n; i++)
		found |= sl_find(sl_of(text, (size_t)got), sl(words[i])) >= 0;
	return found;
}

bool environ_has_credentials(void)
{
	static const char *const names[] = {
		"AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI",
	};
	static const char *const words[] = { "aws_access_key_id", "credential_process", "role_arn", "sso_" };
	static const struct {
		const char *variable, *file;
	} files[] = { { "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials" }, { "AWS_CONFIG_FILE", "/.aws/config" } };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (getenv(names[i]) && *getenv(names[i]))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const char *named = getenv(files[i].variable), *home = getenv("HOME");
		char *path = xasprintf("%s%s", named ? named : home ? home : "", named ? "" : files[i].file);
		bool found = file_has(path, words, ARRAY_LEN(words));
		free(path);
		if (found)
			return true;
	}
	return false;
}

int environ_front(const char *dir, const char *pem, bool covered, struct trust *t, struct error *err)
{
	/* A proxy of the user's network can't be reached, and would be tried before what is here; so would doors of a tarn exec around this one. */
	static const char *const gone[] = { "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "http_proxy", "https_proxy", "all_proxy", "ftp_proxy",
					    "TARN_DOOR", "TARN_DOOR_NET" };
	int rc = trust_write(dir, sl(pem), t, err);
	if (rc)
		return rc;
	trust_variables(t, covered, put, NULL);
	for (size_t i = 0; i < ARRAY_LEN(gone); i++)
		unsetenv(gone[i]);
	put(NULL, "AWS_EC2_METADATA_DISABLED", "true"); /* SDKs without keys wait for it otherwise */
	put(NULL, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"); /* a stray one of another emulator's */
	if (!environ_has_credentials()) {
		put(NULL, "AWS_ACCESS_KEY_ID", "test");
		put(NULL, "AWS_SECRET_ACCESS_KEY", "test");
	}
	return 0;
}

void environ_uncovered(const struct trust *t, const char *const *over)
{
	for (; over && *over; over++)
		fprintf(stderr, "tarn: %s can't be covered without a name space of the program's own: append the authority to it, as tarn ca --pem prints it with "
			"the --data of this run (%s holds it while it lasts)\n", *over, t->ours);
}
