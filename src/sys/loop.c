#include "config.h"

#include "sys/loop.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <event2/event.h>

#include "base/err.h"
#include "base/mem.h"
#include "sys/clock.h"
#include "sys/daemon.h"
#include "sys/link.h"
#include "sys/log.h"
#include "sys/notify.h"
#include "sys/perform.h"
#include "sys/reload.h"
#include "sys/report.h"
#include "wire/decode.h"

/* Stanzas before the core's actions get their turn, so that neither waits long for the other. */
#define TURN_STANZAS 256
/* A roster's portion has as many items as take so much more time than a stanza mostly does; so long is what is skipped. */
#define PORTION_STANZAS 16
#define DRAIN_MS 5000
/*
 * Who wakes up so late was stopped, or got no processor: what came meanwhile is
 * read before the time goes on, for so long at most.  Otherwise answers that
 * wait in the socket would be taken for silence.
 */
#define LATE_MS 1000
#define CATCH_UP_MS 2000
/* What the server's side of the connection holds back comes within this. */
#define MORE_MS 20
/* Who stops us may say so to the process and to its group, or by two signals: within this they are one. */
#define SAME_SIGNAL_MS 200
/* The loop's timer stands still while the machine sleeps; our deadlines don't. */
#define NAP_MAX_MS 30000

struct loop {
	struct loop_setup setup;
	struct event_base *base;
	struct event *term, *intr, *hup, *usr1, *timer;
	struct link *link;
	struct decoder *decoder;
	struct perform perform;
	struct report report;

	bool up;    /* the core believes that there is a stream */
	bool ready; /* systemd has been told */
	bool reload, stop;
	unsigned signals;   /* to stop */
	uint64_t signal_at; /* mono: the first of them came */
	enum {
		RUNNING,
		DRAINING, /* the core finishes */
		CLOSING,  /* the stream is being closed */
		DONE,
		CUT_SHORT
	} phase;
	uint64_t drain_until, fed_at, feed_every;
	struct instant last;	 /* of the turn before */
	uint64_t wake_at;	 /* when the next one should be */
	uint64_t catch_up_until; /* 0: it is not late */
};

/* libevent hands no context to its callbacks. */
static struct {
	void (*hook)(const char *why);
	char text[200];
} fatal;

static void
on_stop(evutil_socket_t signo, short what, void *arg)
{
	struct loop *lp = arg;
	struct instant now;

	(void)signo;
	(void)what;
	clock_now(&now);
	if (lp->signals > 0 && now.mono_ms < lp->signal_at + SAME_SIGNAL_MS)
		return;
	if (lp->signals++ == 0)
		lp->signal_at = now.mono_ms;
	lp->stop = true;
}

static void
on_reload(evutil_socket_t signo, short what, void *arg)
{
	struct loop *lp = arg;

	(void)signo;
	(void)what;
	lp->reload = true;
}

static void
on_tell(evutil_socket_t signo, short what, void *arg)
{
	struct loop *lp = arg;

	(void)signo;
	(void)what;
	report_hurry(&lp->report);
}

/* Waking up is all that a deadline has to do: every turn looks at all of them. */
static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static void
feed(struct loop *lp, const struct instant *now, const struct event *ev)
{
	int status = core_feed(lp->setup.core, now, ev);

	if (status != 0)
		report_refused(&lp->report, status);
}

static void
feed_kind(struct loop *lp, const struct instant *now, enum event_kind kind)
{
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	feed(lp, now, &ev);
}

/* ITEM is LINK_STANZA, or one of those that are a part of a stanza. */
static void
take_stanza(struct loop *lp, const struct instant *now, enum link_item item)
{
	const struct xml *stanza = link_stanza(lp->link);
	struct event ev;
	bool more;
	int status;

	if (item == LINK_STANZA) {
		status = decode_head(lp->decoder, stanza, &ev, &more);
		if (more && core_awaits(lp->setup.core, now, &ev))
			status = decode(lp->decoder, stanza, &ev);
	} else if (item == LINK_PORTION || item == LINK_LAST) {
		status = decode_portion(lp->decoder, stanza, item == LINK_LAST, &ev);
	} else {
		status = decode_beginning(lp->decoder, stanza, &ev);
	}
	if (item == LINK_LARGE && status == DECODED_EVENT && core_admits(lp->setup.core, now, &ev))
		link_admit(lp->link);
	else if (status == DECODED_EVENT || status == DECODED_REFUSE)
		feed(lp, now, &ev);
	else if (status == DECODED_NOTHING)
		lp->report.ignored++;
	else
		report_refused(&lp->report, status);
	/* The core asks for a new stream when it has missed something; this it has not even seen. */
	if (status == ERR_NOMEM)
		link_reconnect(lp->link, "out of memory: what was missed is asked for anew", false);
}

