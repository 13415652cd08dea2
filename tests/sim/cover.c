/* Which of the core's decisions were reached, and how often: counted where the world around it can see them. */
#include "cover.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 48
#define COLUMNS_MAX 8

struct group {
	const char *title;
	const char *const *rows, *const *columns;
	/* Cells that can't be reached, "row/column" with * for all; and why. */
	const char *const *never;
};

static const char *const outcomes[] = {"result", "error", "echo", "no answer", "in portions", "too large", NULL};
static const char *const iqs[] = { "roster-get", "blocklist-get", "publish", "create", "config-get", "config-set",
	"retract", "affiliate", "unsubscribe", "ping", "info-get", NULL };
static const char *const iqs_never[] = { "roster-get/echo", "ping/echo", "info-get/echo",
	/* only a roster may be that large */
	"blocklist-get/in portions", "publish/in portions", "create/in portions", "config-get/in portions",
	"config-set/in portions", "retract/in portions", "affiliate/in portions", "unsubscribe/in portions",
	"ping/in portions", "info-get/in portions",
	/* by then the form that is executed is known */
	"retract/echo", NULL };
static const char *const ways[] = {"ordinary", "privileged", "in capitals", NULL};
static const char *const steps[] = { "publish public", "publish private", "create public", "create private",
	"config-get public", "config-get private", "config-set public", "config-set private", "retract public",
	"retract private", "affiliate public", "affiliate private", "unsubscribe public", NULL };
/* Set-up, repair and the like take a privilege. */
static const char *const steps_never[] = { "create public/ordinary", "create private/ordinary",
	"config-get public/ordinary", "config-get private/ordinary", "config-set public/ordinary",
	"config-set private/ordinary", "retract public/ordinary", "retract private/ordinary",
	"affiliate public/ordinary", "affiliate private/ordinary", "unsubscribe public/ordinary", NULL };
static const char *const once[] = {"times", NULL};
static const char *const stanzas[] = { "subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe", "message",
	"event to a contact", "event to a contact's resource", "event to her clients", "event to her client",
	"private event to her clients", "private event to her client", "answer disco#info", "answer disco#items",
	"answer version", "answer ping", "answer time", "answer last", "stanza error", "reconnect", "drained",
	"headline", NULL };
static const char *const nodes[] = {"public", "private", NULL};
static const char *const setups[] = {"none", "server", "ours", "silent", "assumed", NULL};
static const char *const states[] = { "requested", "accepted", "confirmed", "active", "refused", "revoked", "gone",
	NULL };
static const char *const froms[] = { "new", "requested", "accepted", "confirmed", "active", "refused", "revoked",
	NULL };
static const char *const states_never[] = {
	/* a link begins as requested; one that ended never changes; one that is live isn't deleted but with its user */
	"new/accepted", "new/confirmed", "new/active", "new/refused", "new/revoked", "new/gone", "refused/requested",
	"refused/accepted", "refused/confirmed", "refused/active", "refused/revoked", "revoked/requested",
	"revoked/accepted", "revoked/confirmed", "revoked/active", "revoked/refused",
	/* a row that says the same is none */
	"requested/requested", "accepted/accepted", "confirmed/confirmed", "active/active", "refused/refused",
	"revoked/revoked",
	/* what has been agreed once stays so until the end */
	"accepted/requested", "accepted/confirmed", "confirmed/requested", "confirmed/accepted", "active/requested",
	"active/accepted", "active/confirmed", "active/refused",
	/* who has said yes and ends it has revoked it, not refused */
	"confirmed/refused", NULL
};
static const char *const faults[] = { "delay", "loss", "twice", "cut", "restart", "crash", "store fails",
	"grants change", "stranger", "link full", "other servers away", "node widened", "clock jumps", "reload",
	"no memory", "second connection", "large answers", "death", "frozen", "accounts anew", "storage damaged",
	"blocked", NULL };
static const char *const personalities[] = {"prosody", "ejabberd-23.01", "ejabberd-24.12", "ejabberd-26.07", NULL};
static const char *const runs[] = {"seeds", "no memory", "reload", "restart", NULL};
static const char *const logs[] = { "advice", "blocklist.unread", "device.asked", "device.ended", "device.lapsed",
	"device.linked", "device.renamed", "device.resumed", "device.silent", "device.suspended", "device.unanswered",
	"grant", "grant.ignored", "grant.missing", "host.removed", "link.alone", "link.foreign", "link.mute",
	"link.shared", "node.access", "node.repair", "ordinary.dropped", "privilege.lost", "privilege.refused",
	"privilege.works", "publish.retry", "published", "registry.unsaved", "roster.refused", "roster.suspicious",
	"roster.too_large", "roster.trusted", "server", "server.old", "user.approved", "user.blocked", "user.enrolled",
	"user.lapsed", "user.left", "user.refused", "user.residue", "user.resumed", "user.suspended", "user.unblocked",
	NULL };
