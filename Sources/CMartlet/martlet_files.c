#define _GNU_SOURCE
#include "martlet_files.h"

#include <errno.h>
#include <stdio.h>

#if defined(__APPLE__)
int martlet_rename_exclusively(const char *from, const char *to) { return renamex_np(from, to, RENAME_EXCL); }
int martlet_rename_exchange(const char *a, const char *b) { return renamex_np(a, b, RENAME_SWAP); }
#elif defined(__linux__)
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

// The system call itself: Musl lacks the function. The flags are those of linux/fs.h.
static int rename_with(const char *from, const char *to, unsigned flags) {
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

int martlet_rename_exclusively(const char *from, const char *to) { return rename_with(from, to, 1); }
int martlet_rename_exchange(const char *a, const char *b) { return rename_with(a, b, 2); }
#else
int martlet_rename_exclusively(const char *from, const char *to) { (void)from, (void)to, errno = ENOSYS; return -1; }
int martlet_rename_exchange(const char *a, const char *b) { (void)a, (void)b, errno = ENOSYS; return -1; }
#endif
