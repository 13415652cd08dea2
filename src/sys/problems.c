#include "sys/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
problem_add(struct problems *p, int line, const char *fmt, ...)
{
	struct problem *list;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (p->n == p->cap) {
		list = mem_realloc(p->list, (p->cap + 16) * sizeof(*list));
		if (list == NULL) {
			p->nomem = true;
			return;
		}
		p->list = list;
		p->cap += 16;
	}
	p->list[p->n].line = line;
	p->list[p->n].text = mem_strdup(text);
	if (p->list[p->n].text == NULL)
		p->nomem = true;
	else
		p->n++;
}

static int
by_line(const void *a, const void *b)
{
	const struct problem *pa = a, *pb = b;

	return (pa->line > pb->line) - (pa->line < pb->line);
}

void
problems_sort(struct problems *p)
{
	if (p->n > 1)
		qsort(p->list, p->n, sizeof(*p->list), by_line);
}

void
problems_clear(struct problems *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		mem_free(p->list[i].text);
	mem_free(p->list);
	memset(p, 0, sizeof(*p));
}
