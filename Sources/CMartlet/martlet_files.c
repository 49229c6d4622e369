#define _GNU_SOURCE
#include "martlet_files.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#if defined(__APPLE__)
int martlet_rename_exclusively(const char *from, const char *to) { return renamex_np(from, to, RENAME_EXCL); }
int martlet_rename_exchange(const char *a, const char *b) { return renamex_np(a, b, RENAME_SWAP); }
int martlet_is_open_for_writing(int descriptor) { (void)descriptor; return -1; }
void martlet_write_out(int descriptor) { (void)descriptor; }
#elif defined(__linux__)
#include <fcntl.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

void martlet_write_out(int descriptor) {
#if defined(SYNC_FILE_RANGE_WRITE)
  const unsigned flags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  // An error here also occurs for the code that needs the bytes.
  (void)sync_file_range(descriptor, 0, 0, flags);
#else
  (void)descriptor;
#endif
}

// The system call itself, because Musl lacks the function. The flags are those of linux/fs.h.
static int rename_with(const char *from, const char *to, unsigned flags) {
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

int martlet_rename_exclusively(const char *from, const char *to) { return rename_with(from, to, 1); }
int martlet_rename_exchange(const char *a, const char *b) { return rename_with(a, b, 2); }

// The system only leases a file for reading while no process has it open for writing. The lease is released at once: a
// process that opens the file in between waits that long. The holder then gets a signal: SIGIO, which would end the
// process, unless another is selected; SIGURG is ignored unless it is handled.
int martlet_is_open_for_writing(int descriptor) {
  if (fcntl(descriptor, F_SETSIG, SIGURG) != 0) return -1;
  if (fcntl(descriptor, F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN ? 1 : -1;
  fcntl(descriptor, F_SETLEASE, F_UNLCK);
  return 0;
}
#else
void martlet_write_out(int descriptor) { (void)descriptor; }
int martlet_rename_exclusively(const char *from, const char *to) { (void)from, (void)to, errno = ENOSYS; return -1; }
int martlet_rename_exchange(const char *a, const char *b) { (void)a, (void)b, errno = ENOSYS; return -1; }
int martlet_is_open_for_writing(int descriptor) { (void)descriptor; return -1; }
#endif

#if defined(__APPLE__)
#define SECONDS_OF(status, which) ((status).st_##which##timespec)
#else
#define SECONDS_OF(status, which) ((status).st_##which##tim)
#endif

static long long nanoseconds(struct timespec time) { return time.tv_sec * 1000000000LL + time.tv_nsec; }

static int look_up_plainly(const char *path, int descriptor, struct martlet_file_facts *facts) {
  struct stat status;
  if ((path ? stat(path, &status) : fstat(descriptor, &status)) != 0) return -1;
  *facts = (struct martlet_file_facts){
      .device = (unsigned long long)status.st_dev,
      .inode = (unsigned long long)status.st_ino,
      .size = (long long)status.st_size,
      .modified = nanoseconds(SECONDS_OF(status, m)),
      .changed = nanoseconds(SECONDS_OF(status, c)),
#if defined(__APPLE__)
      .born = nanoseconds(status.st_birthtimespec),
#endif
      .is_regular = S_ISREG(status.st_mode),
  };
  return 0;
}

#if defined(__linux__) && defined(STATX_BTIME)
static long long statx_nanoseconds(struct statx_timestamp time) { return time.tv_sec * 1000000000LL + time.tv_nsec; }

int martlet_look_up(const char *path, int descriptor, struct martlet_file_facts *facts) {
  struct statx status;
  int flags = path ? 0 : AT_EMPTY_PATH;
  if (statx(path ? AT_FDCWD : descriptor, path ? path : "", flags, STATX_BASIC_STATS | STATX_BTIME, &status) != 0)
    // The kernel or sandbox lacks the call.
    return errno == ENOSYS || errno == EPERM ? look_up_plainly(path, descriptor, facts) : -1;
  *facts = (struct martlet_file_facts){
      .device = (unsigned long long)status.stx_dev_major << 32 | status.stx_dev_minor,
      .inode = status.stx_ino,
      .size = (long long)status.stx_size,
      .modified = statx_nanoseconds(status.stx_mtime),
      .changed = statx_nanoseconds(status.stx_ctime),
      .born = status.stx_mask & STATX_BTIME ? statx_nanoseconds(status.stx_btime) : 0,
      .is_regular = S_ISREG(status.stx_mode),
  };
  return 0;
}
#else
int martlet_look_up(const char *path, int descriptor, struct martlet_file_facts *facts) {
  return look_up_plainly(path, descriptor, facts);
}
#endif

#if defined(__linux__)
int martlet_begin_watching(void) { return inotify_init1(IN_NONBLOCK | IN_CLOEXEC); }

int martlet_watch_folder(int descriptor, const char *path) {
  return inotify_add_watch(descriptor, path, IN_MOVED_TO | IN_CREATE | IN_ONLYDIR);
}

// The system assigns numbers in order, and only starts again after two billion.
void martlet_forget_folder(int descriptor, int folder) { (void)inotify_rm_watch(descriptor, folder); }

static enum martlet_arrival_kind arrival_kind(unsigned mask) {
  if (mask & IN_Q_OVERFLOW) return MARTLET_RECORDS_LOST;
  if (mask & IN_IGNORED) return MARTLET_WATCH_ENDED;
  if (mask & IN_MOVED_TO) return MARTLET_NAME_MOVED_IN;
  return mask & IN_CREATE ? MARTLET_NAME_MADE : MARTLET_NOTHING;
}

int martlet_read_arrival(const void *bytes, int count, struct martlet_arrival *arrival) {
  struct inotify_event event;
  if (count < (int)sizeof event) return 0;
  memcpy(&event, bytes, sizeof event);
  *arrival = (struct martlet_arrival){
      .kind = arrival_kind(event.mask),
      .folder = event.wd,
      .name = event.len ? (const char *)bytes + sizeof event : "",
  };
  return (int)(sizeof event + event.len);
}
#else
int martlet_begin_watching(void) { errno = ENOSYS; return -1; }
int martlet_watch_folder(int descriptor, const char *path) { (void)descriptor, (void)path, errno = ENOSYS; return -1; }
void martlet_forget_folder(int descriptor, int folder) { (void)descriptor, (void)folder; }
int martlet_read_arrival(const void *bytes, int count, struct martlet_arrival *arrival) {
  (void)bytes, (void)count, (void)arrival;
  return 0;
}
#endif