static void
take_up(struct loop *lp, const struct instant *now)
{
	lp->up = true;
	report_up(&lp->report, lp->setup.conf);
	if (!lp->ready)
		notify_send("READY=1\nSTATUS=connected");
	else
		notify_send("STATUS=connected");
	lp->ready = true;
	feed_kind(lp, now, EVENT_LINK_UP);
}

static void
take_down(struct loop *lp, const struct instant *now)
{
	struct link_failure failure;

	link_failure(lp->link, &failure);
	report_down(&lp->report, lp->setup.conf, &failure, perform_largest(&lp->perform));
	if (lp->up)
		feed_kind(lp, now, EVENT_LINK_DOWN);
	lp->up = false;
	notify_send("STATUS=not connected");
	/* There is nobody left to finish with. */
	if (lp->phase == DRAINING || lp->phase == CLOSING)
		lp->phase = DONE;
}

static void
take_input(struct loop *lp, const struct instant *now)
{
	enum link_item item;
	unsigned n;

	for (n = 0; n < TURN_STANZAS; n++) {
		item = link_next(lp->link);
		switch (item) {
		case LINK_NOTHING:
			return;
		case LINK_UP:
			take_up(lp, now);
			break;
		case LINK_STANZA:
		case LINK_LARGE:
		case LINK_PORTION:
		case LINK_LAST:
		case LINK_SKIPPED:
			take_stanza(lp, now, item);
			n += item == LINK_PORTION || item == LINK_SKIPPED ? PORTION_STANZAS : 0;
			break;
		case LINK_DOWN:
			take_down(lp, now);
			break;
		}
	}
}

static void
reload(struct loop *lp, const struct instant *now)
{
	struct reload r = {
		.conf = lp->setup.conf,
		.path = lp->setup.conf_path,
		.debug = lp->setup.debug,
		.core = lp->setup.core,
		.link = lp->link,
		.identity = &lp->perform.identity,
	};

	lp->reload = false;
	reload_all(&r, now);
}

static void
begin_drain(struct loop *lp, const struct instant *now)
{
	lp->stop = false;
	if (lp->signals > 1) {
		lp->phase = CUT_SHORT;
		return;
	}
	notify_send("STOPPING=1\nSTATUS=stopping");
	lp->phase = DRAINING;
	lp->drain_until = now->mono_ms + DRAIN_MS;
	feed_kind(lp, now, EVENT_DRAIN);
}

static void
go_on_stopping(struct loop *lp, const struct instant *now)
{
	if (lp->phase != DRAINING || (lp->up && !lp->perform.drained && now->mono_ms < lp->drain_until))
		return;
	lp->phase = CLOSING;
	link_stop(lp->link);
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void
set_timer(struct loop *lp, const struct instant *now)
{
	uint64_t at = now->mono_ms + NAP_MAX_MS;
	struct timeval tv;

	at = least(at, core_deadline(lp->setup.core));
	at = least(at, store_deadline(lp->setup.store));
	at = least(at, report_deadline(&lp->report));
	if (lp->phase == DRAINING)
		at = least(at, lp->drain_until);
	if (lp->feed_every != 0)
		at = least(at, lp->fed_at + lp->feed_every);
	if (lp->catch_up_until != 0)
		at = now->mono_ms + MORE_MS;
	lp->wake_at = at;
	at = at > now->mono_ms ? at - now->mono_ms : 0;
	tv.tv_sec = (time_t)(at / 1000);
	tv.tv_usec = (suseconds_t)(at % 1000 * 1000);
	evtimer_add(lp->timer, &tv);
}

/*
 * The time of this turn, which goes on once all has been read. Who wakes up
 * late may hear of the time before it hears that there is something to read,
 * so it looks once more in any case.
 */
static void
look_at_clock(struct loop *lp, struct instant *now)
{
	bool input = link_has_input(lp->link);

	clock_now(now);
	if (lp->catch_up_until == 0 && now->mono_ms > lp->wake_at + LATE_MS) {
		lp->catch_up_until = now->mono_ms + CATCH_UP_MS;
		input = true;
	}
	if (lp->catch_up_until > now->mono_ms && input)
		*now = lp->last;
	else
		lp->catch_up_until = 0;
	lp->last = *now;
}

/* One turn; true: there is more to do at once. */
static bool
turn(struct loop *lp)
{
	struct instant now;
	bool full, more;

	look_at_clock(lp, &now);
	if (lp->stop)
		begin_drain(lp, &now);
	if (lp->reload && lp->phase == RUNNING)
		reload(lp, &now);
	take_input(lp, &now);
	if (now.mono_ms >= core_deadline(lp->setup.core))
		feed_kind(lp, &now, EVENT_TICK);
	full = perform_run(&lp->perform, &now);
	link_flush(lp->link);
	perform_flush(&lp->perform, &now);
	go_on_stopping(lp, &now);
	report_stats(&lp->report, &now, lp->setup.core, lp->link, &lp->perform);
	if (lp->feed_every != 0 && now.mono_ms >= lp->fed_at + lp->feed_every) {
		notify_send("WATCHDOG=1");
		lp->fed_at = now.mono_ms;
	}
	set_timer(lp, &now);
	more = link_has_input(lp->link) || (full && link_can_send(lp->link));
	if (more)
		lp->wake_at = now.mono_ms;
	return more;
}

static struct event *
listen_for(struct loop *lp, int signo, event_callback_fn fn)
{
	struct event *ev = evsignal_new(lp->base, signo, fn, lp);

	if (ev != NULL && event_add(ev, NULL) != 0) {
		event_free(ev);
		ev = NULL;
	}
	return ev;
}

/* What libevent has to say. */
static void
on_event_log(int severity, const char *text)
{
	if (severity != EVENT_LOG_DEBUG)
		log_event(severity == EVENT_LOG_ERR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, "loop.error", "text", text,
		    NULL);
	if (severity == EVENT_LOG_ERR)
		snprintf(fatal.text, sizeof(fatal.text), "%s", text);
}

/* libevent can't go on, and exits when this returns. */
static void
on_event_fatal(int code)
{
	(void)code;
	if (fatal.hook != NULL)
		fatal.hook(fatal.text);
}

/*
 * A lookup of a name stands still for as long as the resolver wants: by the time that libevent keeps for a turn
 * what is to come later would be due at once.
 */
static struct event_base *
new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config != NULL && event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME) == 0)
		base = event_base_new_with_config(config);
	if (config != NULL)
		event_config_free(config);
	return base;
}

