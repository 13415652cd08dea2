#include "actions_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "wire/catalogue.h"

#define FNV UINT64_C(0x100000001b3)
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define WORD_MIN 12 /* characters of a random word at least: PROBE_RESOURCE_LEN */

struct name {
	struct name *next;
	const char *id, *label;
	unsigned n;
};

uint64_t
text_hash(uint64_t h, const char *text)
{
	h = h == 0 ? FNV_BASIS : h;
	for (; text != NULL && *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * FNV;
	return (h ^ (text != NULL)) * FNV;
}

/* Names */

static struct name *
name_of(struct sim *s, const char *id)
{
	struct name **at = &s->names[text_hash(0, id) % SIM_NAMES], *n;

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
const char *
text_named(struct sim *s, const char *text)
{
	struct name *n;

	if (text == NULL)
		return "-";
	for (n = s->names[text_hash(0, text) % SIM_NAMES]; n != NULL; n = n->next) {
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
void
text_of_address(struct sim *s, struct buf *b, const char *key, const struct address *a, const char *peer)
{
	const char *bare = text_named(s, a->bare), *resource = text_named(s, a->resource);

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
		put(&one, "status", text_named(s, r->status));
		put(&one, "lang", text_named(s, r->lang));
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
		put(&one, "device", text_named(s, d->id));
		put_number(&one, "kind", d->kind);
		put(&one, "label", d->label);
		put(&one, "jid", text_named(s, d->jid));
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

	put(b, key, text_named(s, catalogue_text(t->id)));
	for (i = 0; t->args[i] != NULL; i++)
		put(b, "with", text_named(s, t->args[i]));
}

static void
put_form(struct sim *s, struct buf *b, const struct form *form)
{
	const struct form_field *f;
	size_t i, k;

	put(b, "title", text_named(s, catalogue_text(form->title)));
	put(b, "instructions", text_named(s, catalogue_text(form->instructions)));
	put_number(b, "result", form->result);
	for (i = 0; i < form->nfields; i++) {
		f = &form->fields[i];
		put(b, "field", text_named(s, f->var));
		put(b, "label", text_named(s, catalogue_text(f->label)));
		put_number(b, "type", f->type);
		put_number(b, "required", f->required);
		put(b, "value", text_named(s, f->value));
		for (k = 0; k < f->noptions; k++) {
			put(b, "option", text_named(s, f->options[k].value));
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

	put(b, "node", text_named(s, r->node));
	if (r->sessionid != NULL && strlen(r->sessionid) >= WORD_MIN)
		put(b, "session", number(s, r->sessionid, "session", act->to.bare));
	else
		put(b, "session", text_named(s, r->sessionid));
	put_number(b, "status", r->status);
	put_said(s, b, "note", &r->note);
	put(b, "type", text_named(s, r->note_type));
	if (r->form != NULL)
		put_form(s, b, r->form);
}

static void
put_answer(struct sim *s, struct buf *b, const struct request_answer *a)
{
	size_t i;

	put_number(b, "request", a->kind);
	put(b, "node", text_named(s, a->node));
	put(b, "category", text_named(s, a->category));
	put(b, "type", text_named(s, a->type));
	put_said(s, b, "name", &a->name);
	for (i = 0; i < a->nfeatures; i++)
		put(b, "feature", a->features[i]);
	for (i = 0; i < a->nitems; i++) {
		put(b, "item", text_named(s, a->items[i].jid));
		put(b, "node", text_named(s, a->items[i].node));
		put(b, "name", text_named(s, catalogue_text(a->items[i].name)));
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
	put_number(b, "owes", r->owes);
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
	put(b, "device", text_named(s, r->id));
	if (act->kind == ACTION_DELETE_DEVICE)
		return;
	put(b, "jid", r->jid);
	put(b, "resource", text_named(s, r->resource));
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
		put(b, "reason", text_named(s, act->reconnect.reason));
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
		put(b, "text", text_named(s, catalogue_text(act->error.text)));
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
			    text_named(s,
				act->log.fields[i].value != NULL ? act->log.fields[i].value :
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

void
text_of_action(struct sim *s, struct buf *b, const struct action *act)
{
	bool stanza = act->kind <= ACTION_ERROR;

	buf_puts(b, trace_action_name(act->kind));
	/* One that was sent to ourselves is answered by it. */
	if (is_iq(act->kind) && act->id != NULL)
		name_of(s, act->id)->label = "#";
	if (stanza) {
		put(b, "id", text_named(s, act->id));
		text_of_address(s, b, "from", &act->from, act->to.bare);
		text_of_address(s, b, "to", &act->to, act->from.bare);
	}
	if (is_iq(act->kind) || act->kind == ACTION_EVENT) {
		put_number(b, "way", act->way);
		put(b, "owner", text_named(s, act->owner));
		put(b, "node", text_named(s, act->node));
		put_number(b, "access", act->access);
		put_number(b, "config.access", act->config.access);
		put_number(b, "no-events", act->config.no_events);
		put_number(b, "no-last", act->config.no_last);
		put_number(b, "restore", act->config.restore);
		put(b, "who", text_named(s, act->who));
		put_number(b, "version", act->privilege_version);
	}
	put_payload(s, b, act);
	put_number(b, "ticket", act->ticket != 0);
}
