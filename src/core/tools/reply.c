#include "core/tools/reply.h"

#include "base/mem.h"
#include "core/tools/answers.h"
#include "core/tools/say.h"

void
reply_free(struct reply *r)
{
	if (r == NULL)
		return;
	mem_free(r->id);
	mem_free(r->node);
	mem_free(r->sessionid);
	mem_free(r->from);
	mem_free(r->to);
	mem_free(r->to_resource);
	mem_free(r);
}

struct said *
reply_said(struct env *env, const struct address *to, const char *id, const char *node, const char *sessionid,
    enum command_status status)
{
	struct said *s = answers_say(env, ACTION_COMMAND_REPLY, to->bare);
	char word[RNG_ID_LEN + 1];

	if (s == NULL)
		return NULL;
	s->act.id = say_str(env, s, id);
	s->act.from.bare = env->set.domain;
	s->act.to.bare = say_str(env, s, to->bare);
	s->act.to.resource = say_str(env, s, to->resource);
	s->act.reply.node = say_str(env, s, node);
	if (sessionid == NULL)
		rng_word(&env->rng, word, RNG_ID_LEN);
	s->act.reply.sessionid = say_str(env, s, sessionid != NULL ? sessionid : word);
	s->act.reply.status = status;
	return s;
}

void
reply_finish(struct env *env, const struct address *to, const char *id, const char *node, const char *sessionid,
    bool ok, const struct text *note)
{
	struct said *s = reply_said(env, to, id, node, sessionid, STATUS_COMPLETED);

	env->stats.denied += !ok;
	if (s == NULL)
		return;
	s->act.reply.note = say_text(env, s, note);
	s->act.reply.note_type = ok ? "info" : "error";
}

struct reply *
reply_command(struct env *env, const struct event *ev)
{
	struct reply *r = mem_alloc(sizeof(*r));
	char word[RNG_ID_LEN + 1];

	if (r == NULL) {
		env->oom = true;
		return NULL;
	}
	rng_word(&env->rng, word, RNG_ID_LEN);
	r->id = mem_strdup(ev->command.id);
	r->node = mem_strdup(ev->command.node);
	r->sessionid = mem_strdup(ev->command.sessionid != NULL ? ev->command.sessionid : word);
	r->to = mem_strdup(ev->from.bare);
	r->to_resource = mem_strdup(ev->from.resource);
	if (r->id == NULL || r->node == NULL || r->sessionid == NULL || r->to == NULL ||
	    (ev->from.resource != NULL && r->to_resource == NULL)) {
		env->oom = true;
		reply_free(r);
		return NULL;
	}
	return r;
}

struct reply *
reply_chat(struct env *env, const char *from, const char *to)
{
	struct reply *r = mem_alloc(sizeof(*r));

	if (r != NULL) {
		r->chat = true;
		r->from = mem_strdup(from);
		r->to = mem_strdup(to);
	}
	if (r == NULL || r->from == NULL || r->to == NULL) {
		env->oom = true;
		reply_free(r);
		return NULL;
	}
	return r;
}

void
reply_done(struct env *env, struct reply *r, bool ok, const struct text *note)
{
	const struct address to = {r != NULL ? r->to : NULL, r != NULL ? r->to_resource : NULL};

	if (r == NULL)
		return;
	if (r->chat)
		say_message(env, r->from, r->to, note);
	else
		reply_finish(env, &to, r->id, r->node, r->sessionid, ok, note);
	reply_free(r);
}

struct said *
reply_answer(struct env *env, const struct event *ev, enum command_status status)
{
	return reply_said(env, &ev->from, ev->command.id, ev->command.node, ev->command.sessionid, status);
}

void
reply_end(struct env *env, const struct event *ev, bool ok, const struct text *note)
{
	reply_finish(env, &ev->from, ev->command.id, ev->command.node, ev->command.sessionid, ok, note);
}

void
reply_failed(struct env *env, const struct event *ev, struct reply *r, enum text_id why)
{
	reply_free(r);
	reply_end(env, ev, false, TEXT(why));
}
