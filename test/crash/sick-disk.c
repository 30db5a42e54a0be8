/*
 * A disk that fails: preloaded into a process, it counts the file operations below one folder and lets some of them fail.
 * SICK_DISK_DIR: the folder. SICK_DISK_ENDING: of its files only those whose names end so. SICK_DISK_PLAN:
 * "first,count,errno": operations `first` to `first + count - 1` fail. A write that fails with ENOSPC has written its
 * first half; a flush or fsync that fails may have reached the disk. With errno 0 the process dies instead, and links, folders
 * that are made and folders that are removed count too.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#undef fwrite_unlocked
#undef fflush_unlocked
#define MAX_FD 4096
static atomic_long operations;
static char watched[MAX_FD];
static long first = -1, count = 0;
static int fault = EIO;
static const char *folder, *ending;

__attribute__((constructor)) static void begin(void) {
  const char *plan = getenv("SICK_DISK_PLAN");
  folder = getenv("SICK_DISK_DIR");
  ending = getenv("SICK_DISK_ENDING");
  if (plan != NULL) sscanf(plan, "%ld,%ld,%d", &first, &count, &fault);
}

static int is_below(const char *path) {
  const char *end = path != NULL && ending != NULL ? strstr(path, ending) : NULL;
  if (ending != NULL && (end == NULL || end[strlen(ending)] != 0)) return 0;
  return folder != NULL && path != NULL && strncmp(path, folder, strlen(folder)) == 0;
}
static int is_watched(int fd) { return fd >= 0 && fd < MAX_FD && watched[fd]; }
static void watch(int fd, const char *path) {
  if (fd >= 0 && fd < MAX_FD) watched[fd] = is_below(path);
}
static int fails(void) {
  long number = atomic_fetch_add(&operations, 1);
  int now = first >= 0 && number >= first && number < first + count;
  if (now && fault == 0) kill(getpid(), SIGKILL);
  return now;
}
static void dies(const char *path) {
  if (fault == 0 && is_below(path)) fails();
}
static int refuse(void) {
  errno = fault;
  return -1;
}
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPEN(name)                                                     \
  int name(const char *path, int flags, ...) {                         \
    int mode = 0;                                                      \
    if (flags & (O_CREAT | __O_TMPFILE)) {                             \
      va_list rest;                                                    \
      va_start(rest, flags);                                           \
      mode = va_arg(rest, int);                                        \
      va_end(rest);                                                    \
    }                                                                  \
    if (is_below(path) && fails()) return refuse();                    \
    int fd = REAL(name)(path, flags, mode);                            \
    watch(fd, path);                                                   \
    return fd;                                                         \
  }
OPEN(open)
OPEN(open64)

FILE *fopen64(const char *path, const char *mode) {
  if (is_below(path) && fails()) {
    errno = fault;
    return NULL;
  }
  FILE *file = REAL(fopen64)(path, mode);
  if (file != NULL) watch(fileno(file), path);
  return file;
}
FILE *fopen(const char *path, const char *mode) { return fopen64(path, mode); }

int close(int fd) {
  if (fd >= 0 && fd < MAX_FD) watched[fd] = 0;
  return REAL(close)(fd);
}

ssize_t write(int fd, const void *bytes, size_t size) {
  if (!is_watched(fd) || !fails()) return REAL(write)(fd, bytes, size);
  if (fault == ENOSPC && size > 1) REAL(write)(fd, bytes, size / 2);
  return refuse();
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
  if (!is_watched(fd) || !fails()) return REAL(pwrite64)(fd, bytes, size, at);
  return refuse();
}
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) { return pwrite64(fd, bytes, size, at); }
ssize_t writev(int fd, const struct iovec *parts, int number) {
  return is_watched(fd) && fails() ? refuse() : REAL(writev)(fd, parts, number);
}

static size_t stream(const void *bytes, size_t size, size_t number, FILE *file,
                     size_t (*real)(const void *, size_t, size_t, FILE *)) {
  if (!is_watched(fileno(file)) || !fails()) return real(bytes, size, number, file);
  size_t half = fault == ENOSPC && size == 1 ? real(bytes, size, number / 2, file) : 0;
  errno = fault;
  return half;
}
size_t fwrite(const void *bytes, size_t size, size_t number, FILE *file) {
  return stream(bytes, size, number, file, REAL(fwrite));
}
size_t fwrite_unlocked(const void *bytes, size_t size, size_t number, FILE *file) {
  return stream(bytes, size, number, file, REAL(fwrite_unlocked));
}
int fflush(FILE *file) {
  return file != NULL && is_watched(fileno(file)) && fails() ? refuse() : REAL(fflush)(file);
}
int fflush_unlocked(FILE *file) {
  return file != NULL && is_watched(fileno(file)) && fails() ? refuse() : REAL(fflush_unlocked)(file);
}
int fsync(int fd) { return is_watched(fd) && fails() ? refuse() : REAL(fsync)(fd); }
int fdatasync(int fd) { return is_watched(fd) && fails() ? refuse() : REAL(fdatasync)(fd); }
int rename(const char *from, const char *to) {
  return is_below(to) && fails() ? refuse() : REAL(rename)(from, to);
}
int unlink(const char *path) { return is_below(path) && fails() ? refuse() : REAL(unlink)(path); }
int link(const char *from, const char *to) {
  dies(to);
  return REAL(link)(from, to);
}
int mkdir(const char *path, mode_t mode) {
  dies(path);
  return REAL(mkdir)(path, mode);
}
int rmdir(const char *path) {
  dies(path);
  return REAL(rmdir)(path);
}
