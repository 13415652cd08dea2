#include "core/tools/say.h"

#include <stdarg.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "core/tools/answers.h"
#include "core/tools/said.h"

struct said *
say(struct env *env, enum action_kind kind)
{
	struct said *s;

	if (env->nsaid >= ANSWERS_MAX && kind == ACTION_LOG) {
		env->stats.unanswered++;
		return NULL;
	}
	s = mem_alloc(sizeof(*s));
	if (s == NULL) {
		env->oom = true;
		return NULL;
	}
	s->act.kind = kind;
	s->order = ++env->said_order;
	*env->said_tail = s;
	env->said_tail = &s->next;
	env->nsaid++;
	return s;
}

void *
say_mem(struct env *env, struct said *s, size_t size)
{
	void *m = said_mem(s, size);

	if (m == NULL)
		env->oom = true;
	else if (s->asker != NULL)
		answers_grow(s, size);
	return m;
}

const char *
say_str(struct env *env, struct said *s, const char *text)
{
	size_t len;
	char *copy;

	if (text == NULL)
		return NULL;
	len = strlen(text) + 1;
	copy = say_mem(env, s, len);
	if (copy != NULL)
		memcpy(copy, text, len);
	return copy;
}

void
say_oom(struct env *env)
{
	env->oom = true;
}

struct said *
say_take(struct env *env)
{
	do {
		said_free(env->taken);
		env->taken = env->said;
		if (env->taken != NULL) {
			env->said = env->taken->next;
			env->nsaid--;
			if (env->said == NULL)
				env->said_tail = &env->said;
		}
	} while (env->taken != NULL && env->taken->broken);
	return env->taken;
}

struct said *
say_take_answer(struct env *env)
{
	do {
		said_free(env->taken);
		env->taken = answers_take(env);
	} while (env->taken != NULL && env->taken->broken);
	return env->taken;
}

void
say_init(struct env *env, const uint8_t *key)
{
	table_init(&env->answers[0].askers, key);
	table_init(&env->answers[1].askers, key);
	env->said_tail = &env->said;
}

void
say_clear(struct env *env)
{
	while (say_take(env) != NULL || say_take_answer(env) != NULL)
		;
	table_clear(&env->answers[0].askers);
	table_clear(&env->answers[1].askers);
	timers_clear(&env->timers);
}

void
say_drop_stanzas(struct env *env)
{
	struct said **at = &env->said, *s;

	while ((s = answers_take(env)) != NULL)
		said_free(s);
	env->answers_owe = 0;
	while ((s = *at) != NULL) {
		if (s->act.kind > ACTION_ERROR) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		env->nsaid--;
		said_free(s);
	}
	env->said_tail = at;
}

struct text
say_text(struct env *env, struct said *s, const struct text *text)
{
	struct text copy = { text->id, {NULL} };
	size_t i;

	for (i = 0; text->args[i] != NULL; i++)
		copy.args[i] = say_str(env, s, text->args[i]);
	return copy;
}

struct text
say_verbatim(struct env *env, struct said *s, const char *name)
{
	struct text text = { name != NULL ? TEXT_VERBATIM : TEXT_NONE, {say_str(env, s, name)} };

	return text;
}

static struct said *
say_any_presence(struct env *env, const char *from, const char *to, enum presence_type type)
{
	struct said *s = say(env, ACTION_PRESENCE);

	if (s == NULL)
		return NULL;
	s->act.from.bare = say_str(env, s, from);
	s->act.to.bare = say_str(env, s, to);
	s->act.presence.type = type;
	return s;
}

void
say_presence(struct env *env, const char *from, const char *to, enum presence_type type)
{
	say_any_presence(env, from, to, type);
}

bool
say_waits(const struct env *env, uint64_t order)
{
	return env->said != NULL && order >= env->said->order;
}

uint64_t
say_order(const struct env *env)
{
	return env->said_order;
}

void
say_presence_as(struct env *env, const char *from, const char *resource, const char *to, enum presence_type type)
{
	struct said *s = say_any_presence(env, from, to, type);

	if (s != NULL)
		s->act.from.resource = say_str(env, s, resource);
}

void
say_subscribe(struct env *env, const char *from, const char *to, const struct text *status, const struct text *nick)
{
	struct said *s = say_any_presence(env, from, to, PRESENCE_SUBSCRIBE);

	if (s == NULL)
		return;
	s->act.presence.status = say_text(env, s, status);
	s->act.presence.nick = say_text(env, s, nick);
}

void
say_message(struct env *env, const char *from, const char *to, const struct text *text)
{
	struct said *s = say(env, ACTION_MESSAGE);

	if (s == NULL)
		return;
	s->act.from.bare = say_str(env, s, from);
	s->act.to.bare = say_str(env, s, to);
	s->act.text = say_text(env, s, text);
}

void
say_error(struct env *env, const struct event *ev, const char *id, enum error_type type, enum condition condition,
    enum app_condition app, enum text_id text)
{
	struct said *s = answers_say(env, ACTION_ERROR, ev->from.bare);

	env->stats.denied++;
	if (s == NULL)
		return;
	s->act.id = say_str(env, s, id);
	s->act.from.bare = say_str(env, s, ev->to.bare);
	s->act.from.resource = say_str(env, s, ev->to.resource);
	s->act.to.bare = say_str(env, s, ev->from.bare);
	s->act.to.resource = say_str(env, s, ev->from.resource);
	s->act.error.type = type;
	s->act.error.condition = condition;
	s->act.error.app = app;
	s->act.error.text = text;
}

struct said *
say_log(struct env *env, enum log_level level, const char *event, ...)
{
	struct said *s;
	const char *key, *value;
	va_list ap;

	if (level == LOG_LEVEL_DEBUG && !env->set.debug)
		return NULL;
	s = say(env, ACTION_LOG);
	if (s == NULL)
		return NULL;
	s->act.log.level = level;
	s->act.log.event = say_str(env, s, event);
	va_start(ap, event);
	while ((key = va_arg(ap, const char *)) != NULL) {
		value = va_arg(ap, const char *);
		if (value == NULL || s->act.log.nfields == LOG_FIELDS_MAX)
			continue;
		s->act.log.fields[s->act.log.nfields].key = key; /* always a literal */
		s->act.log.fields[s->act.log.nfields++].value = say_str(env, s, value);
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
