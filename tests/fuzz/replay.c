/*
 * main() of a fuzz target where there is no libFuzzer: runs it over the files
 * and directories named, or over its corpus in the source tree.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static char current[PATH_MAX]; /* what is being run, for who looks at the core */

size_t
LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max)
{
	(void)data;
	(void)max;
	return size;
}

static bool
run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	struct stat st;
	size_t len = 0;
	bool ok = false;

	if (f == NULL || fstat(fileno(f), &st) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		if (f != NULL)
			fclose(f);
		return false;
	}
	data = malloc((size_t)st.st_size + 1);
	if (data != NULL) {
		len = fread(data, 1, (size_t)st.st_size, f);
		ok = len == (size_t)st.st_size;
	}
	fclose(f);
	if (ok) {
		/* Not freed on failure: it ends the program, and this says at which input. */
		snprintf(current, sizeof(current), "%s", path);
		printf("%s\n", current);
		fflush(stdout);
		/* Of exactly that size, for those who look for overruns. */
		char *copy = fuzz_copy(data, len);

		LLVMFuzzerTestOneInput((const uint8_t *)copy, len);
		free(copy);
	}
	free(data);
	return ok;
}

/* How many inputs were run; -1 when one can't be read. */
static int
run_path(const char *path)
{
	char file[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(path);
	int n = 0;

	if (dir == NULL)
		return run_file(path) ? 1 : -1;
	while (n >= 0 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		n = run_file(file) ? n + 1 : -1;
	}
	closedir(dir);
	return n;
}

int
main(int argc, char **argv)
{
	const char *top = getenv("srcdir"), *name = strrchr(argv[0], '/');
	char path[PATH_MAX];
	int i, n, all = 0;

	if (argc < 2) {
		name = name != NULL ? name + 1 : argv[0];
		snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", top != NULL ? top : ".", name);
		all = run_path(path);
	}
	for (i = 1; i < argc && all >= 0; i++) {
		n = run_path(argv[i]);
		all = n < 0 ? n : all + n;
	}
	printf("%d inputs\n", all);
	return all > 0 ? 0 : 1;
}
