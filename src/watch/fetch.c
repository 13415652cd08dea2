#include "watch/fetch.h"

#include <string.h>
#include <strings.h>

const char *
fetch_node(enum board_source source)
{
	return source == SOURCE_PRIVATE ? BOARD_NODE_PRIVATE : BOARD_NODE;
}

void
fetch_ring(struct board_contact *c, const char *node)
{
	struct board_feed *f;

	if (strcmp(node, BOARD_NODE) == 0)
		f = &c->feed[SOURCE_CONTACTS];
	else if (c->self && strcmp(node, BOARD_NODE_PRIVATE) == 0)
		f = &c->feed[SOURCE_PRIVATE];
	else
		return;
	f->wanted = true;
	f->rung = true;
}

void
fetch_all(struct board *b, bool again)
{
	struct board_contact *c;
	size_t i;
	int s;

	for (i = 0; i < b->ncontacts; i++) {
		c = b->contacts[i];
		for (s = 0; s < SOURCE_COUNT; s++)
			if ((s != SOURCE_PRIVATE || c->self) && (again || !c->feed[s].answered))
				c->feed[s].wanted = true;
	}
}

static bool
next(struct board *b, int64_t now, bool rung, struct board_contact **c, enum board_source *source)
{
	struct board_feed *f;
	size_t i;
	int s;

	for (i = 0; i < b->ncontacts; i++) {
		for (s = 0; s < SOURCE_COUNT; s++) {
			f = &b->contacts[i]->feed[s];
			if (!f->wanted || f->rung != rung || f->id[0] != '\0' || f->not_before > now)
				continue;
			*c = b->contacts[i];
			*source = (enum board_source)s;
			return true;
		}
	}
	return false;
}

bool
fetch_next(struct board *b, int64_t now, struct board_contact **c, enum board_source *source)
{
	if (b->in_flight < FETCH_IN_FLIGHT_RUNG_MAX && next(b, now, true, c, source))
		return true;
	return b->in_flight < FETCH_IN_FLIGHT_MAX && next(b, now, false, c, source);
}

void
fetch_sent(struct board *b, struct board_contact *c, enum board_source source, const char id[FETCH_ID_LEN + 1],
    int64_t now, int64_t deadline)
{
	struct board_feed *f = &c->feed[source];

	f->wanted = false;
	f->rung = false;
	f->not_before = now + FETCH_GAP_MS;
	f->deadline = deadline;
	memcpy(f->id, id, FETCH_ID_LEN);
	f->id[FETCH_ID_LEN] = '\0';
	b->in_flight++;
}

static void
over(struct board *b, struct board_feed *f)
{
	f->id[0] = '\0';
	b->in_flight--;
}

bool
fetch_match(struct board *b, const char *id, const char *from, struct board_contact **c, enum board_source *source)
{
	struct board_contact *asked;
	size_t i;
	int s;

	if (strlen(id) != FETCH_ID_LEN)
		return false;
	for (i = 0; i < b->ncontacts; i++) {
		asked = b->contacts[i];
		for (s = 0; s < SOURCE_COUNT; s++) {
			if (strcmp(asked->feed[s].id, id) != 0)
				continue;
			if (from != NULL ? strcasecmp(from, asked->address) != 0 : !asked->self)
				return false;
			over(b, &asked->feed[s]);
			*c = asked;
			*source = (enum board_source)s;
			return true;
		}
	}
	return false;
}

bool
fetch_overdue(struct board *b, int64_t now, struct board_contact **c, enum board_source *source)
{
	struct board_feed *f;
	size_t i;
	int s;

	for (i = 0; i < b->ncontacts && b->in_flight > 0; i++) {
		for (s = 0; s < SOURCE_COUNT; s++) {
			f = &b->contacts[i]->feed[s];
			if (f->id[0] == '\0' || f->deadline > now)
				continue;
			over(b, f);
			*c = b->contacts[i];
			*source = (enum board_source)s;
			return true;
		}
	}
	return false;
}

int64_t
fetch_wait(const struct board *b, int64_t now)
{
	const struct board_feed *f;
	int64_t wait, least = -1;
	size_t i;
	int s;

	for (i = 0; i < b->ncontacts; i++) {
		for (s = 0; s < SOURCE_COUNT; s++) {
			f = &b->contacts[i]->feed[s];
			if (!f->wanted || !f->rung || f->id[0] != '\0')
				continue;
			wait = f->not_before > now ? f->not_before - now : 0;
			if (least < 0 || wait < least)
				least = wait;
		}
	}
	return least;
}

void
fetch_reset(struct board *b)
{
	size_t i;
	int s;

	for (i = 0; i < b->ncontacts; i++)
		for (s = 0; s < SOURCE_COUNT; s++)
			b->contacts[i]->feed[s].id[0] = '\0';
	b->in_flight = 0;
}

bool
fetch_idle(const struct board *b)
{
	size_t i;
	int s;

	if (b->in_flight > 0)
		return false;
	for (i = 0; i < b->ncontacts; i++)
		for (s = 0; s < SOURCE_COUNT; s++)
			if (b->contacts[i]->feed[s].wanted)
				return false;
	return true;
}
