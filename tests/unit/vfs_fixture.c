#include "vfs_fixture.h"

#include <string.h>

#include <sqlite3.h>

struct file {
	sqlite3_file base;
	const char *path; /* of SQLite; NULL: a temporary one */
	sqlite3_file *real;
};

static sqlite3_vfs *sys;
static sqlite3_vfs shim;
static sqlite3_mem_methods memory;
static void (*observer)(enum vfs_op op, const char *path, int64_t off, const void *data, size_t len);

static struct {
	bool on, lasting, reached;
	enum vfs_op op;
	unsigned long left;
	int code;
} plan;

/* What OP is to fail with; SQLITE_OK: it doesn't. */
static int
fails(enum vfs_op op)
{
	if (!plan.on || op != plan.op || (plan.reached && !plan.lasting))
		return SQLITE_OK;
	if (plan.left > 1) {
		plan.left--;
		return SQLITE_OK;
	}
	plan.reached = true;
	return plan.code;
}

static void
tell(enum vfs_op op, const char *path, int64_t off, const void *data, size_t len)
{
	if (observer != NULL && path != NULL)
		observer(op, path, off, data, len);
}

static struct file *
of(sqlite3_file *f)
{
	return (struct file *)f;
}

static sqlite3_file *
real(sqlite3_file *f)
{
	return of(f)->real;
}

static int
file_close(sqlite3_file *f)
{
	return real(f)->pMethods != NULL ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK;
}

static int
file_read(sqlite3_file *f, void *buf, int len, sqlite3_int64 off)
{
	int code = fails(VFS_READ);

	if (code == SQLITE_OK)
		return real(f)->pMethods->xRead(real(f), buf, len, off);
	memset(buf, 0, (size_t)len);
	return code;
}

static int
file_write(sqlite3_file *f, const void *buf, int len, sqlite3_int64 off)
{
	int code = fails(VFS_WRITE);

	if (code != SQLITE_OK) {
		/* Half of it was written before the disk was full. */
		(void)real(f)->pMethods->xWrite(real(f), buf, len / 2, off);
		tell(VFS_WRITE, of(f)->path, off, buf, (size_t)len / 2);
		return code;
	}
	code = real(f)->pMethods->xWrite(real(f), buf, len, off);
	if (code == SQLITE_OK)
		tell(VFS_WRITE, of(f)->path, off, buf, (size_t)len);
	return code;
}

static int
file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int code = fails(VFS_TRUNCATE);

	if (code == SQLITE_OK)
		code = real(f)->pMethods->xTruncate(real(f), size);
	if (code == SQLITE_OK)
		tell(VFS_TRUNCATE, of(f)->path, size, NULL, 0);
	return code;
}

static int
file_sync(sqlite3_file *f, int flags)
{
	int code = fails(VFS_SYNC);

	(void)flags;
	if (code == SQLITE_OK)
		tell(VFS_SYNC, of(f)->path, 0, NULL, 0);
	return code;
}

static int
file_size(sqlite3_file *f, sqlite3_int64 *size)
{
	int code = fails(VFS_SIZE);

	return code != SQLITE_OK ? code : real(f)->pMethods->xFileSize(real(f), size);
}

static int
file_lock(sqlite3_file *f, int level)
{
	int code = fails(VFS_LOCK);

	return code != SQLITE_OK ? code : real(f)->pMethods->xLock(real(f), level);
}

static int
file_unlock(sqlite3_file *f, int level)
{
	int code = fails(VFS_UNLOCK), done = real(f)->pMethods->xUnlock(real(f), level);

	return code != SQLITE_OK ? code : done;
}

static int
file_check_lock(sqlite3_file *f, int *out)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

static int
file_control(sqlite3_file *f, int op, void *arg)
{
	return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int
file_sector_size(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}

/* Nothing is promised: neither atomic writes nor that a write leaves its neighbours alone. */
static int
file_characteristics(sqlite3_file *f)
{
	(void)f;
	return 0;
}

static int
file_shm_map(sqlite3_file *f, int region, int size, int extend, void volatile **out)
{
	int code = fails(VFS_SHM_MAP);

	if (code == SQLITE_OK)
		return real(f)->pMethods->xShmMap(real(f), region, size, extend, out);
	*out = NULL;
	return code;
}

static int
file_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	/* To let go of a lock does not fail. */
	int code = flags & SQLITE_SHM_UNLOCK ? SQLITE_OK : fails(VFS_SHM_LOCK);

	return code != SQLITE_OK ? code : real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void
file_shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}

