#define _GNU_SOURCE
#include <limits.h>
#if defined(__GLIBC__)  // other libraries have other symbols
#include "shim.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char root[PATH_MAX];
static size_t root_size;

// The paths below the root of open files, by descriptor.
#define DESCRIPTORS 65536
static char *open_paths[DESCRIPTORS];
static int highest;  // one more than the highest descriptor that was ever in use
static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;

void faults_set_root(const char *path) {
  root_size = strlen(path);
  while (root_size > 1 && path[root_size - 1] == '/') root_size -= 1;
  if (root_size >= sizeof root) root_size = 0;
  memcpy(root, path, root_size);
}

bool faults_has_root(void) { return root_size > 0; }

// Resolves "//", "/./" and "/x/../" in an absolute path.
static void normalise(char *path) {
  char *end = path;
  const char *from = path;
  while (*from) {
    while (*from == '/') from += 1;
    size_t size = strcspn(from, "/");
    if (size == 0) break;
    if (size == 2 && from[0] == '.' && from[1] == '.') {
      while (end > path && *--end != '/') {}
    } else if (!(size == 1 && from[0] == '.')) {
      *end++ = '/';
      memmove(end, from, size);
      end += size;
    }
    from += size;
  }
  if (end == path) *end++ = '/';
  *end = 0;
}

void faults_resolve(int folder, const char *path, faults_path *out) {
  out->below = false;
  out->text[0] = 0;
  if (!path || root_size == 0) return;
  char whole[2 * PATH_MAX] = "";
  if (path[0] != '/') {
    char base[PATH_MAX];
    if (folder == AT_FDCWD) {
      if (!getcwd(base, sizeof base)) return;
    } else {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
      ssize_t size = readlink(link, base, sizeof base - 1);
      if (size < 0) return;
      base[size] = 0;
    }
    strcpy(whole, base);
  }
  size_t size = strlen(whole);
  if (size + 1 + strlen(path) >= sizeof whole) return;
  whole[size] = '/';
  strcpy(whole + size + 1, path);
  normalise(whole);
  if (strncmp(whole, root, root_size) != 0) return;
  const char *rest = whole + root_size;
  if (*rest == 0) {
    strcpy(out->text, ".");
  } else if (*rest == '/' && strlen(rest) < sizeof out->text) {
    strcpy(out->text, rest + 1);
  } else {
    return;
  }
  out->below = true;
}

bool faults_path_of(int fd, faults_path *out) {
  out->below = false;
  out->text[0] = 0;
  if (fd < 0 || fd >= DESCRIPTORS || root_size == 0) return false;
  if (!__atomic_load_n(&open_paths[fd], __ATOMIC_RELAXED)) return false;
  pthread_mutex_lock(&open_lock);
  if (open_paths[fd]) {
    strcpy(out->text, open_paths[fd]);
    out->below = true;
  }
  pthread_mutex_unlock(&open_lock);
  return out->below;
}

static void put(int fd, char *path) {
  pthread_mutex_lock(&open_lock);
  free(open_paths[fd]);
  if (fd >= highest) highest = fd + 1;
  __atomic_store_n(&open_paths[fd], path, __ATOMIC_RELAXED);
  pthread_mutex_unlock(&open_lock);
}

void faults_opened(int fd, const faults_path *path) {
  if (fd >= 0 && fd < DESCRIPTORS && (path->below || open_paths[fd])) put(fd, path->below ? strdup(path->text) : NULL);
}

void faults_duplicated(int from, int to) {
  faults_path path;
  faults_path_of(from, &path);
  faults_opened(to, &path);
}

// The path that results when `from`, or a folder that contains it, is renamed to `to`. NULL: unchanged.
static char *renamed(const char *path, const char *from, const char *to) {
  size_t size = strlen(from);
  if (strncmp(path, from, size) != 0 || (path[size] != 0 && path[size] != '/')) return NULL;
  char *result = malloc(strlen(to) + strlen(path + size) + 1);
  if (result) strcpy(stpcpy(result, to), path + size);
  return result;
}

void faults_renamed(const faults_path *from, const faults_path *to, bool exchange) {
  if (!from->below || !to->below) return;
  pthread_mutex_lock(&open_lock);
  for (int fd = 0; fd < highest; fd += 1) {
    if (!open_paths[fd]) continue;
    char *path = renamed(open_paths[fd], from->text, to->text);
    if (!path && exchange) path = renamed(open_paths[fd], to->text, from->text);
    if (!path) continue;
    free(open_paths[fd]);
    open_paths[fd] = path;
  }
  pthread_mutex_unlock(&open_lock);
}

void faults_closed(int fd) {
  if (fd >= 0 && fd < DESCRIPTORS && open_paths[fd]) put(fd, NULL);
}
#endif
