// The declarations that the files of the library share. Nothing here allocates memory in a signal handler or calls back
// into the functions that the library replaces, except through REAL.
#ifndef MARTLET_FAULTS_SHIM_H
#define MARTLET_FAULTS_SHIM_H

#include "martlet_faults.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define EXPORTED __attribute__((visibility("default")))

// The C library's own function of this name.
#define REAL(name)                                         \
  (__extension__({                                         \
    static __typeof__(&name) real_##name;                  \
    if (!real_##name) *(void **)&real_##name = faults_real(#name); \
    real_##name;                                           \
  }))

void *faults_real(const char *name);

// MARK: paths.c

// The place of a call's path: "." for the root itself, otherwise relative to it.
typedef struct {
  char text[PATH_MAX];
  bool below;  // true if it is the root or below it
} faults_path;

void faults_set_root(const char *root);
bool faults_has_root(void);
void faults_resolve(int folder, const char *path, faults_path *out);
bool faults_path_of(int fd, faults_path *out);
void faults_opened(int fd, const faults_path *path);
void faults_duplicated(int from, int to);
void faults_closed(int fd);
// Open files below a path get the new one.
void faults_renamed(const faults_path *from, const faults_path *to, bool exchange);

// MARK: rules.c

typedef struct {
  int error;         // the errno with which the call fails, or 0
  size_t limit;      // bytes that a write may write
  bool kill_before;
  bool kill_after;
  unsigned delay;    // milliseconds
} faults_verdict;

void faults_parse_plan(const char *plan);
bool faults_has_plan(void);
// number is 0 for calls that are not numbered. With `delays`, only delays are considered, otherwise everything else.
faults_verdict faults_judge(unsigned number, int kind, const char *path, const char *second, bool delays);

// MARK: calls.c

typedef struct {
  int kind;
  unsigned flags;
  faults_path path, second;
  uint64_t inode;
  int64_t offset;
  const void *data;  // what is written, if one piece
  unsigned number;
  faults_verdict verdict;
} faults_call;

void faults_open_trace(const char *path);
// Numbers a call and blocks all others until faults_end. False: the call must not be made.
bool faults_begin(faults_call *call);
// Records the call with its result, -1 for failure with errno, and returns it.
long faults_end(faults_call *call, long result);
// For calls that are not numbered: false, with errno, if the call must fail.
bool faults_allows(int kind, const faults_path *path);

#endif
