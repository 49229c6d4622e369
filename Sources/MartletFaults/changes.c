// The functions that change files.
#define _GNU_SOURCE
#include <limits.h>
#if defined(__GLIBC__)  // other libraries have other symbols
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static uint64_t inode_of(int folder, const char *path) {
  struct stat status;
  int error = errno;
  uint64_t inode = REAL(fstatat)(folder, path, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_ino : 0;
  errno = error;
  return inode;
}

// MARK: Opening

static int open_file(int folder, const char *path, int flags, mode_t mode) {
  faults_call call = {0};
  faults_resolve(folder, path, &call.path);
  int fd;
  if (call.path.below && flags & (O_CREAT | O_TRUNC) && (flags & O_TMPFILE) != O_TMPFILE) {
    call.kind = MARTLET_FAULTS_CREATE;
    if (!faults_begin(&call)) return (int)faults_end(&call, -1);
    uint64_t before = inode_of(folder, path);
    fd = REAL(openat)(folder, path, flags, mode);
    if (fd >= 0) {
      call.inode = inode_of(folder, path);
      if (!before) call.flags |= MARTLET_FAULTS_CREATED;
      else if (flags & O_TRUNC) call.flags |= MARTLET_FAULTS_TRUNCATED;
    }
    faults_opened(fd, &call.path);
    return (int)faults_end(&call, fd);
  }
  if (!faults_allows(MARTLET_FAULTS_OPEN, &call.path)) return -1;
  fd = REAL(openat)(folder, path, flags, mode);
  faults_opened(fd, &call.path);
  return fd;
}

// Only calls that create a file have the argument `mode`.
#define MODE(flags)                                                      \
  mode_t mode = 0;                                                       \
  if ((flags) & (O_CREAT | O_TMPFILE)) {                                 \
    va_list rest;                                                        \
    va_start(rest, flags);                                               \
    mode = (mode_t)va_arg(rest, int);                                    \
    va_end(rest);                                                        \
  }

EXPORTED int open(const char *path, int flags, ...) {
  MODE(flags)
  return open_file(AT_FDCWD, path, flags, mode);
}
EXPORTED int open64(const char *path, int flags, ...) {
  MODE(flags)
  return open_file(AT_FDCWD, path, flags, mode);
}
EXPORTED int openat(int folder, const char *path, int flags, ...) {
  MODE(flags)
  return open_file(folder, path, flags, mode);
}
EXPORTED int openat64(int folder, const char *path, int flags, ...) {
  MODE(flags)
  return open_file(folder, path, flags, mode);
}
EXPORTED int creat(const char *path, mode_t mode) {
  return open_file(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}
EXPORTED int creat64(const char *path, mode_t mode) { return creat(path, mode); }
// Fortified code calls these instead of open.
EXPORTED int __open_2(const char *path, int flags) { return open_file(AT_FDCWD, path, flags, 0); }
EXPORTED int __open64_2(const char *path, int flags) { return open_file(AT_FDCWD, path, flags, 0); }
EXPORTED int __openat_2(int folder, const char *path, int flags) { return open_file(folder, path, flags, 0); }
EXPORTED int __openat64_2(int folder, const char *path, int flags) { return open_file(folder, path, flags, 0); }

// MARK: Writing

// Fills in the file of a call on a descriptor; false if it is not below the root. The C library may have closed a
// descriptor without a call that we see, and the number may belong to a socket by now.
static bool is_ours(faults_call *call, int fd, bool folders) {
  struct stat status;
  if (!faults_path_of(fd, &call->path)) return false;
  int error = errno;
  bool is = REAL(fstat)(fd, &status) == 0 && (S_ISREG(status.st_mode) || (folders && S_ISDIR(status.st_mode)));
  errno = error;
  call->inode = status.st_ino;
  return is;
}

#define AT_POSITION (-1)

static ssize_t write_file(faults_call *call, int fd, const void *bytes, size_t size, off_t offset) {
  call->kind = MARTLET_FAULTS_WRITE;
  if (!faults_begin(call)) return faults_end(call, -1);
  int flags = fcntl(fd, F_GETFL);
  if (flags & (O_SYNC | O_DSYNC)) call->flags |= MARTLET_FAULTS_SYNCED;
  struct stat status;
  if (flags & O_APPEND && REAL(fstat)(fd, &status) == 0) call->offset = status.st_size;
  else call->offset = offset == AT_POSITION ? lseek(fd, 0, SEEK_CUR) : offset;
  call->data = bytes;
  if (size > call->verdict.limit) size = call->verdict.limit;
  ssize_t written = offset == AT_POSITION ? REAL(write)(fd, bytes, size) : REAL(pwrite)(fd, bytes, size, offset);
  return faults_end(call, written);
}

static ssize_t write_parts(faults_call *call, int fd, const struct iovec *parts, int count, off_t offset) {
  size_t size = 0;
  for (int i = 0; i < count; i += 1) size += parts[i].iov_len;
  char *bytes = malloc(size + 1), *end = bytes;
  if (!bytes) abort();
  for (int i = 0; i < count; i += 1) end = mempcpy(end, parts[i].iov_base, parts[i].iov_len);
  ssize_t written = write_file(call, fd, bytes, size, offset);
  free(bytes);
  return written;
}

EXPORTED ssize_t write(int fd, const void *bytes, size_t size) {
  faults_call call = {0};
  return is_ours(&call, fd, false) ? write_file(&call, fd, bytes, size, AT_POSITION) : REAL(write)(fd, bytes, size);
}
EXPORTED ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) {
  faults_call call = {0};
  return is_ours(&call, fd, false) ? write_file(&call, fd, bytes, size, offset) : REAL(pwrite)(fd, bytes, size, offset);
}
EXPORTED ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) { return pwrite(fd, bytes, size, offset); }
EXPORTED ssize_t writev(int fd, const struct iovec *parts, int count) {
  faults_call call = {0};
  return is_ours(&call, fd, false) ? write_parts(&call, fd, parts, count, AT_POSITION) : REAL(writev)(fd, parts, count);
}
EXPORTED ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  faults_call call = {0};
  return is_ours(&call, fd, false) ? write_parts(&call, fd, parts, count, offset) : REAL(pwritev)(fd, parts, count, offset);
}
EXPORTED ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  return pwritev(fd, parts, count, offset);
}

