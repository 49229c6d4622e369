#define _GNU_SOURCE
#include "martlet_threads.h"

#include <pthread.h>
#include <string.h>

void martlet_set_thread_name(const char *name) {
#if defined(__APPLE__)
  pthread_setname_np(name);
#else
  char start[16] = {0};  // Linux takes 15 bytes and a zero
  strncpy(start, name, sizeof start - 1);
  pthread_setname_np(pthread_self(), start);
#endif
}
