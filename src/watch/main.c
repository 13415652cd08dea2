/*
 * polypresence-watch: shows the devices of one's contacts.  Its manual is
 * man/polypresence-watch.1.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "watch/address.h"
#include "watch/board.h"
#include "watch/interrupt.h"
#include "watch/password.h"
#include "watch/session.h"
#include "watch/stamp.h"
#include "watch/talk.h"
#include "watch/text.h"
#include "watch/view.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unreleased"
#endif

#define NAME "polypresence-watch"
#define TIMEOUT_DEFAULT 15
#define TIMEOUT_MAX 600
/* How long to wait for the network, when keys have to be looked for, and when not. */
#define WAIT_KEYS_MS 50
#define WAIT_MS 1000
/*
 * libstrophe goes down into a stanza recursively, as deep as it is nested, some
 * 100 bytes of stack a level.  The usual 8 MiB are used up by a stanza of
 * 600 KiB, which some servers let through; these are not by one of 4 MiB.
 */
#define STACK_BYTES (64UL * 1024 * 1024)

enum exit_status {
	EXIT_OK = 0,
	EXIT_RUNTIME = 1,
	EXIT_USAGE = 2,
	EXIT_AUTH = 3
};

struct options {
	bool once, json, insecure;
	const char *password_file;
	int password_fd; /* -1: none */
	const char *host;
	unsigned short port;
	long timeout_s;
	char *account;	      /* local@domain */
	const char *domain;   /* within it */
	const char *resource; /* NULL: none */
};

/* Everything that has to be given back at the end. */
struct watch {
	struct options options;
	struct addresses addresses;
	struct board board;
	struct view view;
	struct talk talk;
	struct session_config config;
	struct session *session;
	char password[PASSWORD_MAX];
	char lang[4];
	char *account; /* clean */
	enum session_phase phase;
	bool opened; /* the view */
	bool told;   /* that the connection is gone */
	int status;  /* of the view */
};

static void
usage(FILE *to)
{
	fputs("usage: " NAME " [-hV] [--once] [--json] [--insecure]\n"
	      "           [--password-file FILE | --password-fd N]\n"
	      "           [--host HOST] [--port PORT] [--timeout SECONDS] JID\n",
	    to);
}

static void __attribute__((noreturn, format(printf, 1, 2))) refuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs(NAME ": ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(EXIT_USAGE);
}

static void __attribute__((noreturn)) no_memory(void)
{
	fprintf(stderr, NAME ": %s\n", err_text(ERR_NOMEM));
	exit(EXIT_RUNTIME);
}

static long
number(const char *option, const char *text, long least, long most)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || value < least || value > most)
		refuse("--%s takes a number from %ld to %ld", option, least, most);
	return value;
}

/* Only what can't break the stream header, and is an address of a person. */
static void
take_account(struct options *o, const char *jid)
{
	const char *at = strchr(jid, '@'), *p;
	size_t bare = strcspn(jid, "/");

	for (p = jid; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7F || (strchr("\"&'<>:", *p) != NULL && p < jid + bare))
			refuse("%s", "this is not an address: it holds a character that none may");
	if (at == NULL || at == jid || (size_t)(at - jid) + 1 >= bare || bare > BOARD_ADDRESS_MAX ||
	    memchr(at + 1, '@', bare - (size_t)(at + 1 - jid)) != NULL)
		refuse("%s", "the address has to be of the form name@server");
	o->account = mem_strndup(jid, bare);
	if (o->account == NULL)
		no_memory();
	o->domain = strchr(o->account, '@') + 1;
	o->resource = jid[bare] == '/' && jid[bare + 1] != '\0' ? jid + bare + 1 : NULL;
	if (o->resource != NULL && strlen(o->resource) > 256)
		refuse("%s", "the resource is too long");
}

