#include "watch_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "watch/item.h"

#define ATTRS_MAX 8

struct node {
	char *name; /* NULL: text */
	char *ns;
	char *text;
	char *attr[ATTRS_MAX], *value[ATTRS_MAX];
	size_t nattrs;
	struct node *first, *last, *next;
};

const char alices_devices[] =
    "<devices " PAYLOAD_NS " updated='2026-11-22T23:09:00Z' expires='2026-11-23T23:09:00Z'>"
    "<device id='m2x0' kind='mobile' since='2026-11-22T21:40:02Z'><label>Mobile</label></device>"
    "<device id='k3v9' kind='fixed' preferred='true' since='2026-11-22T23:05:10Z'>"
    "<label xml:lang='en'>Desk phone</label><resource id='r1'><show>dnd</show>"
    "<status xml:lang='en'>On the phone</status>"
    "<idle xmlns='urn:xmpp:idle:1' since='2026-11-22T23:01:00Z'/></resource></device>"
    "<device id='q8d1' kind='computer' stale='true' since='2026-11-22T20:00:00Z'>"
    "<label>Laptop</label><resource id='r4'/></device></devices>";

static char *
copy(const char *s, size_t len)
{
	char *p = malloc(len + 1);

	assert_non_null(p);
	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

static void
read_attributes(const char **at, struct node *n)
{
	const char *name, *value;
	size_t namelen, len;

	while (**at == ' ') {
		name = *at += 1;
		namelen = strcspn(name, "=");
		value = name + namelen + 2;
		len = strcspn(value, "'");
		*at = value + len + 1;
		if (memchr(name, ':', namelen) != NULL) {
			namelen -= strcspn(name, ":") + 1;
			name = strchr(name, ':') + 1;
		} else if (namelen == 5 && strncmp(name, "xmlns", 5) == 0) {
			free(n->ns);
			n->ns = copy(value, len);
			continue;
		}
		assert_true(n->nattrs < ATTRS_MAX);
		n->attr[n->nattrs] = copy(name, namelen);
		n->value[n->nattrs++] = copy(value, len);
	}
}

static void
append(struct node *parent, struct node *child)
{
	if (parent->last != NULL)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
}

static struct node *
read_text(const char **at)
{
	struct node *n = calloc(1, sizeof(*n));
	size_t len = 0;

	assert_non_null(n);
	n->text = copy(*at, strcspn(*at, "<"));
	for (; **at != '<'; *at += 1) {
		if (strncmp(*at, "&lt;", 4) == 0) {
			n->text[len++] = '<';
			*at += 3;
		} else {
			n->text[len++] = **at;
		}
	}
	n->text[len] = '\0';
	return n;
}

static struct node *
read_element(const char **at, const char *ns)
{
	struct node *n = calloc(1, sizeof(*n));
	size_t len;

	assert_non_null(n);
	assert_int_equal(**at, '<');
	*at += 1;
	len = strcspn(*at, " />");
	n->name = copy(*at, len);
	n->ns = copy(ns, strlen(ns));
	*at += len;
	read_attributes(at, n);
	if (**at == '/') {
		*at += 2;
		return n;
	}
	*at += 1;
	while (strncmp(*at, "</", 2) != 0)
		append(n, **at == '<' ? read_element(at, n->ns) : read_text(at));
	*at = strchr(*at, '>') + 1;
	return n;
}

void *
stanza_of(const char *xml)
{
	return read_element(&xml, "jabber:client");
}

void
stanza_free(void *el)
{
	struct node *n = el, *c, *next;
	size_t i;

	if (n == NULL)
		return;
	for (c = n->first; c != NULL; c = next) {
		next = c->next;
		stanza_free(c);
	}
	for (i = 0; i < n->nattrs; i++) {
		free(n->attr[i]);
		free(n->value[i]);
	}
	free(n->name);
	free(n->ns);
	free(n->text);
	free(n);
}

static const char *
name(void *el)
{
	return ((struct node *)el)->name;
}

static const char *namespace(void *el)
{
	return ((struct node *)el)->ns;
}

/* The last of that name, as libstrophe has it. */
static const char *
attr(void *el, const char *wanted)
{
	struct node *n = el;
	size_t i;

	for (i = n->nattrs; i > 0; i--)
		if (strcmp(n->attr[i - 1], wanted) == 0)
			return n->value[i - 1];
	return NULL;
}

static const char *
text(void *el)
{
	return ((struct node *)el)->text;
}

static void *
first(void *el)
{
	return ((struct node *)el)->first;
}

static void *
next(void *el)
{
	return ((struct node *)el)->next;
}

const struct tree stanza_tree = {
	.name = name,
	.ns = namespace,
	.attr = attr,
	.text = text,
	.first = first,
	.next = next,
};

void *
answer_of(const char *from, const char *id, const char *node, const char *payload)
{
	struct buf b = {0};
	void *el;

	buf_printf(&b, "<iq type='result' from='%s' id='%s'>", from, id);
	buf_printf(&b, "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='%s'>", node);
	buf_printf(&b, "<item id='current'>%s</item></items></pubsub></iq>", payload);
	assert_false(b.failed);
	el = stanza_of(b.data);
	buf_clear(&b);
	return el;
}

struct board_set *
set_of(const char *payload)
{
	void *iq = answer_of("a@b", "i", BOARD_NODE, payload);
	struct board_set *set;

	assert_int_equal(item_parse(&stanza_tree, iq, BOARD_NODE, NULL, &set), 0);
	assert_non_null(set);
	stanza_free(iq);
	return set;
}

struct board_contact *
contact_with(struct board *b, const char *address, const char *label, const char *payload)
{
	struct board_contact *c;

	assert_int_equal(board_roster_item(b, address, label, false), 0);
	c = board_find(b, address);
	assert_non_null(c);
	board_answer(b, c, SOURCE_CONTACTS, payload != NULL ? set_of(payload) : NULL, NULL);
	return c;
}