static int
start(struct loop *lp)
{
	static const struct timeval later = {3600, 0};
	const struct encode_identity identity = {
		.domain = lp->setup.conf->domain,
		.name = PACKAGE_NAME,
		.version = PACKAGE_VERSION,
	};
	struct link_times times;
	struct link_conf link_conf;
	struct instant now;

	event_set_log_callback(on_event_log);
	event_set_fatal_callback(on_event_fatal);
	fatal.hook = lp->setup.fatal;
	lp->base = new_base();
	if (lp->base == NULL)
		return ERR_IO;
	lp->term = listen_for(lp, SIGTERM, on_stop);
	lp->intr = listen_for(lp, SIGINT, on_stop);
	lp->hup = listen_for(lp, SIGHUP, on_reload);
	lp->usr1 = listen_for(lp, SIGUSR1, on_tell);
	if (lp->term == NULL || lp->intr == NULL || lp->hup == NULL || lp->usr1 == NULL)
		return ERR_IO;
	daemon_hears();
	lp->timer = evtimer_new(lp->base, on_timer, lp);
	lp->decoder = decoder_new();
	link_times_default(&times);
	reload_link_conf(lp->setup.conf, &link_conf);
	lp->link = link_new(lp->base, &link_conf, &times);
	/* What was added once can be added again without memory. */
	if (lp->timer == NULL || evtimer_add(lp->timer, &later) != 0 || lp->decoder == NULL || lp->link == NULL ||
	    perform_init(&lp->perform, lp->setup.core, lp->setup.store, lp->link, &identity) != 0)
		return ERR_NOMEM;
	clock_now(&now);
	report_init(&lp->report, now.mono_ms);
	lp->feed_every = notify_watchdog_ms();
	lp->fed_at = now.mono_ms;
	lp->last = now;
	lp->wake_at = now.mono_ms + NAP_MAX_MS;
	return 0;
}

int
loop_new(struct loop **out, const struct loop_setup *setup)
{
	struct loop *lp = mem_alloc(sizeof(*lp));
	int status;

	*out = NULL;
	if (lp == NULL)
		return ERR_NOMEM;
	lp->setup = *setup;
	status = start(lp);
	if (status != 0) {
		loop_free(lp);
		return status;
	}
	*out = lp;
	return 0;
}

void
loop_free(struct loop *lp)
{
	size_t i;

	if (lp == NULL)
		return;

	struct event *const events[] = {lp->term, lp->intr, lp->hup, lp->usr1, lp->timer};

	perform_clear(&lp->perform);
	link_free(lp->link);
	decoder_free(lp->decoder);
	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i] != NULL)
			event_free(events[i]);
	if (lp->base != NULL)
		event_base_free(lp->base);
	mem_free(lp);
}

int
loop_run(struct loop *lp)
{
	link_start(lp->link);
	while (lp->phase < DONE) {
		bool more = turn(lp);

		if (lp->phase < DONE && event_base_loop(lp->base, EVLOOP_ONCE | (more ? EVLOOP_NONBLOCK : 0)) < 0)
			return ERR_IO;
	}
	return lp->phase == CUT_SHORT ? ERR_DENIED : 0;
}
