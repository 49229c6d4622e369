// The functions that change nothing. They are not numbered, but a plan can make them fail.
#define _GNU_SOURCE
#include <limits.h>
#if defined(__GLIBC__)  // other libraries have other symbols
#include "shim.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static bool allows_fd(int kind, int fd) {
  faults_path path;
  return !faults_path_of(fd, &path) || faults_allows(kind, &path);
}

static bool allows_path(int kind, int folder, const char *path) {
  if (!faults_has_plan()) return true;
  faults_path resolved;
  faults_resolve(folder, path, &resolved);
  return faults_allows(kind, &resolved);
}

EXPORTED ssize_t read(int fd, void *bytes, size_t size) {
  return allows_fd(MARTLET_FAULTS_READ, fd) ? REAL(read)(fd, bytes, size) : -1;
}
EXPORTED ssize_t pread(int fd, void *bytes, size_t size, off_t offset) {
  return allows_fd(MARTLET_FAULTS_READ, fd) ? REAL(pread)(fd, bytes, size, offset) : -1;
}
EXPORTED ssize_t pread64(int fd, void *bytes, size_t size, off64_t offset) { return pread(fd, bytes, size, offset); }
EXPORTED ssize_t readv(int fd, const struct iovec *parts, int count) {
  return allows_fd(MARTLET_FAULTS_READ, fd) ? REAL(readv)(fd, parts, count) : -1;
}

// A file is also closed when the plan makes its close fail, as in the kernel.
EXPORTED int close(int fd) {
  faults_path path;
  bool ours = faults_path_of(fd, &path);
  faults_closed(fd);
  int result = REAL(close)(fd);
  return ours && !faults_allows(MARTLET_FAULTS_CLOSE, &path) ? -1 : result;
}
EXPORTED int dup(int fd) {
  int copy = REAL(dup)(fd);
  faults_duplicated(fd, copy);
  return copy;
}
EXPORTED int dup2(int fd, int to) {
  int copy = REAL(dup2)(fd, to);
  if (copy != fd) faults_duplicated(fd, copy);
  return copy;
}
EXPORTED int dup3(int fd, int to, int flags) {
  int copy = REAL(dup3)(fd, to, flags);
  faults_duplicated(fd, copy);
  return copy;
}

EXPORTED DIR *opendir(const char *path) {
  faults_path resolved;
  faults_resolve(AT_FDCWD, path, &resolved);
  if (!faults_allows(MARTLET_FAULTS_LIST, &resolved)) return NULL;
  DIR *folder = REAL(opendir)(path);
  if (folder) faults_opened(dirfd(folder), &resolved);
  return folder;
}
EXPORTED int closedir(DIR *folder) {
  faults_closed(dirfd(folder));
  return REAL(closedir)(folder);
}
EXPORTED struct dirent *readdir(DIR *folder) {
  return allows_fd(MARTLET_FAULTS_ENTRY, dirfd(folder)) ? REAL(readdir)(folder) : NULL;
}
EXPORTED struct dirent64 *readdir64(DIR *folder) {
  return allows_fd(MARTLET_FAULTS_ENTRY, dirfd(folder)) ? REAL(readdir64)(folder) : NULL;
}

EXPORTED int access(const char *path, int mode) {
  return allows_path(MARTLET_FAULTS_STAT, AT_FDCWD, path) ? REAL(access)(path, mode) : -1;
}
EXPORTED int fstatat(int folder, const char *restrict path, struct stat *restrict status, int flags) {
  return allows_path(MARTLET_FAULTS_STAT, folder, path) ? REAL(fstatat)(folder, path, status, flags) : -1;
}
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 28)
EXPORTED int statx(
    int folder, const char *restrict path, int flags, unsigned wanted, struct statx *restrict status) {
  bool isAllowed =
      *path ? allows_path(MARTLET_FAULTS_STAT, folder, path) : allows_fd(MARTLET_FAULTS_STAT, folder);
  return isAllowed ? REAL(statx)(folder, path, flags, wanted, status) : -1;
}
#endif
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
// In older libraries, these were inline functions.
EXPORTED int stat(const char *restrict path, struct stat *restrict status) {
  return allows_path(MARTLET_FAULTS_STAT, AT_FDCWD, path) ? REAL(stat)(path, status) : -1;
}
EXPORTED int stat64(const char *restrict path, struct stat64 *restrict status) {
  return allows_path(MARTLET_FAULTS_STAT, AT_FDCWD, path) ? REAL(stat64)(path, status) : -1;
}
EXPORTED int lstat(const char *restrict path, struct stat *restrict status) {
  return allows_path(MARTLET_FAULTS_STAT, AT_FDCWD, path) ? REAL(lstat)(path, status) : -1;
}
EXPORTED int lstat64(const char *restrict path, struct stat64 *restrict status) {
  return allows_path(MARTLET_FAULTS_STAT, AT_FDCWD, path) ? REAL(lstat64)(path, status) : -1;
}
EXPORTED int fstat(int fd, struct stat *status) {
  return allows_fd(MARTLET_FAULTS_STAT, fd) ? REAL(fstat)(fd, status) : -1;
}
#endif
#endif
