#include "tests/soak/child.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "sys/store.h"

#define CREATED_MS INT64_C(1795000000000)

static int
put_user(struct store *s, const char *primary)
{
	struct action act = {.kind = ACTION_STORE_USER};

	act.user.primary = primary;
	act.user.created_ms = CREATED_MS;
	act.user.approved = true;
	act.user.generation = 2;
	return store_apply(s, &act);
}

static int
put_device(struct store *s, const char *primary, size_t u, size_t d)
{
	static const enum device_kind kinds[WORLD_DEVICES] = {KIND_COMPUTER, KIND_FIXED, KIND_TABLET};
	struct action act = {.kind = ACTION_STORE_DEVICE};
	struct buf jid = {0};
	char id[8];
	int status;

	world_put_account(&jid, u, d);
	snprintf(id, sizeof(id), "%c%05zu", "abc"[d], u % 100000);
	act.device.primary = primary;
	act.device.id = id;
	act.device.jid = buf_text(&jid);
	act.device.label = world_label(d);
	act.device.kind = kinds[d];
	act.device.kind_given = true;
	act.device.visibility = world_visibility(u, d);
	act.device.show_status = world_shows_status(u, d);
	act.device.state = LINK_ACTIVE;
	act.device.approved = act.device.confirmed = act.device.wide = act.device.withdrawn = true;
	act.device.generation = 1;
	act.device.created_ms = CREATED_MS;
	status = store_apply(s, &act);
	buf_clear(&jid);
	return status;
}

static int
fill_registry(const char *path, const struct world *w)
{
	struct store *s = NULL;
	struct buf primary = {0};
	char why[512] = "";
	size_t u, d;
	int status = store_open(&s, path, why, sizeof(why));

	if (status == 0)
		status = store_begin(s);
	for (u = 0; u < w->n && status == 0; u++) {
		buf_reset(&primary);
		world_put_primary(&primary, u);
		status = put_user(s, buf_text(&primary));
		for (d = 0; d < WORLD_DEVICES && status == 0; d++)
			if (d != WORLD_OWN)
				status = put_device(s, buf_text(&primary), u, d);
	}
	if (status == 0)
		status = store_commit(s);
	if (status != 0)
		fprintf(stderr, "soak: the registry: %s: %s\n", err_text(status), s != NULL ? store_error(s) : why);
	buf_clear(&primary);
	store_close(s);
	return status == 0 ? 0 : -1;
}

static int
write_file(const struct child *c, const char *name, const char *text)
{
	char path[300];
	size_t len = strlen(text);
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", c->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	n = write(fd, text, len);
	return close(fd) == 0 && n == (ssize_t)len ? 0 : -1;
}

int
child_init(struct child *c, const char *program, const struct world *w, unsigned port, const char *extra)
{
	const char *tmp = getenv("TMPDIR");
	struct buf text = {0};
	char path[300];
	int status;

	memset(c, 0, sizeof(*c));
	c->program = program;
	snprintf(c->dir, sizeof(c->dir), "%s/polypresence-soak.XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(c->dir) == NULL) {
		c->dir[0] = '\0';
		return -1;
	}
	snprintf(path, sizeof(path), "%s/registry.db", c->dir);
	buf_printf(&text,
	    "component {\n\tjid = \"" WORLD_DOMAIN "\"\n\tsecret-file = \"%s/secret\"\n\tserver = \"127.0.0.1\"\n"
	    "\tport = %u\n}\nhosts = {\"home.test\", \"jab.test\"}\nregistry { path = \"%s\" }\n"
	    "log { level = \"info\"  destination = \"stderr\" }\n%s\n",
	    c->dir, port, path, extra);
	status = write_file(c, "secret", "secret\n");
	if (status == 0)
		status = write_file(c, "polypresence.conf", buf_text(&text));
	if (status == 0)
		status = fill_registry(path, w);
	buf_clear(&text);
	return status;
}

void
child_clear(struct child *c, bool keep)
{
	static const char *const names[] = { "registry.db", "registry.db-wal", "registry.db-shm", "registry.db-lock",
		"secret", "polypresence.conf", "log" };
	char path[300];
	size_t i;

	if (c->dir[0] == '\0')
		return;
	if (keep) {
		printf("kept: %s\n", c->dir);
		return;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", c->dir, names[i]);
		unlink(path);
	}
	rmdir(c->dir);
}

static void
become(const struct child *c)
{
	char path[300], conf[300], program[] = "polypresence", f[] = "-f", o[] = "-c";
	char *const argv[] = {program, f, o, conf, NULL};
	int log;

	/* Whatever becomes of us, it doesn't stay. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(conf, sizeof(conf), "%s/polypresence.conf", c->dir);
	snprintf(path, sizeof(path), "%s/log", c->dir);
	log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (log < 0 || dup2(log, STDERR_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0)
		_exit(127);
	/* A Ctrl-C is ours to handle. */
	setpgid(0, 0);
	execv(c->program, argv);
	_exit(127);
}

int
child_start(struct child *c)
{
	fflush(stdout);
	c->pid = fork();
	if (c->pid == 0)
		become(c);
	if (c->pid > 0)
		return 0;
	c->pid = 0;
	return -1;
}

bool
child_ended(struct child *c, int *status)
{
	int how;

	if (c->pid == 0 || waitpid(c->pid, &how, WNOHANG) != c->pid)
		return false;
	c->pid = 0;
	*status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
	return true;
}

void
child_kill(struct child *c)
{
	int how;

	if (c->pid == 0)
		return;
	kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &how, 0) < 0 && errno == EINTR)
		;
	c->pid = 0;
}

static long
status_line(const struct child *c, const char *key)
{
	char path[64], line[256];
	long n = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)c->pid);
	f = fopen(path, "re");
	if (f == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			n = strtol(line + strlen(key), NULL, 10);
	fclose(f);
	return n;
}

long
child_rss(const struct child *c)
{
	return status_line(c, "VmRSS:");
}

long
child_peak(const struct child *c)
{
	return status_line(c, "VmHWM:");
}

int
child_descriptors(const struct child *c)
{
	char path[64];
	int n = -2; /* . and .. */
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)c->pid);
	d = opendir(path);
	if (d == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
take_line(struct child *c, const char *line)
{
	if (strstr(line, " event=stats ") != NULL || strstr(line, "event=stats") == line) {
		snprintf(c->stats, sizeof(c->stats), "%.*s", (int)sizeof(c->stats) - 1, line);
		c->stats_lines++;
	} else if (strstr(line, "level=error") != NULL || strstr(line, "event=") == NULL) {
		c->errors++;
		snprintf(c->last_error, sizeof(c->last_error), "%.*s", (int)strcspn(line, "\n"), line);
	}
}

void
child_read_log(struct child *c)
{
	char path[300], line[2048];
	FILE *f;

	snprintf(path, sizeof(path), "%s/log", c->dir);
	f = fopen(path, "re");
	if (f == NULL)
		return;
	if (fseek(f, c->log_at, SEEK_SET) == 0) {
		while (fgets(line, sizeof(line), f) != NULL && line[strlen(line) - 1] == '\n') {
			take_line(c, line);
			c->log_at = ftell(f);
		}
	}
	fclose(f);
}

long
child_stat(const struct child *c, const char *key)
{
	char text[64];
	const char *p;

	snprintf(text, sizeof(text), " %s=", key);
	p = strstr(c->stats, text);
	return p != NULL ? strtol(p + strlen(text), NULL, 10) : -1;
}
