#include "core/tools/said.h"

#include "base/mem.h"

struct chunk {
	struct chunk *next;
};

void *
said_mem(struct said *s, size_t size)
{
	struct chunk *m = mem_alloc(sizeof(*m) + size);

	if (m == NULL) {
		s->broken = true;
		return NULL;
	}
	m->next = s->memory;
	s->memory = m;
	return m + 1;
}

void
said_free(struct said *s)
{
	struct chunk *m, *next;

	if (s == NULL)
		return;
	for (m = s->memory; m != NULL; m = next) {
		next = m->next;
		mem_free(m);
	}
	mem_free(s);
}
