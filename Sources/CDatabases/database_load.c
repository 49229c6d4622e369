#define _GNU_SOURCE
#include "CDatabases.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

struct pq_functions martlet_pq_functions;
struct my_functions martlet_my_functions;
struct lite_functions martlet_lite_functions;

static void *open_library(const char *path, char *text, size_t capacity) {
  text[0] = 0;
  void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  if (!library) {
    const char *message = dlerror();
    snprintf(text, capacity, "%s", message ? message : "the system gives no reason");
  }
  return library;
}

#define FIND(result, name, symbol, parameters, arguments) \
  found.name = (result(*) parameters)dlsym(library, symbol); \
  if (!found.name && !missing) missing = symbol;

#define LOADER(prefix, FUNCTIONS) \
  enum database_load_outcome prefix##_load(const char *path, char *text, size_t capacity) { \
    void *library = open_library(path, text, capacity); \
    if (!library) return DATABASE_CANNOT_OPEN; \
    struct prefix##_functions found; \
    memset(&found, 0, sizeof found); \
    const char *missing = NULL; \
    FUNCTIONS(FIND) \
    if (missing) { \
      snprintf(text, capacity, "%s", missing); \
      dlclose(library); \
      return DATABASE_MISSING_FUNCTION; \
    } \
    martlet_##prefix##_functions = found; \
    return DATABASE_LOADED; \
  }

LOADER(pq, PQ_FUNCTIONS)
LOADER(my, MY_FUNCTIONS)
LOADER(lite, LITE_FUNCTIONS)
