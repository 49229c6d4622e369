#define _GNU_SOURCE
#include "martlet_files.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__APPLE__)
#include <sys/stat.h>

long long martlet_birth_time(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) return 0;
  return status.st_birthtimespec.tv_sec * 1000000000LL + status.st_birthtimespec.tv_nsec;
}

int martlet_rename_exclusively(const char *from, const char *to) { return renamex_np(from, to, RENAME_EXCL); }
int martlet_rename_exchange(const char *a, const char *b) { return renamex_np(a, b, RENAME_SWAP); }
int martlet_is_open_for_writing(int descriptor) { (void)descriptor; return -1; }
void martlet_write_out(int descriptor) { (void)descriptor; }
#elif defined(__linux__)
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

void martlet_write_out(int descriptor) {
#if defined(SYNC_FILE_RANGE_WRITE)
  const unsigned flags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  // What goes wrong here goes wrong for whoever needs the bytes.
  (void)sync_file_range(descriptor, 0, 0, flags);
#else
  (void)descriptor;
#endif
}

// The system call itself: Musl lacks the function. The flags are those of linux/fs.h.
static int rename_with(const char *from, const char *to, unsigned flags) {
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

// As the system lays it out, whatever headers there are: linux/stat.h.
struct file_facts {
  uint32_t mask, block_size;
  uint64_t attributes;
  uint32_t links, owner, group;
  uint16_t mode, unused;
  uint64_t number, size, blocks, known_attributes;
  struct {
    int64_t seconds;
    uint32_t nanoseconds;
    int32_t unused;
  } accessed, born, changed, modified;
  uint64_t rest[16];
};

long long martlet_birth_time(const char *path) {
#ifdef SYS_statx
  const unsigned wanted = 0x800;
  struct file_facts facts;
  if (syscall(SYS_statx, AT_FDCWD, path, 0, wanted, &facts) != 0 || !(facts.mask & wanted)) return 0;
  return facts.born.seconds * 1000000000LL + facts.born.nanoseconds;
#else
  (void)path;
  return 0;
#endif
}

int martlet_rename_exclusively(const char *from, const char *to) { return rename_with(from, to, 1); }
int martlet_rename_exchange(const char *a, const char *b) { return rename_with(a, b, 2); }

// The system leases a file for reading only while nobody has it open for writing. The lease is given back at once: whoever
// opens the file in between waits that long. The holder is sent a signal then: SIGIO, which would end the process, unless
// another is asked for; SIGURG is ignored unless somebody handles it.
int martlet_is_open_for_writing(int descriptor) {
  if (fcntl(descriptor, F_SETSIG, SIGURG) != 0) return -1;
  if (fcntl(descriptor, F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN ? 1 : -1;
  fcntl(descriptor, F_SETLEASE, F_UNLCK);
  return 0;
}
#else
void martlet_write_out(int descriptor) { (void)descriptor; }
long long martlet_birth_time(const char *path) { return (void)path, 0; }
int martlet_rename_exclusively(const char *from, const char *to) { (void)from, (void)to, errno = ENOSYS; return -1; }
int martlet_rename_exchange(const char *a, const char *b) { (void)a, (void)b, errno = ENOSYS; return -1; }
int martlet_is_open_for_writing(int descriptor) { (void)descriptor; return -1; }
#endif
