#include "sys/conf_places.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A file in a directory in which it, and others beside it, can be made; WHY it can't. */
static bool
may_be_made(const char *file, bool alone, char *why, size_t size)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(file, '/');
	size_t len = slash != NULL ? (size_t)(slash - file) + 1 : 0;

	/* What is there already needs no more than to be written to. */
	if (alone && access(file, W_OK) == 0)
		return true;
	if (slash == NULL || len >= sizeof(directory))
		return false;
	memcpy(directory, file, len);
	directory[len] = '\0';
	if (access(directory, W_OK | X_OK) == 0 && (access(file, F_OK) != 0 || access(file, W_OK) == 0))
		return true;
	snprintf(why, size, "%s: %s", access(directory, W_OK | X_OK) != 0 ? directory : file, strerror(errno));
	return false;
}

/*
 * Was SECTION's option NAME read as it is meant?  What is wrong with it has been
 * said, and then the default stands, which is not what it will be; likewise where
 * not all was read and it may stand there.
 */
static bool
is_as_meant(const struct entries *es, const struct problems *p, const char *section, const char *name)
{
	size_t i, k;

	for (i = 0; i < es->n; i++) {
		if (strcmp(es->list[i].option->section, section) != 0 || strcmp(es->list[i].option->name, name) != 0)
			continue;
		for (k = 0; k < p->n &&
		     (p->list[k].line != es->list[i].line || strncmp(p->list[k].text, name, strlen(name)) != 0);
		     k++)
			;
		return k == p->n;
	}
	return !es->partial;
}

void
conf_places_check(const struct conf *c, const struct entries *es, struct problems *p)
{
	const struct {
		const char *section, *name, *option, *file;
		bool alone;
		int line;
	} places[] = {
		{"registry", "path", "path of registry", c->registry, false, c->lines.registry},
		{ "log", "destination", "destination of log", c->log.target == LOG_TO_FILE ? c->log.path : "", true,
		    c->lines.log },
		{"", "pid-file", "pid-file", c->pid_file, true, c->lines.pid_file},
	};
	char why[PATH_MAX + 128];
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		why[0] = '\0';
		if (places[i].file[0] != '\0' && is_as_meant(es, p, places[i].section, places[i].name) &&
		    !may_be_made(places[i].file, places[i].alone, why, sizeof(why)))
			problem_add(p, places[i].line, "%s: it can't be written: %s", places[i].option, why);
	}
}
