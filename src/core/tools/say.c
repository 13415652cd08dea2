#include "core/tools/say.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "core/tools/answers.h"
#include "core/tools/said.h"

struct said *
say(struct core *c, enum action_kind kind)
{
	struct said *s;

	if (c->nsaid >= ANSWERS_MAX && kind == ACTION_LOG) {
		c->stats.unanswered++;
		return NULL;
	}
	s = mem_alloc(sizeof(*s));
	if (s == NULL) {
		c->oom = true;
		return NULL;
	}
	s->act.kind = kind;
	s->order = ++c->said_order;
	*c->said_tail = s;
	c->said_tail = &s->next;
	c->nsaid++;
	return s;
}

void *
say_mem(struct core *c, struct said *s, size_t size)
{
	void *m = said_mem(s, size);

	if (m == NULL)
		c->oom = true;
	else if (s->asker != NULL)
		answers_grow(s, size);
	return m;
}

const char *
say_str(struct core *c, struct said *s, const char *text)
{
	size_t len;
	char *copy;

	if (text == NULL)
		return NULL;
	len = strlen(text) + 1;
	copy = say_mem(c, s, len);
	if (copy != NULL)
		memcpy(copy, text, len);
	return copy;
}

void
say_oom(struct core *c)
{
	c->oom = true;
}

struct said *
say_take(struct core *c)
{
	do {
		said_free(c->taken);
		c->taken = c->said;
		if (c->taken != NULL) {
			c->said = c->taken->next;
			c->nsaid--;
			if (c->said == NULL)
				c->said_tail = &c->said;
		}
	} while (c->taken != NULL && c->taken->broken);
	return c->taken;
}

struct said *
say_take_answer(struct core *c)
{
	do {
		said_free(c->taken);
		c->taken = answers_take(c);
	} while (c->taken != NULL && c->taken->broken);
	return c->taken;
}

void
say_init(struct core *c, const uint8_t *key)
{
	table_init(&c->answers[0].askers, key);
	table_init(&c->answers[1].askers, key);
	c->said_tail = &c->said;
}

void
say_clear(struct core *c)
{
	while (say_take(c) != NULL || say_take_answer(c) != NULL)
		;
	table_clear(&c->answers[0].askers);
	table_clear(&c->answers[1].askers);
	timers_clear(&c->timers);
}

void
say_drop_stanzas(struct core *c)
{
	struct said **at = &c->said, *s;

	while ((s = answers_take(c)) != NULL)
		said_free(s);
	c->answers_owe = 0;
	while ((s = *at) != NULL) {
		if (s->act.kind > ACTION_ERROR) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		c->nsaid--;
		said_free(s);
	}
	c->said_tail = at;
}

struct text
say_text(struct core *c, struct said *s, const struct text *text)
{
	struct text copy = { text->id, {NULL} };
	size_t i;

	for (i = 0; text->args[i] != NULL; i++)
		copy.args[i] = say_str(c, s, text->args[i]);
	return copy;
}

struct text
say_verbatim(struct core *c, struct said *s, const char *name)
{
	struct text text = { name != NULL ? TEXT_VERBATIM : TEXT_NONE, {say_str(c, s, name)} };

	return text;
}

static struct said *
say_any_presence(struct core *c, const char *from, const char *to, enum presence_type type)
{
	struct said *s = say(c, ACTION_PRESENCE);

	if (s == NULL)
		return NULL;
	s->act.from.bare = say_str(c, s, from);
	s->act.to.bare = say_str(c, s, to);
	s->act.presence.type = type;
	return s;
}

void
say_presence(struct core *c, const char *from, const char *to, enum presence_type type)
{
	say_any_presence(c, from, to, type);
}

bool
say_waits(const struct core *c, uint64_t order)
{
	return c->said != NULL && order >= c->said->order;
}

uint64_t
say_order(const struct core *c)
{
	return c->said_order;
}

void
say_presence_as(struct core *c, const char *from, const char *resource, const char *to, enum presence_type type)
{
	struct said *s = say_any_presence(c, from, to, type);

	if (s != NULL)
		s->act.from.resource = say_str(c, s, resource);
}

void
say_subscribe(struct core *c, const char *from, const char *to, const struct text *status, const struct text *nick)
{
	struct said *s = say_any_presence(c, from, to, PRESENCE_SUBSCRIBE);

	if (s == NULL)
		return;
	s->act.presence.status = say_text(c, s, status);
	s->act.presence.nick = say_text(c, s, nick);
}

void
say_message(struct core *c, const char *from, const char *to, const struct text *text)
{
	struct said *s = say(c, ACTION_MESSAGE);

	if (s == NULL)
		return;
	s->act.from.bare = say_str(c, s, from);
	s->act.to.bare = say_str(c, s, to);
	s->act.text = say_text(c, s, text);
}

void
say_error(struct core *c, const struct event *ev, const char *id, enum error_type type, enum condition condition,
    enum app_condition app, enum text_id text)
{
	struct said *s = answers_say(c, ACTION_ERROR, ev->from.bare);

	c->stats.denied++;
	if (s == NULL)
		return;
	s->act.id = say_str(c, s, id);
	s->act.from.bare = say_str(c, s, ev->to.bare);
	s->act.from.resource = say_str(c, s, ev->to.resource);
	s->act.to.bare = say_str(c, s, ev->from.bare);
	s->act.to.resource = say_str(c, s, ev->from.resource);
	s->act.error.type = type;
	s->act.error.condition = condition;
	s->act.error.app = app;
	s->act.error.text = text;
}

struct said *
say_log(struct core *c, enum log_level level, const char *event, ...)
{
	struct said *s;
	const char *key, *value;
	va_list ap;

	if (level == LOG_LEVEL_DEBUG && !c->set.debug)
		return NULL;
	s = say(c, ACTION_LOG);
	if (s == NULL)
		return NULL;
	s->act.log.level = level;
	s->act.log.event = say_str(c, s, event);
	va_start(ap, event);
	while ((key = va_arg(ap, const char *)) != NULL) {
		value = va_arg(ap, const char *);
		if (value == NULL || s->act.log.nfields == LOG_FIELDS_MAX)
			continue;
		s->act.log.fields[s->act.log.nfields].key = key; /* always a literal */
		s->act.log.fields[s->act.log.nfields++].value = say_str(c, s, value);
	}
	va_end(ap);
	return s;
}

void
say_log_text(struct said *line, const char *key, enum text_id text)
{
	if (line == NULL || line->act.log.nfields == LOG_FIELDS_MAX)
		return;
	line->act.log.fields[line->act.log.nfields].key = key;
	line->act.log.fields[line->act.log.nfields++].text = text;
}

void
say_break(struct said *s)
{
	s->broken = true;
}
