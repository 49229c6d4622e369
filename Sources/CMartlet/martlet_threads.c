#define _GNU_SOURCE
#include "martlet_threads.h"

#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>
#if defined(__linux__)
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#endif

int martlet_spawn_in_folder(void *actions, const char *folder) {
  return posix_spawn_file_actions_addchdir_np(actions, folder);
}

#if defined(__APPLE__)
uintptr_t martlet_stack_bottom(void) {
  pthread_t thread = pthread_self();
  return (uintptr_t)pthread_get_stackaddr_np(thread) - pthread_get_stacksize_np(thread);
}
#else
uintptr_t martlet_stack_bottom(void) {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  void *bottom = NULL;
  size_t size = 0;
  int error = pthread_attr_getstack(&attributes, &bottom, &size);
  pthread_attr_destroy(&attributes);
  return error == 0 ? (uintptr_t)bottom : 0;
}
#endif

#if defined(__APPLE__)
int martlet_pipe(int *ends) {
  if (pipe(ends) != 0) return -1;
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  return 0;
}
#else
int martlet_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }
#endif

#if defined(__APPLE__)
#include <crt_externs.h>
char **martlet_environment(void) { return *_NSGetEnviron(); }
#else
extern char **environ;
char **martlet_environment(void) { return environ; }
#endif

void martlet_set_thread_name(const char *name) {
#if defined(__APPLE__)
  pthread_setname_np(name);
#else
  char start[16] = {0};  // Linux permits 15 bytes and a zero
  strncpy(start, name, sizeof start - 1);
  pthread_setname_np(pthread_self(), start);
#endif
}

#if defined(__linux__)

int martlet_usable_processors(void) {
  // The machine may have more processors than a set of the usual size holds.
  for (int room = 1024; room <= 1 << 20; room *= 2) {
    cpu_set_t *set = CPU_ALLOC(room);
    if (!set) return 0;
    const size_t size = CPU_ALLOC_SIZE(room);
    // The affinity of the first thread, which no library has bound to a processor.
    const int result = sched_getaffinity(getpid(), size, set);
    const int is_too_small = result != 0 && errno == EINVAL;
    const int count = result == 0 ? CPU_COUNT_S(size, set) : 0;
    CPU_FREE(set);
    if (!is_too_small) return count;
  }
  return 0;
}

int martlet_timer_open(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC); }

void martlet_timer_close(int timer) {
  if (timer >= 0) close(timer);
}

static struct timespec time_of(int64_t nanoseconds) {
  return (struct timespec){.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
}

void martlet_timer_set(int timer, int64_t nanoseconds) {
  const struct itimerspec time = {.it_value = time_of(nanoseconds)};
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &time, NULL);
}

void martlet_timer_wait(int timer) {
  uint64_t ends;
  // Callers check again in any case.
  const ssize_t got = read(timer, &ends, sizeof ends);
  (void)got;
}

int martlet_wait_until(const uint32_t *flag, int64_t nanoseconds) {
  const struct timespec time = time_of(nanoseconds);
  while (__atomic_load_n(flag, __ATOMIC_ACQUIRE) == 0) {
    const long result = syscall(SYS_futex, flag, FUTEX_WAIT_BITSET_PRIVATE, 0, &time, NULL, FUTEX_BITSET_MATCH_ANY);
    if (result < 0 && errno == ETIMEDOUT) return 1;
  }
  return 0;
}

void martlet_end_waits(uint32_t *flag) {
  __atomic_store_n(flag, 1, __ATOMIC_RELEASE);
  syscall(SYS_futex, flag, FUTEX_WAKE_PRIVATE, INT_MAX);
}

#else

int martlet_usable_processors(void) { return 0; }
int martlet_timer_open(void) { return -1; }
void martlet_timer_close(int timer) { (void)timer; }
void martlet_timer_set(int timer, int64_t nanoseconds) { (void)timer, (void)nanoseconds; }
void martlet_timer_wait(int timer) { (void)timer; }

#endif