static const char *const reasons[] = {"no privilege", "no grant", "access", "refused", "too big", "unread", NULL};
static const char *const commands[] = {"enrol", "devices", "link", "edit", "unlink", "leave", "confirm", NULL};
static const char *const replies[] = {"form", "done", "warning", "no", "cancelled", NULL};
static const char *const commands_never[] = {
	/* these show no form */
	"enrol/form", "devices/form", "enrol/cancelled", "devices/cancelled",
	/* only the list of devices says what else is wrong */
	"enrol/warning", "link/warning", "edit/warning", "unlink/warning", "leave/warning", "confirm/warning", NULL
};
static const char *const pep_refusals[] = { "item-not-found", "forbidden", "conflict", "precondition-not-met",
	"payload-too-big", "internal-server-error", NULL };
/* The owner is never forbidden; an affiliate creates nothing. */
static const char *const pep_never[] = {"forbidden/privileged", "forbidden/in capitals", "conflict/ordinary", NULL};
static const char *const events[] = { "tick", "link-up", "link-down", "presence", "grant", "answer", "push", "message",
	"headline", "command", "request", "stored", "store-failed", "load-user", "load-device", "loaded", "drain",
	NULL };
static const char *const statuses[] = {"taken", "no memory", NULL};
static const char *const events_never[] = {
	/* these allocate nothing, or the program ends if they can't */
	"link-up/no memory", "link-down/no memory", "load-user/no memory", "load-device/no memory", "loaded/no memory",
	"drain/no memory", NULL
};
static const char *const strangers[] = { "grant", "answer that is none", "answer that is wrong", "presence", "push",
	"command", "message", "request", "a device to another's bridge", "another domain", NULL };

static const struct group groups[] = {
	[COVER_IQ] = {"IQs and their outcomes", iqs, outcomes, iqs_never},
	[COVER_WAY] = {"nodes and the ways to them", steps, ways, steps_never},
	[COVER_STANZA] = {"other stanzas", stanzas, once, NULL},
	[COVER_SETUP] = {"set-ups noted", setups, nodes, NULL},
	[COVER_LINK] = {"links, from and to (durable)", froms, states, states_never},
	[COVER_FAULT] = {"faults", faults, once, NULL},
	[COVER_RUN] = {"servers", personalities, runs, NULL},
	[COVER_LOG] = {"log lines", logs, once, NULL},
	[COVER_BLOCKED] = {"reasons why a user is blocked", reasons, once, NULL},
	[COVER_COMMAND] = {"commands and their replies", commands, replies, commands_never},
	[COVER_REFUSAL] = {"refusals of the PEP service", pep_refusals, ways, pep_never},
	[COVER_EVENT] = {"events", events, statuses, events_never},
	[COVER_STRANGER] = {"strangers", strangers, once, NULL},
};

static uint64_t counts[COVER_GROUPS][ROWS_MAX][COLUMNS_MAX];

void
cover(enum cover_group group, int row, int column)
{
	if (row < 0 || column < 0 || row >= ROWS_MAX || column >= COLUMNS_MAX)
		abort();
	counts[group][row][column]++;
}

void
cover_name(enum cover_group group, const char *row, int column)
{
	int i;

	for (i = 0; groups[group].rows[i] != NULL; i++) {
		if (strcmp(groups[group].rows[i], row) == 0) {
			cover(group, i, column);
			return;
		}
	}
	fprintf(stderr, "cover.c doesn't know \"%s\" (%s)\n", row, groups[group].title);
	abort();
}

void
cover_reset(void)
{
	memset(counts, 0, sizeof(counts));
}

void
cover_write(FILE *f)
{
	const uint64_t *n = &counts[0][0][0];
	size_t i;

	for (i = 0; i < sizeof(counts) / sizeof(*n); i++) {
		if (n[i] > 0)
			fprintf(f, " %zu:%" PRIu64, i, n[i]);
	}
}

void
cover_add(const char *text)
{
	uint64_t *n = &counts[0][0][0];
	size_t i;
	char *end;

	for (;;) {
		i = strtoull(text, &end, 10);
		if (end == text || *end != ':' || i >= sizeof(counts) / sizeof(*n))
			return;
		n[i] += strtoull(end + 1, &end, 10);
		text = end;
	}
}

static bool
possible(const struct group *g, int row, int column)
{
	const char *const *n, *slash;

	for (n = g->never; n != NULL && *n != NULL; n++) {
		slash = strrchr(*n, '/');
		if (strncmp(*n, g->rows[row], (size_t)(slash - *n)) == 0 && g->rows[row][slash - *n] == '\0' &&
		    strcmp(slash + 1, g->columns[column]) == 0)
			return false;
	}
	return true;
}

void
cover_print(FILE *all)
{
	const struct group *g;
	unsigned reached = 0, missing = 0;
	int i, r, c;

	for (i = 0; i < COVER_GROUPS; i++) {
		g = &groups[i];
		if (all != NULL)
			fprintf(all, "%s\n", g->title);
		for (r = 0; g->rows[r] != NULL; r++) {
			for (c = 0; g->columns[c] != NULL; c++) {
				reached += counts[i][r][c] > 0;
				if (all != NULL && (counts[i][r][c] > 0 || possible(g, r, c)))
					fprintf(all, "\t%s, %s: %" PRIu64 "\n", g->rows[r], g->columns[c],
					    counts[i][r][c]);
				if (counts[i][r][c] > 0 || !possible(g, r, c))
					continue;
				missing++;
				printf("never reached: %s: %s, %s\n", g->title, g->rows[r], g->columns[c]);
			}
		}
	}
	printf("decisions: %u of %u reached\n", reached, reached + missing);
}