static void
take_options(struct options *o, int argc, char **argv)
{
	enum {
		ONCE = 256,
		JSON,
		INSECURE,
		PASSWORD_FILE,
		PASSWORD_FD,
		HOST,
		PORT,
		TIMEOUT
	};
	static const struct option longs[] = {
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{"once", no_argument, NULL, ONCE},
		{"json", no_argument, NULL, JSON},
		{"insecure", no_argument, NULL, INSECURE},
		{"password-file", required_argument, NULL, PASSWORD_FILE},
		{"password-fd", required_argument, NULL, PASSWORD_FD},
		{"host", required_argument, NULL, HOST},
		{"port", required_argument, NULL, PORT},
		{"timeout", required_argument, NULL, TIMEOUT},
		{NULL, 0, NULL, 0},
	};
	int c;

	o->password_fd = -1;
	o->timeout_s = TIMEOUT_DEFAULT;
	while ((c = getopt_long(argc, argv, "hV", longs, NULL)) != -1) {
		switch (c) {
		case 'h':
			usage(stdout);
			exit(EXIT_OK);
		case 'V':
			puts(NAME " " PACKAGE_VERSION);
			exit(EXIT_OK);
		case ONCE:
			o->once = true;
			break;
		case JSON:
			o->json = true;
			break;
		case INSECURE:
			o->insecure = true;
			break;
		case PASSWORD_FILE:
			o->password_file = optarg;
			break;
		case PASSWORD_FD:
			o->password_fd = (int)number("password-fd", optarg, 0, 1 << 20);
			break;
		case HOST:
			o->host = optarg;
			break;
		case PORT:
			o->port = (unsigned short)number("port", optarg, 1, 65535);
			break;
		case TIMEOUT:
			o->timeout_s = number("timeout", optarg, 1, TIMEOUT_MAX);
			break;
		default:
			usage(stderr);
			exit(EXIT_USAGE);
		}
	}
	if (argc - optind != 1) {
		usage(stderr);
		exit(EXIT_USAGE);
	}
	if (o->password_file != NULL && o->password_fd >= 0)
		refuse("%s", "--password-file and --password-fd exclude each other");
	take_account(o, argv[optind]);
}

/*
 * Where to connect to.  Left to the domain's SRV records unless a host or a port
 * was named; without security it is looked up here, and has to be this machine.
 */
static int
take_addresses(struct watch *w)
{
	const struct options *o = &w->options;
	const char *host = o->host != NULL ? o->host : o->domain, *problem;

	if (o->host == NULL && o->port == 0 && !o->insecure)
		return EXIT_OK;
	problem = address_resolve(&w->addresses, host);
	if (problem != NULL) {
		fprintf(stderr, NAME ": %s: %s\n", host, problem);
		return EXIT_RUNTIME;
	}
	if (o->insecure && !w->addresses.loopback)
		refuse("--insecure is for servers on this machine only, and %s is not one", host);
	w->config.addresses = &w->addresses;
	w->config.port = o->port;
	return EXIT_OK;
}

static int
take_password(struct watch *w)
{
	const struct options *o = &w->options;
	const char *problem, *from;
	int open_to_others = 0;
	char prompt[512];

	if (o->password_file != NULL) {
		from = o->password_file;
		problem = password_file(w->password, from, &open_to_others);
	} else if (o->password_fd >= 0) {
		from = "--password-fd";
		problem = password_fd(w->password, o->password_fd);
	} else {
		from = "password";
		snprintf(prompt, sizeof(prompt), "Password for %.400s: ", w->account);
		problem = password_prompt(w->password, prompt);
	}
	if (open_to_others)
		fprintf(stderr, NAME ": warning: others can read %s\n", from);
	if (problem == NULL)
		return EXIT_OK;
	fprintf(stderr, NAME ": %s: %s\n", from, problem);
	return EXIT_RUNTIME;
}

/* The letters of the user's language, as in "de_CH.UTF-8". */
static void
take_language(struct watch *w)
{
	const char *locale = setlocale(LC_MESSAGES, "");
	size_t n = 0;

	while (locale != NULL && n < sizeof(w->lang) && isalpha((unsigned char)locale[n]))
		n++;
	if (n == 2 || n == 3)
		memcpy(w->lang, locale, n);
}

static void
take_terminal(struct watch *w)
{
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
	struct view *v = &w->view;

	(void)setlocale(LC_CTYPE, "");
	(void)setlocale(LC_TIME, "");
	v->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	if (!v->utf8)
		(void)setlocale(LC_CTYPE, "C.UTF-8"); /* for wcwidth(3) */
	v->terminal = isatty(STDOUT_FILENO) == 1;
	v->live = !w->options.once;
	v->account = w->account;
	if (w->options.json)
		v->mode = VIEW_JSON;
	else if (v->terminal && term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0)
		v->mode = VIEW_TABLE;
	else
		v->mode = VIEW_LINES;
	v->colour = v->mode == VIEW_TABLE && (no_colour == NULL || no_colour[0] == '\0');
	v->expiry = STAMP_NONE;
}

static void
limit_process(void)
{
	struct rlimit limit;

	/* The password is not to be found in a core dump. */
	limit.rlim_cur = limit.rlim_max = 0;
	(void)setrlimit(RLIMIT_CORE, &limit);
	if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= STACK_BYTES)
		return;
	limit.rlim_cur = limit.rlim_max < STACK_BYTES ? limit.rlim_max : STACK_BYTES;
	(void)setrlimit(RLIMIT_STACK, &limit);
}

static void
on_gone(struct board_contact *c, void *arg)
{
	struct watch *w = arg;
	int status = view_gone(&w->view, c, (int64_t)time(NULL));

	if (status != 0)
		w->status = status;
}

