/*
 * A refactoring may say the same things of one event in another order.  To see
 * that nothing else has changed, the world must not depend on that order, and
 * what is said must be told without what is random.
 *
 *	ids		of IQs and headlines: #; of sessions and probes, and the name that nobody has: what for, to whom, the
 *			how manieth; of linked accounts: user and account; digests: the how manieth of this user
 *	an item		its devices sorted, and their resources, without the ids of these (from the devices' ids)
 *	events		numbered, but for ticks that nothing follows from: those are the core's own affair
 *
 * With --actions, memory never fails (how often it is asked for is no behaviour), and the core's jitter comes from the seed,
 * the moment and the bound, in place of the generator from which ids are drawn too: two users whose requests fail at the
 * same moment wait equally long, whoever is the first of them.
 */
#include "actions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "wire/catalogue.h"

#define FNV UINT64_C(0x100000001b3)
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define EQUALS 65536 /* more than there are actions at one moment */
#define WORD_MIN 12  /* characters of a random word at least: PROBE_RESOURCE_LEN */

struct name {
	struct name *next;
	const char *id, *label;
	unsigned n;
};

/* How many of the same came at this moment. */
static struct {
	uint64_t h, moment;
	unsigned n;
} equals[EQUALS];
static uint64_t moment;
static struct sim *judged; /* with --actions */

uint64_t __real_rng_below(struct rng *r, uint64_t bound) __attribute__((weak));
uint64_t __wrap_rng_below(struct rng *r, uint64_t bound);

static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint64_t
hash(uint64_t h, const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * FNV;
	return (h ^ (text != NULL)) * FNV;
}

static uint64_t
moment_of(const struct sim *s)
{
	return mix(s->opt.seed * UINT64_C(0xd1342543de82ef95) + s->now.mono_ms);
}

/* From H, the seed and the moment; another value each time that the same H comes at one moment. */
static uint64_t
draw(struct sim *s, uint64_t h)
{
	size_t i;

	if (!s->drawn || s->drawn_at != s->now.mono_ms) {
		moment++;
		s->drawn = true;
		s->drawn_at = s->now.mono_ms;
	}
	h = mix(h ^ moment_of(s));
	for (i = h % EQUALS; equals[i].moment == moment && equals[i].h != h; i = (i + 1) % EQUALS)
		;
	if (equals[i].moment != moment) {
		equals[i].moment = moment;
		equals[i].h = h;
		equals[i].n = 0;
	}
	return mix(h + UINT64_C(0x9e3779b97f4a7c15) * ++equals[i].n);
}

/* Jitter; ids may come from the generator in any order. */
uint64_t
__wrap_rng_below(struct rng *r, uint64_t bound)
{
	if (judged == NULL)
		return __real_rng_below(r, bound);
	return bound > 0 ? mix(bound ^ moment_of(judged)) % bound : 0;
}

/* Names */

static struct name *
name_of(struct sim *s, const char *id)
{
	struct name **at = &s->names[hash(FNV_BASIS, id) % SIM_NAMES], *n;

	for (n = *at; n != NULL; n = n->next) {
		if (strcmp(n->id, id) == 0)
			return n;
	}
	n = sim_mem(s, sizeof(*n));
	n->id = sim_dup(s, id);
	n->next = *at;
	return *at = n;
}

/* ID is the next one of KIND for PEER, if it has no name yet. */
static const char *
number(struct sim *s, const char *id, const char *kind, const char *peer)
{
	struct name *n = name_of(s, id);

	if (n->label == NULL)
		n->label = sim_text(s, "%s:%s:%u", kind, peer, ++name_of(s, sim_text(s, "%s %s", kind, peer))->n);
	return n->label;
}

/* By which it is known; or as it is. */
static const char *
named(struct sim *s, const char *text)
{
	struct name *n;

	if (text == NULL)
		return "-";
	for (n = s->names[hash(FNV_BASIS, text) % SIM_NAMES]; n != NULL; n = n->next) {
		if (n->label != NULL && strcmp(n->id, text) == 0)
			return n->label;
	}
	return text;
}

static const char *
digest(struct sim *s, uint64_t d, const char *user)
{
	if (d == 0 || d == UINT64_MAX)
		return d == 0 ? "none" : "doubtful";
	return number(s, sim_text(s, "%s %016" PRIx64, user, d), "digest", user);
}

/* Texts */

