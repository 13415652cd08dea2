#include "speak.h"

#include <string.h>

static unsigned
noise(struct speaker *s, unsigned n)
{
	return s->noise ? input_below(s->in, n) : 0;
}

static void
end_tag(struct speaker *s)
{
	static const char *const blanks[] = {"", "", "", " ", "\n\t", "\r\n"};

	if (!s->in_tag)
		return;
	s->in_tag = false;
	buf_puts(s->out, blanks[noise(s, 6)]);
	buf_putc(s->out, '>');
}

static void
escaped(struct speaker *s, const char *text)
{
	unsigned how = noise(s, 8);

	for (; *text != '\0'; text++) {
		if (strchr("<&>'\"\r\n\t", *text) != NULL || (how == 1 && (unsigned char)*text < 0x80))
			buf_printf(s->out, how == 2 ? "&#%u;" : "&#x%X;", (unsigned)(unsigned char)*text);
		else
			buf_putc(s->out, *text);
	}
}

void
speak_decoy(struct speaker *s, const char *name)
{
	end_tag(s);
	switch (noise(s, 8)) {
	case 1:
		buf_printf(s->out, "<x:%s xmlns:x='urn:x' type='result' id='x'/>", name);
		break;
	case 2:
		buf_printf(s->out, "<%s xmlns='urn:x' var='x'><value>x</value></%s>", name, name);
		break;
	case 3:
		buf_puts(s->out, "\n ");
		break;
	default:
		break;
	}
}

void
speak_open(struct speaker *s, const char *name, const char *ns)
{
	end_tag(s);
	CHECK(s->depth < SPEAK_DEPTH_MAX);
	s->names[s->depth++] = name;
	buf_printf(s->out, "<%s", name);
	if (ns != NULL)
		buf_printf(s->out, noise(s, 4) == 1 ? "\n xmlns=\"%s\"" : " xmlns='%s'", ns);
	s->in_tag = true;
}

void
speak_attr(struct speaker *s, const char *name, const char *value)
{
	unsigned how = noise(s, 8);
	char quote = how == 3 ? '"' : '\'';

	/* Each prefix has a declaration of its own: a declaration twice would be no XML. */
	if (how == 1)
		buf_printf(s->out, " xmlns:x%s='urn:x' x%s:%s='set'", name, name, name);
	if (value != NULL) {
		buf_printf(s->out, how == 4 ? "\t%s = %c" : " %s=%c", name, quote);
		escaped(s, value);
		buf_putc(s->out, quote);
	}
	if (how == 2)
		buf_printf(s->out, " xmlns:x%s='urn:x' x%s:%s='alice@home.test'", name, name, name);
}

void
speak_text(struct speaker *s, const char *text)
{
	end_tag(s);
	escaped(s, text);
}

void
speak_close(struct speaker *s)
{
	const char *name = s->names[--s->depth];

	if (s->in_tag && noise(s, 4) != 1) {
		s->in_tag = false;
		buf_puts(s->out, "/>");
		return;
	}
	end_tag(s);
	buf_printf(s->out, "</%s>", name);
}

void
speak_leaf(struct speaker *s, const char *name, const char *ns, const char *text)
{
	speak_open(s, name, ns);
	if (text != NULL)
		speak_text(s, text);
	speak_close(s);
}