/* Say how the connection is: above the table, or on standard error. */
static void
tell_connection(struct watch *w)
{
	const char *reason = session_reason(w->session);
	bool up = w->phase == SESSION_UP;
	char notice[320] = "";

	if (w->view.mode != VIEW_TABLE) {
		if (up && w->told)
			fputs(NAME ": connected again\n", stderr);
		else if (w->phase == SESSION_WAITING && reason[0] != '\0' && !w->told)
			fprintf(stderr, NAME ": not connected: %s; trying again\n", reason);
		w->told = !up && (w->told || reason[0] != '\0');
		return;
	}
	if (w->phase == SESSION_WAITING && reason[0] != '\0')
		snprintf(notice, sizeof(notice), "not connected: %.200s; trying again (what is shown may be old)",
		    reason);
	else if (!up)
		snprintf(notice, sizeof(notice), "connecting");
	else if (w->talk.messages > 0)
		snprintf(notice, sizeof(notice),
		    "%lu message%s came here and can't be shown: "
		    "see your chat client",
		    w->talk.messages, w->talk.messages == 1 ? "" : "s");
	view_notice(&w->view, notice);
}

/* Take the terminal over once there is something to show; do what was typed, and what signals say. */
static bool
tend_terminal(struct watch *w)
{
	if (!w->opened) {
		if (w->phase != SESSION_UP)
			return true;
		view_open(&w->view);
		w->opened = true;
	}
	if (interrupt_paused()) {
		view_close(&w->view);
		kill(getpid(), SIGSTOP);
		view_open(&w->view);
	}
	if (interrupt_resized())
		view_redraw(&w->view);
	tell_connection(w);
	return view_keys(&w->view);
}

/* The program's exit status. */
static int
run(struct watch *w)
{
	bool live = !w->options.once, keys = w->view.mode == VIEW_TABLE && live;

	while (!interrupt_ended()) {
		session_step(w->session, keys ? WAIT_KEYS_MS : WAIT_MS);
		w->phase = session_phase(w->session);
		if (w->phase == SESSION_REFUSED)
			return EXIT_AUTH;
		if (w->phase == SESSION_FAILED)
			return EXIT_RUNTIME;
		if (!live && !talk_settled(&w->talk))
			continue;
		if (live && !tend_terminal(w))
			return EXIT_OK;
		if (w->status == 0 && (!live || w->opened))
			w->status = view_update(&w->view, &w->board, (int64_t)time(NULL), !live);
		if (w->status != 0)
			return EXIT_RUNTIME;
		if (!live)
			return EXIT_OK;
	}
	return live ? EXIT_OK : EXIT_RUNTIME;
}

static void
say_why(const struct watch *w)
{
	if (w->phase == SESSION_REFUSED || w->phase == SESSION_FAILED)
		fprintf(stderr, NAME ": %s: %s\n", w->account, session_reason(w->session));
	else if (w->status != 0)
		fprintf(stderr, NAME ": standard output: %s\n", err_text(w->status));
	else
		fputs(NAME ": interrupted\n", stderr);
}

int
main(int argc, char **argv)
{
	static struct watch w;
	int status;

	limit_process();
	take_language(&w);
	take_options(&w.options, argc, argv);
	take_terminal(&w);
	w.account = text_dup_clean(w.options.account, BOARD_ADDRESS_MAX);
	w.view.account = w.account;
	if (w.account == NULL)
		no_memory();
	status = take_addresses(&w);
	if (status == EXIT_OK)
		status = take_password(&w);
	if (status == EXIT_OK) {
		interrupt_init(w.view.mode == VIEW_TABLE && w.view.live);
		w.talk.board = &w.board;
		w.talk.version = PACKAGE_VERSION;
		w.talk.lang = w.lang[0] != '\0' ? w.lang : NULL;
		w.talk.timeout_ms = w.options.timeout_s * 1000;
		w.talk.live = !w.options.once;
		w.talk.gone = on_gone;
		w.talk.arg = &w;
		w.config.account = w.options.account;
		w.config.resource = w.options.resource;
		w.config.insecure = w.options.insecure;
		w.config.password = w.password;
		w.config.timeout_ms = w.options.timeout_s * 1000;
		w.config.again = !w.options.once;
		w.session = session_new(&w.config, &w.talk);
		if (w.session == NULL)
			no_memory();
		status = run(&w);
		view_close(&w.view);
		if (status != EXIT_OK)
			say_why(&w);
		session_leave(w.session);
		session_free(w.session);
	}
	mem_wipe(w.password, sizeof(w.password));
	buf_clear(&w.talk.out);
	board_clear(&w.board);
	mem_free(w.options.account);
	mem_free(w.account);
	return status;
}