/* Nothing that anybody wrote may look like another field, or another line. */
static void
put(struct buf *b, const char *key, const char *value)
{
	size_t plain;

	buf_putc(b, ' ');
	buf_puts(b, key);
	buf_putc(b, '=');
	for (;;) {
		plain = strcspn(value, "\n\\ ");
		buf_put(b, value, plain);
		value += plain;
		if (*value == '\0')
			break;
		buf_printf(b, "\\%02x", (unsigned)*value++);
	}
}

static void
put_number(struct buf *b, const char *key, int64_t n)
{
	buf_putc(b, ' ');
	buf_puts(b, key);
	buf_puts(b, n < 0 ? "=-" : "=");
	buf_putu(b, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

static bool
is_ours(const char *bare)
{
	const char *at = bare != NULL ? strrchr(bare, '@') : NULL;

	return same_text(at != NULL ? at + 1 : bare, SIM_DOMAIN);
}

/* Resources of ours are drawn, but those that are words; and so is the account that nobody has. */
static void
put_address(struct sim *s, struct buf *b, const char *key, const struct address *a, const char *peer)
{
	const char *bare = named(s, a->bare), *resource = named(s, a->resource);

	if (a->bare != NULL && !is_ours(a->bare) && account_of(s, a->bare) < 0 && strchr(a->bare, '@') != NULL &&
	    strcspn(a->bare, "@") >= WORD_MIN)
		bare = number(s, a->bare, "nobody", strchr(a->bare, '@') + 1);
	if (a->resource != NULL && is_ours(a->bare) && strlen(a->resource) >= WORD_MIN)
		resource = strchr(a->bare, '@') == NULL ? "#" : number(s, a->resource, "probe", peer);
	put(b, key, bare);
	put(b, "resource", resource);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Append the N TEXTS sorted, and free them. */
static void
put_sorted(struct buf *b, char **texts, size_t n)
{
	size_t i;

	qsort(texts, n, sizeof(*texts), by_text);
	for (i = 0; i < n; i++) {
		buf_puts(b, texts[i]);
		free(texts[i]);
	}
}

/* The ids of resources come from that of their device. */
static void
put_resources(struct sim *s, struct buf *b, const struct item_device *d)
{
	const struct item_resource *r;
	char *texts[DEVICE_RESOURCES_MAX];
	struct buf one;
	size_t i;

	for (i = 0; i < d->nresources; i++) {
		r = &d->resources[i];
		memset(&one, 0, sizeof(one));
		put(&one, "[show", show_name(r->show));
		put(&one, "status", named(s, r->status));
		put(&one, "lang", named(s, r->lang));
		put_number(&one, "idle", r->idle_since_ms);
		buf_putc(&one, ']');
		texts[i] = buf_steal(&one);
	}
	put_sorted(b, texts, i);
}

static void
put_item(struct sim *s, struct buf *b, const struct item *item)
{
	const struct item_device *d;
	char *texts[USER_DEVICES_MAX];
	struct buf one;
	size_t i;

	put_number(b, "updated", item->updated_ms);
	put_number(b, "expires", item->expires_ms);
	for (i = 0; i < item->ndevices; i++) {
		d = &item->devices[i];
		memset(&one, 0, sizeof(one));
		put(&one, "device", named(s, d->id));
		put_number(&one, "kind", d->kind);
		put(&one, "label", d->label);
		put(&one, "jid", named(s, d->jid));
		put_number(&one, "preferred", d->preferred);
		put_number(&one, "stale", d->stale);
		put_number(&one, "since", d->since_ms);
		put_resources(s, &one, d);
		texts[i] = buf_steal(&one);
	}
	put_sorted(b, texts, i);
}

/* The text itself, as its number is another one in another build, and its arguments. */
static void
put_said(struct sim *s, struct buf *b, const char *key, const struct text *t)
{
	size_t i;

	put(b, key, named(s, catalogue_text(t->id)));
	for (i = 0; t->args[i] != NULL; i++)
		put(b, "with", named(s, t->args[i]));
}

static void
put_form(struct sim *s, struct buf *b, const struct form *form)
{
	const struct form_field *f;
	size_t i, k;

	put(b, "title", named(s, catalogue_text(form->title)));
	put(b, "instructions", named(s, catalogue_text(form->instructions)));
	put_number(b, "result", form->result);
	for (i = 0; i < form->nfields; i++) {
		f = &form->fields[i];
		put(b, "field", named(s, f->var));
		put(b, "label", named(s, catalogue_text(f->label)));
		put_number(b, "type", f->type);
		put_number(b, "required", f->required);
		put(b, "value", named(s, f->value));
		for (k = 0; k < f->noptions; k++) {
			put(b, "option", named(s, f->options[k].value));
			put_said(s, b, "label", &f->options[k].label);
		}
	}
	for (i = 0; i < form->nrows * form->nfields; i++)
		put_said(s, b, "cell", &form->cells[i]);
}

static void
put_reply(struct sim *s, struct buf *b, const struct action *act)
{
	const struct command_reply *r = &act->reply;

	put(b, "node", named(s, r->node));
	if (r->sessionid != NULL && strlen(r->sessionid) >= WORD_MIN)
		put(b, "session", number(s, r->sessionid, "session", act->to.bare));
	else
		put(b, "session", named(s, r->sessionid));
	put_number(b, "status", r->status);
	put_said(s, b, "note", &r->note);
	put(b, "type", named(s, r->note_type));
	if (r->form != NULL)
		put_form(s, b, r->form);
}

static void
put_answer(struct sim *s, struct buf *b, const struct request_answer *a)
{
	size_t i;

	put_number(b, "request", a->kind);
	put(b, "node", named(s, a->node));
	put(b, "category", named(s, a->category));
	put(b, "type", named(s, a->type));
	put_said(s, b, "name", &a->name);
	for (i = 0; i < a->nfeatures; i++)
		put(b, "feature", a->features[i]);
	for (i = 0; i < a->nitems; i++) {
		put(b, "item", named(s, a->items[i].jid));
		put(b, "node", named(s, a->items[i].node));
		put(b, "name", named(s, catalogue_text(a->items[i].name)));
	}
	put_number(b, "seconds", (int64_t)a->seconds);
	put_number(b, "time", a->wall_ms);
}

static void
put_user(struct sim *s, struct buf *b, const struct action *act)
{
	const struct user_record *r = &act->user;
	int node;

	put(b, "user", r->primary);
	if (act->kind == ACTION_DELETE_USER)
		return;
	put_number(b, "created", r->created_ms);
	for (node = 0; node < NODES; node++) {
		put(b, "digest", digest(s, r->digest[node], r->primary));
		put_number(b, "setup", r->setup[node]);
	}
	put_number(b, "published", r->published_ms);
	put_number(b, "approved", r->approved);
	put_number(b, "leaving", r->leaving);
	put_number(b, "generation", r->generation);
	put_number(b, "suspended", r->suspended_ms);
}

static void
put_device(struct sim *s, struct buf *b, const struct action *act)
{
	const struct device_record *r = &act->device;
	struct name *n;

	if (act->kind == ACTION_STORE_DEVICE && r->resource == NULL) {
		n = name_of(s, r->id);
		n->label = sim_text(s, "device:%s:%s", r->primary, r->jid);
	}
	put(b, "user", r->primary);
	put(b, "device", named(s, r->id));
	if (act->kind == ACTION_DELETE_DEVICE)
		return;
	put(b, "jid", r->jid);
	put(b, "resource", named(s, r->resource));
	put(b, "label", r->label);
	put_number(b, "kind", r->kind);
	put_number(b, "given", r->kind_given);
	put_number(b, "visibility", r->visibility);
	put_number(b, "status", r->show_status);
	put_number(b, "state", r->state);
	put_number(b, "approved", r->approved);
	put_number(b, "confirmed", r->confirmed);
	put_number(b, "withdrawn", r->withdrawn);
	put_number(b, "generation", r->generation);
	put_number(b, "created", r->created_ms);
	put_number(b, "suspended", r->suspended_ms);
}

static void
put_payload(struct sim *s, struct buf *b, const struct action *act)
{
	size_t i;

	switch (act->kind) {
	case ACTION_PRESENCE:
		put_number(b, "type", act->presence.type);
		put(b, "show", show_name(act->presence.show));
		put_said(s, b, "status", &act->presence.status);
		put_said(s, b, "nick", &act->presence.nick);
		break;
	case ACTION_PUBLISH:
	case ACTION_EVENT:
		put_item(s, b, &act->publish);
		break;
	case ACTION_MESSAGE:
		put_said(s, b, "text", &act->text);
		break;
	case ACTION_RECONNECT:
		put(b, "reason", named(s, act->reason));
		break;
	case ACTION_COMMAND_REPLY:
		put_reply(s, b, act);
		break;
	case ACTION_ANSWER:
		put_answer(s, b, &act->answer);
		break;
	case ACTION_ERROR:
		put_number(b, "type", act->error.type);
		put(b, "condition", condition_name(act->error.condition));
		put_number(b, "app", act->error.app);
		put(b, "text", named(s, catalogue_text(act->error.text)));
		break;
	case ACTION_STORE_USER:
	case ACTION_DELETE_USER:
	case ACTION_NOTE_PUBLISHED:
		put_user(s, b, act);
		break;
	case ACTION_STORE_DEVICE:
	case ACTION_DELETE_DEVICE:
		put_device(s, b, act);
		break;
	case ACTION_LOG:
		put_number(b, "level", act->log.level);
		put(b, "event", act->log.event);
		for (i = 0; i < act->log.nfields; i++)
			put(b, act->log.fields[i].key,
			    named(s, act->log.fields[i].value != NULL ? act->log.fields[i].value :
									catalogue_text(act->log.fields[i].text)));
		break;
	default:
		break;
	}
}

static bool
is_iq(enum action_kind kind)
{
	return kind >= ACTION_ROSTER_GET && kind <= ACTION_INFO_GET;
}

static void
put_action(struct sim *s, struct buf *b, const struct action *act)
{
	bool stanza = act->kind <= ACTION_ERROR;

	buf_puts(b, trace_action_name(act->kind));
	/* One that was sent to ourselves is answered by it. */
	if (is_iq(act->kind) && act->id != NULL)
		name_of(s, act->id)->label = "#";
	if (stanza) {
		put(b, "id", named(s, act->id));
		put_address(s, b, "from", &act->from, act->to.bare);
		put_address(s, b, "to", &act->to, act->from.bare);
	}
	if (is_iq(act->kind) || act->kind == ACTION_EVENT) {
		put_number(b, "way", act->way);
		put(b, "owner", named(s, act->owner));
		put(b, "node", named(s, act->node));
		put_number(b, "access", act->access);
		put_number(b, "config.access", act->config.access);
		put_number(b, "no-events", act->config.no_events);
		put_number(b, "no-last", act->config.no_last);
		put_number(b, "restore", act->config.restore);
		put(b, "who", named(s, act->who));
		put_number(b, "version", act->privilege_version);
	}
	put_payload(s, b, act);
	put_number(b, "ticket", act->ticket != 0);
}

/* The order that depends on nothing but what is said */

struct rank {
	uint64_t peer, key;
	int stream;	 /* -1: none */
	uint64_t number; /* of the action: the order in which they were taken */
	unsigned part;	 /* the how manieth that came of it */
};

struct held {
	struct rank rank;
	struct pending *p;
};

static int
compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int
by_rank(const void *left, const void *right)
{
	const struct rank *a = &((const struct held *)left)->rank, *b = &((const struct held *)right)->rank;
	int c = compare(a->peer, b->peer);

	if (c == 0)
		c = a->stream - b->stream;
	if (c == 0)
		c = a->stream >= 0 ? compare(a->number, b->number) : compare(a->key, b->key);
	return c != 0 ? c : compare(a->part, b->part);
}

static void
say_event(struct sim *s)
{
	FILE *out = s->opt.actions;

	if (out == NULL || !s->event_waits)
		return;
	s->event_waits = false;
	fprintf(out, "event %" PRIu64 " %s at %.3f\n", ++s->nnumbered, s->event_text,
	    (double)(s->now.mono_ms - s->started) / 1000);
}

void
actions_event(struct sim *s, const struct event *ev)
{
	struct buf b = {0};

	judged = s->opt.actions != NULL ? s : NULL;
	if (judged == NULL)
		return;
	buf_puts(&b, trace_event_name(ev->kind));
	if (ev->from.bare != NULL) {
		put_address(s, &b, "from", &ev->from, ev->to.bare);
		put_address(s, &b, "to", &ev->to, ev->from.bare);
	}
	s->event_text = sim_dup(s, buf_text(&b));
	buf_clear(&b);
	s->event_waits = true;
	if (ev->kind != EVENT_TICK)
		say_event(s);
}

void
actions_begin(struct sim *s, const struct action *act)
{
	struct buf b = {0};
	uint64_t h;

	s->taking.number++;
	if (act->kind > ACTION_ERROR && s->opt.actions == NULL) {
		/* Nothing is drawn for these; but ids get their names. */
		if (act->kind == ACTION_STORE_DEVICE)
			put_device(s, &b, act);
		buf_clear(&b);
		return;
	}
	put_action(s, &b, act);
	if (s->opt.actions != NULL) {
		say_event(s);
		fprintf(s->opt.actions, "%s\n", buf_text(&b));
	}
	h = draw(s, hash(FNV_BASIS, buf_text(&b)));
	buf_clear(&b);
	s->taking.on = true;
	s->taking.part = 0;
	s->taking.peer = hash(hash(FNV_BASIS, named(s, act->from.bare)), named(s, act->to.bare));
	s->taking.key = h;
	s->taking.rng = s->rng;
	s->rng = h;
}

void
actions_end(struct sim *s)
{
	if (!s->taking.on)
		return;
	s->taking.on = false;
	s->rng = s->taking.rng;
}

static struct rank
rank_now(struct sim *s, int stream)
{
	return (struct rank){s->taking.peer, s->taking.key, stream, s->taking.number, s->taking.part++};
}

void
actions_hold(struct sim *s, struct pending *p)
{
	if (s->nheld == s->held_size) {
		s->held_size = s->held_size == 0 ? 64 : 2 * s->held_size;
		s->held_pendings = realloc(s->held_pendings, s->held_size * sizeof(*s->held_pendings));
		if (s->held_pendings == NULL)
			abort();
	}
	s->held_pendings[s->nheld++] = (struct held){rank_now(s, p->stream), p};
}

/* Strangers guess at the newest of them. */
static void
sort_iqs(struct sim *s)
{
	struct iq *first = s->iqs, *next, **at, *sorted = NULL;

	for (; first != s->iqs_sorted; first = next) {
		next = first->next;
		for (at = &sorted; *at != NULL && (*at)->key < first->key; at = &(*at)->next)
			;
		first->next = *at;
		*at = first;
	}
	for (at = &sorted; *at != NULL; at = &(*at)->next)
		;
	*at = s->iqs_sorted;
	s->iqs = s->iqs_sorted = sorted != NULL ? sorted : s->iqs_sorted;
}

static int
by_account(const void *left, const void *right)
{
	const struct link_entry *a = left, *b = right;

	return a->user != b->user ? a->user - b->user : a->account - b->account;
}

void
actions_flush(struct sim *s)
{
	size_t i;

	if (s->nheld > 1)
		qsort(s->held_pendings, s->nheld, sizeof(*s->held_pendings), by_rank);
	for (i = 0; i < s->nheld; i++)
		drive_enqueue(s, s->held_pendings[i].p);
	s->nheld = 0;
	sort_iqs(s);
	if (s->nlinks > s->links_sorted + 1)
		qsort(s->links + s->links_sorted, (size_t)(s->nlinks - s->links_sorted), sizeof(*s->links), by_account);
	s->links_sorted = s->nlinks;
}

const char *
actions_device(struct sim *s, const struct item *item, size_t k)
{
	const char *best = NULL, *last = NULL, *id, *id_of_best = NULL;
	size_t i, n;

	/* Few devices, seldom asked for. */
	for (n = 0; n <= k; n++, last = best) {
		best = NULL;
		for (i = 0; i < item->ndevices; i++) {
			id = named(s, item->devices[i].id);
			if ((last == NULL || strcmp(id, last) > 0) && (best == NULL || strcmp(id, best) < 0)) {
				best = id;
				id_of_best = item->devices[i].id;
			}
		}
		if (best == NULL)
			break;
	}
	return id_of_best;
}

int
actions_row_order(const struct device_record *a, const struct device_record *b)
{
	int c = strcmp(a->primary, b->primary);

	if (c == 0)
		c = strcmp(a->jid, b->jid);
	if (c == 0 && a->resource != NULL && b->resource != NULL)
		c = strcmp(a->resource, b->resource);
	else if (c == 0)
		c = (a->resource != NULL) - (b->resource != NULL);
	return c;
}

void
actions_over(struct sim *s)
{
	if (s->opt.actions != NULL)
		fprintf(s->opt.actions, "end %" PRIu64 " %s\n", s->opt.seed, s->failed ? s->why : "well");
	judged = NULL;
}