EXPORTED int ftruncate(int fd, off_t size) {
  faults_call call = {.kind = MARTLET_FAULTS_TRUNCATE, .offset = size};
  if (!is_ours(&call, fd, false)) return REAL(ftruncate)(fd, size);
  return (int)faults_end(&call, faults_begin(&call) ? REAL(ftruncate)(fd, size) : -1);
}
EXPORTED int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }
EXPORTED int truncate(const char *path, off_t size) {
  faults_call call = {.kind = MARTLET_FAULTS_TRUNCATE, .offset = size};
  faults_resolve(AT_FDCWD, path, &call.path);
  if (!call.path.below) return REAL(truncate)(path, size);
  call.inode = inode_of(AT_FDCWD, path);
  return (int)faults_end(&call, faults_begin(&call) ? REAL(truncate)(path, size) : -1);
}
EXPORTED int truncate64(const char *path, off64_t size) { return truncate(path, size); }

// MARK: Synchronizing

EXPORTED int fsync(int fd) {
  faults_call call = {.kind = MARTLET_FAULTS_SYNC};
  if (!is_ours(&call, fd, true)) return REAL(fsync)(fd);
  return (int)faults_end(&call, faults_begin(&call) ? REAL(fsync)(fd) : -1);
}
EXPORTED int fdatasync(int fd) {
  faults_call call = {.kind = MARTLET_FAULTS_SYNC};
  if (!is_ours(&call, fd, true)) return REAL(fdatasync)(fd);
  return (int)faults_end(&call, faults_begin(&call) ? REAL(fdatasync)(fd) : -1);
}

