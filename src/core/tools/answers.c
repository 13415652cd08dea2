#include "core/tools/answers.h"

#include <string.h>

#include "base/jid.h"
#include "base/mem.h"
#include "core/tools/said.h"

/* So much of an answer is one turn of something else. */
#define TURN_BYTES 1024

struct asker {
	struct table_node node;
	struct ring turn;
	struct said *head, **tail;
	size_t n, bytes;
	char key[];
};

static bool
is_at_home(const struct env *env, const char *domain)
{
	char work[JID_PART_MAX + 1];
	const char *key = jid_ascii_domain(domain, work);
	size_t i;

	for (i = 0; i < env->set.nhosts && strcmp(env->set.host_keys[i], key) != 0; i++)
		;
	return i < env->set.nhosts;
}

const char *
answers_asker(const struct env *env, const char *bare, char *work, bool *at_home)
{
	const char *domain = jid_domain(bare);

	*at_home = is_at_home(env, domain);
	return *at_home ? bare : jid_ascii_domain(domain, work);
}

static struct asker *
asker_of(struct answers *q, const char *key)
{
	size_t len = strlen(key);
	struct table_node *n = table_get(&q->askers, key, len);
	struct asker *a;

	if (n != NULL)
		return TABLE_OF(n, struct asker, node);
	a = mem_alloc(sizeof(*a) + len + 1);
	if (a == NULL)
		return NULL;
	memcpy(a->key, key, len + 1);
	a->tail = &a->head;
	if (table_put(&q->askers, &a->node, a->key, len) != 0) {
		mem_free(a);
		return NULL;
	}
	return a;
}

static void
forget_idle(struct answers *q, struct asker *a)
{
	if (a->n > 0)
		return;
	ring_out(&a->turn);
	table_del(&q->askers, &a->node);
	mem_free(a);
}

static struct said *
pop(struct answers *q, struct asker *a)
{
	struct said *s = a->head;

	a->head = s->next;
	if (a->head == NULL)
		a->tail = &a->head;
	a->n--;
	q->n--;
	a->bytes -= s->bytes;
	q->bytes -= s->bytes;
	/* Behind the others, or out of their turns. */
	ring_add(&q->turns, &a->turn);
	forget_idle(q, a);
	return s;
}

/* Of those who have as many, who has more bytes of them. */
static struct asker *
greediest(const struct answers *q)
{
	struct asker *most = NULL, *a;
	struct ring *r;

	for (r = ring_first(&q->turns); r != NULL; r = ring_next(&q->turns, r)) {
		a = TABLE_OF(r, struct asker, turn);
		if (most == NULL || a->n > most->n || (a->n == most->n && a->bytes > most->bytes))
			most = a;
	}
	return most;
}

static bool
is_full(const struct answers *q)
{
	return q->n >= ANSWERS_MAX || q->bytes >= ANSWERS_BYTES_MAX;
}

/* Room for one more of A's; false: nobody would have more than he has then. */
static bool
make_room(struct env *env, struct answers *q, const struct asker *a)
{
	struct asker *most;

	while (is_full(q)) {
		env->stats.unanswered++;
		most = greediest(q);
		if (most->n <= a->n + 1)
			return false;
		said_free(pop(q, most));
	}
	return true;
}

struct said *
answers_say(struct env *env, enum action_kind kind, const char *to)
{
	char work[JID_PART_MAX + 1];
	bool at_home;
	const char *key = answers_asker(env, to, work, &at_home);
	struct answers *q = &env->answers[!at_home];
	struct said *s = mem_alloc(sizeof(*s));
	struct asker *a = s != NULL ? asker_of(q, key) : NULL;

	if (a == NULL) {
		env->oom = true;
		mem_free(s);
		return NULL;
	}
	if (!make_room(env, q, a)) {
		mem_free(s);
		forget_idle(q, a);
		return NULL;
	}
	s->act.kind = kind;
	s->asker = a;
	s->answers = q;
	*a->tail = s;
	a->tail = &s->next;
	a->n++;
	q->n++;
	if (!ring_in(&a->turn))
		ring_add(&q->turns, &a->turn);
	return s;
}

void
answers_grow(struct said *s, size_t size)
{
	s->bytes += size;
	s->asker->bytes += size;
	s->answers->bytes += size;
}

struct said *
answers_take(struct env *env)
{
	struct answers *q = &env->answers[env->answers_turn];
	struct said *s;

	if (q->n == 0)
		q = &env->answers[!env->answers_turn];
	if (q->n == 0)
		return NULL;
	env->answers_turn = q == &env->answers[0];
	s = pop(q, TABLE_OF(ring_first(&q->turns), struct asker, turn));
	env->answers_owe = 1 + s->bytes / TURN_BYTES;
	return s;
}

bool
answers_first(const struct env *env)
{
	return env->answers_owe == 0 && answers_wait(env) > 0;
}

void
answers_let_go(struct env *env)
{
	if (env->answers_owe > 0)
		env->answers_owe--;
}

size_t
answers_wait(const struct env *env)
{
	return env->answers[0].n + env->answers[1].n;
}
