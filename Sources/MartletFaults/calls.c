#define _GNU_SOURCE
#include <limits.h>
#if defined(__GLIBC__)  // other libraries have other symbols
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned calls;
static int trace = -1;

void *faults_real(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (!function) abort();  // The C library has every function that is looked up here.
  return function;
}

__attribute__((constructor)) static void start(void) {
  const char *root = getenv("MARTLET_FAULTS_ROOT");
  if (!root || !*root) return;
  const char *trace_path = getenv("MARTLET_FAULTS_TRACE");
  if (trace_path) faults_open_trace(trace_path);
  const char *plan = getenv("MARTLET_FAULTS_PLAN");
  if (plan) faults_parse_plan(plan);
  faults_set_root(root);
}

void faults_open_trace(const char *path) {
  trace = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (trace < 0) {
    dprintf(STDERR_FILENO, "MARTLET_FAULTS_TRACE: cannot open '%s': %s.\n", path, strerror(errno));
    _exit(121);
  }
}

static void end_process(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static void record(const faults_call *call, int error, size_t data_size) {
  if (trace < 0) return;
  struct martlet_faults_record header = {
      .number = call->number,
      .kind = (uint8_t)call->kind,
      .flags = (uint8_t)call->flags,
      .path_size = (uint16_t)strlen(call->path.text),
      .second_path_size = (uint16_t)strlen(call->second.text),
      .error = error,
      .data_size = (uint32_t)data_size,
      .inode = call->inode,
      .offset = call->offset,
  };
  header.size = (uint32_t)(sizeof header + header.path_size + header.second_path_size + data_size);
  char *bytes = malloc(header.size);
  if (!bytes) abort();
  char *end = mempcpy(bytes, &header, sizeof header);
  end = mempcpy(end, call->path.text, header.path_size);
  end = mempcpy(end, call->second.text, header.second_path_size);
  if (data_size) memcpy(end, call->data, data_size);
  if (REAL(write)(trace, bytes, header.size) != (ssize_t)header.size) {
    dprintf(STDERR_FILENO, "MARTLET_FAULTS_TRACE: cannot write: %s.\n", strerror(errno));
    _exit(121);
  }
  free(bytes);
}

static void sleep_for(unsigned milliseconds) {
  struct timespec time = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
  while (nanosleep(&time, &time) != 0 && errno == EINTR) {}
}

bool faults_begin(faults_call *call) {
  pthread_mutex_lock(&lock);
  const char *path = call->path.text, *second = call->second.text;
  // A delayed call gets its number when it is made: the numbers keep the order of the calls.
  faults_verdict wait = faults_judge(calls + 1, call->kind, path, second, true);
  if (wait.delay) {
    pthread_mutex_unlock(&lock);
    sleep_for(wait.delay);
    pthread_mutex_lock(&lock);
  }
  call->number = ++calls;
  call->verdict = faults_judge(call->number, call->kind, path, second, false);
  if (call->verdict.kill_before) end_process();
  if (!call->verdict.error) return true;
  call->flags |= MARTLET_FAULTS_INJECTED;
  errno = call->verdict.error;
  return false;
}

long faults_end(faults_call *call, long result) {
  int error = errno;
  record(call, result < 0 ? error : 0, call->kind == MARTLET_FAULTS_WRITE && result > 0 ? (size_t)result : 0);
  if (call->verdict.kill_after) end_process();
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

bool faults_allows(int kind, const faults_path *path) {
  if (!path->below || !faults_has_plan()) return true;
  int error = errno;
  pthread_mutex_lock(&lock);
  faults_verdict wait = faults_judge(0, kind, path->text, "", true);
  faults_verdict verdict = faults_judge(0, kind, path->text, "", false);
  if (verdict.kill_before || verdict.kill_after) end_process();
  pthread_mutex_unlock(&lock);
  if (wait.delay) sleep_for(wait.delay);
  errno = verdict.error ? verdict.error : error;
  return verdict.error == 0;
}
#endif