// MARK: Names

static int move(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
  faults_call call = {.kind = MARTLET_FAULTS_RENAME};
  faults_resolve(from_folder, from, &call.path);
  faults_resolve(to_folder, to, &call.second);
  // The system call itself: older C libraries lack renameat2.
  if (!call.path.below && !call.second.below) {
    return (int)REAL(syscall)(SYS_renameat2, from_folder, from, to_folder, to, flags);
  }
  call.inode = inode_of(from_folder, from);
  if (flags & RENAME_EXCHANGE) call.flags |= MARTLET_FAULTS_EXCHANGE;
  if (!faults_begin(&call)) return (int)faults_end(&call, -1);
  long result = REAL(syscall)(SYS_renameat2, from_folder, from, to_folder, to, flags);
  if (result == 0) faults_renamed(&call.path, &call.second, flags & RENAME_EXCHANGE);
  return (int)faults_end(&call, result);
}

EXPORTED int rename(const char *from, const char *to) { return move(AT_FDCWD, from, AT_FDCWD, to, 0); }
EXPORTED int renameat(int from_folder, const char *from, int to_folder, const char *to) {
  return move(from_folder, from, to_folder, to, 0);
}
EXPORTED int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
  return move(from_folder, from, to_folder, to, flags);
}

// Martlet renames with the system call itself. Other calls are passed on with the maximum number of arguments.
EXPORTED long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a[6];
  for (int i = 0; i < 6; i += 1) a[i] = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_renameat2) return move((int)a[0], (const char *)a[1], (int)a[2], (const char *)a[3], (unsigned)a[4]);
  return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

EXPORTED int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
  faults_call call = {.kind = MARTLET_FAULTS_LINK};
  faults_resolve(from_folder, from, &call.path);
  faults_resolve(to_folder, to, &call.second);
  if (!call.path.below && !call.second.below) return REAL(linkat)(from_folder, from, to_folder, to, flags);
  call.inode = inode_of(from_folder, from);
  return (int)faults_end(&call, faults_begin(&call) ? REAL(linkat)(from_folder, from, to_folder, to, flags) : -1);
}
EXPORTED int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

static int remove_name(int kind, int folder, const char *path, int flags) {
  faults_call call = {.kind = kind};
  faults_resolve(folder, path, &call.path);
  if (!call.path.below) return REAL(unlinkat)(folder, path, flags);
  call.inode = inode_of(folder, path);
  return (int)faults_end(&call, faults_begin(&call) ? REAL(unlinkat)(folder, path, flags) : -1);
}

EXPORTED int unlinkat(int folder, const char *path, int flags) {
  return remove_name(flags & AT_REMOVEDIR ? MARTLET_FAULTS_RMDIR : MARTLET_FAULTS_UNLINK, folder, path, flags);
}
EXPORTED int unlink(const char *path) { return remove_name(MARTLET_FAULTS_UNLINK, AT_FDCWD, path, 0); }
EXPORTED int rmdir(const char *path) { return remove_name(MARTLET_FAULTS_RMDIR, AT_FDCWD, path, AT_REMOVEDIR); }
EXPORTED int remove(const char *path) {
  int result = unlink(path);
  return result != 0 && (errno == EISDIR || errno == EPERM) ? rmdir(path) : result;
}

EXPORTED int mkdirat(int folder, const char *path, mode_t mode) {
  faults_call call = {.kind = MARTLET_FAULTS_MKDIR};
  faults_resolve(folder, path, &call.path);
  if (!call.path.below) return REAL(mkdirat)(folder, path, mode);
  if (!faults_begin(&call)) return (int)faults_end(&call, -1);
  int result = REAL(mkdirat)(folder, path, mode);
  if (result == 0) call.inode = inode_of(folder, path);
  return (int)faults_end(&call, result);
}
EXPORTED int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
#endif
