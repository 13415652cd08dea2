#include "sys/report.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "sys/daemon.h"
#include "sys/log.h"

#define NUMBER_LEN 24

void
report_init(struct report *r, uint64_t now)
{
	memset(r, 0, sizeof(*r));
	r->next_stats = now + REPORT_STATS_MS;
}

static const char *
number(char out[NUMBER_LEN], uint64_t n)
{
	snprintf(out, NUMBER_LEN, "%llu", (unsigned long long)n);
	return out;
}

void
report_up(struct report *r, const struct conf *conf)
{
	char port[NUMBER_LEN];

	r->last = REASON_NONE;
	log_event(LOG_LEVEL_INFO, "ready", "domain", conf->domain, "server", conf->server, "port",
	    number(port, conf->port), "tls", conf->tls == TLS_DIRECT ? "direct" : "none", NULL);
}

/* Less than that every server takes. */
#define LARGE_BYTES 65536

/* What an administrator can do. */
static void
hint(char *out, size_t len, const struct conf *conf, enum link_reason reason, size_t largest)
{
	switch (reason) {
	case REASON_NOT_AUTHORIZED:
		snprintf(out, len,
		    "the secret in %s is not the one that the server has for %s, or it has no such component; the file is read "
		    "again at each attempt, and a reload makes one at once",
		    conf->secret_file, conf->domain);
		break;
	case REASON_HOST_UNKNOWN:
		snprintf(out, len,
		    "the server has no component %s: add it there, or change the option jid of component",
		    conf->domain);
		break;
	case REASON_CONFLICT:
		snprintf(out, len,
		    "%s is connected already: another polypresence, or the server has not noticed yet "
		    "that an old connection is gone",
		    conf->domain);
		break;
	case REASON_REFUSED:
		snprintf(out, len, "is the server running, with its component port on %s port %u?", conf->server,
		    conf->port);
		break;
	case REASON_TLS:
		snprintf(out, len, "see the options tls, tls-name and ca-file of component");
		break;
	case REASON_PROTOCOL:
		snprintf(out, len, "is %s port %u the server's port for components (XEP-0114), and is tls right?",
		    conf->server, conf->port);
		break;
	case REASON_STREAM_ERROR:
	case REASON_CLOSED:
		if (largest >= LARGE_BYTES) {
			snprintf(out, len,
			    "a stanza of %zu bytes was sent on this stream: if that was too much for the server, it has "
			    "to take %u of a component (Prosody: component_stanza_size_limit, which s2s_stanza_size_limit "
			    "lowers too; ejabberd: max_stanza_size of its listener)",
			    largest, (unsigned)STANZA_OUT_MAX);
			break;
		}
		out[0] = '\0';
		break;
	default:
		out[0] = '\0';
		break;
	}
}

void
report_down(struct report *r, const struct conf *conf, const struct link_failure *f, size_t largest)
{
	char attempts[NUMBER_LEN], retry[NUMBER_LEN], advice[LOG_LINE_MAX];
	bool again = f->reason == r->last && !f->was_up;
	enum log_level level = again						   ? LOG_LEVEL_DEBUG :
	    f->reason == REASON_STOPPED || f->wanted				   ? LOG_LEVEL_INFO :
	    f->reason == REASON_NOT_AUTHORIZED || f->reason == REASON_HOST_UNKNOWN ? LOG_LEVEL_ERROR :
										     LOG_LEVEL_WARN;

	r->last = f->reason;
	if (f->reason == REASON_STOPPED) {
		log_event(level, "link.down", "reason", backoff_name(f->reason), NULL);
		return;
	}
	hint(advice, sizeof(advice), conf, f->reason, f->was_up ? largest : 0);
	log_event(level, "link.down", "reason", backoff_name(f->reason), "text", f->text[0] != '\0' ? f->text : NULL,
	    "attempts", number(attempts, f->attempts), "retry-ms", number(retry, f->retry_ms), "hint",
	    advice[0] != '\0' && !again ? advice : NULL, NULL);
}

void
report_insecure(const struct conf *conf)
{
	if (conf->insecure)
		log_event(LOG_LEVEL_WARN, "insecure", "server", conf->server, "text",
		    "the link to the server leaves this machine without TLS (insecure-remote = true)", NULL);
}

void
report_refused(struct report *r, int status)
{
	if (r->refused++ == 0)
		log_event(status == ERR_LIMIT ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, "refused", "reason", err_text(status),
		    NULL);
}

uint64_t
report_deadline(const struct report *r)
{
	return r->next_stats;
}

void
report_hurry(struct report *r)
{
	r->next_stats = 0;
}

void
report_stats(struct report *r, const struct instant *now, const struct core *core, const struct link *link,
    const struct perform *perform)
{
	const struct stream_counts *sc = link_counts(link);
	struct core_stats cs;

	if (now->mono_ms < r->next_stats)
		return;
	r->next_stats = now->mono_ms + REPORT_STATS_MS;
	if (!log_wants(LOG_LEVEL_INFO))
		return;
	core_stats(core, &cs);

	const struct {
		const char *key;
		uint64_t value;
	} values[] = {
		{"users", cs.users},
		{"devices", cs.devices},
		{"resources", cs.resources},
		{"queries", cs.queries},
		{"blocked", cs.blocked},
		{"unsettled", cs.unsettled},
		{"in-flight", cs.in_flight},
		{"waiting", cs.waiting},
		{"errands", cs.errands},
		{"shared", cs.shared},
		{"stale", cs.stale},
		{"audit", cs.audit_s},
		{"presences", cs.presences},
		{"strangers", cs.strangers},
		{"published", cs.published},
		{"suppressed", cs.suppressed},
		{"events", cs.events_sent},
		{"errors", cs.errors},
		{"commands", cs.commands},
		{"denied", cs.denied},
		{"unanswered", cs.unanswered},
		{"bytes-in", sc->bytes},
		{"stanzas-in", sc->stanzas},
		{"ignored", r->ignored},
		{"skipped", sc->skipped},
		{"stray", sc->stray},
		{"stanzas-out", perform->sent},
		{"dropped", perform->dropped + perform->failed},
		{"refused", r->refused},
		{"queued-bytes", link_queued(link)},
		{"rss-kib", daemon_rss_kib()},
	};
	enum {
		N = sizeof(values) / sizeof(values[0])
	};
	struct log_field fields[N + 1];
	char text[N][NUMBER_LEN];
	size_t i;

	fields[0].key = "link";
	fields[0].value = link_is_up(link) ? "up" : backoff_name(r->last);
	for (i = 0; i < N; i++) {
		fields[i + 1].key = values[i].key;
		fields[i + 1].value = number(text[i], values[i].value);
	}
	log_fields(LOG_LEVEL_INFO, "stats", fields, N + 1);
	r->refused = 0;
}