static int
file_shm_unmap(sqlite3_file *f, int remove)
{
	return real(f)->pMethods->xShmUnmap(real(f), remove);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
	.xShmMap = file_shm_map,
	.xShmLock = file_shm_lock,
	.xShmBarrier = file_shm_barrier,
	.xShmUnmap = file_shm_unmap,
};

static int
vfs_open(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags, int *out_flags)
{
	struct file *own = of(f);
	int code = fails(VFS_OPEN), exists = 1;

	(void)v;
	memset(own, 0, sizeof(*own));
	if (code != SQLITE_OK)
		return code;
	own->path = path;
	own->real = (sqlite3_file *)(own + 1);
	if (path != NULL)
		(void)sys->xAccess(sys, path, SQLITE_ACCESS_EXISTS, &exists);
	code = sys->xOpen(sys, path, own->real, flags, out_flags);
	if (code == SQLITE_OK && !exists)
		tell(VFS_OPEN, path, 0, NULL, 0);
	/* After a failure too: what was opened of it has to be closed. */
	if (own->real->pMethods != NULL)
		f->pMethods = &methods;
	return code;
}

static int
vfs_delete(sqlite3_vfs *v, const char *path, int sync)
{
	int code = fails(VFS_DELETE);

	(void)v;
	if (code == SQLITE_OK)
		code = sys->xDelete(sys, path, 0);
	if (code == SQLITE_OK)
		tell(VFS_DELETE, path, sync, NULL, 0);
	return code;
}

static int
vfs_access(sqlite3_vfs *v, const char *path, int flags, int *out)
{
	int code = fails(VFS_ACCESS);

	(void)v;
	return code != SQLITE_OK ? code : sys->xAccess(sys, path, flags, out);
}

static int
vfs_full_name(sqlite3_vfs *v, const char *path, int len, char *out)
{
	(void)v;
	return sys->xFullPathname(sys, path, len, out);
}

static int
vfs_sleep(sqlite3_vfs *v, int us)
{
	(void)v;
	return us;
}

static void *
alloc(int n)
{
	return fails(VFS_ALLOC) != SQLITE_OK ? NULL : memory.xMalloc(n);
}

static void *
re_alloc(void *p, int n)
{
	return fails(VFS_ALLOC) != SQLITE_OK ? NULL : memory.xRealloc(p, n);
}

void
vfs_install(void)
{
	sqlite3_mem_methods own;

	sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory);
	own = memory;
	own.xMalloc = alloc;
	own.xRealloc = re_alloc;
	sqlite3_config(SQLITE_CONFIG_MALLOC, &own);
	/* Otherwise what is small is not allocated but taken from a reserve. */
	sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
	sys = sqlite3_vfs_find(NULL);
	shim = *sys;
	shim.pNext = NULL;
	shim.zName = "failing";
	shim.szOsFile = (int)sizeof(struct file) + sys->szOsFile;
	shim.xOpen = vfs_open;
	shim.xDelete = vfs_delete;
	shim.xAccess = vfs_access;
	shim.xFullPathname = vfs_full_name;
	shim.xSleep = vfs_sleep;
	sqlite3_vfs_register(&shim, 1);
}

void
vfs_fail(enum vfs_op op, unsigned long n, int code, bool lasting)
{
	memset(&plan, 0, sizeof(plan));
	plan.on = true;
	plan.op = op;
	plan.left = n;
	plan.code = code;
	plan.lasting = lasting;
}

bool
vfs_heal(void)
{
	plan.on = false;
	return plan.reached;
}

void
vfs_observe(void (*fn)(enum vfs_op op, const char *path, int64_t off, const void *data, size_t len))
{
	observer = fn;
}

const char *
vfs_op_name(enum vfs_op op)
{
	static const char *const names[VFS_OPS] = { "open", "delete", "access", "read", "write", "truncate", "sync",
		"size", "lock", "unlock", "shm-map", "shm-lock", "alloc" };

	return names[op];
}
