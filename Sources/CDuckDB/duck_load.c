#define _GNU_SOURCE
#include "CDuckDB.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#if defined(__ELF__)
#include <elf.h>
#endif

struct duck_functions martlet_duck_functions;

/// The first number of a version such as v2.0.0; 0 for a version of another form.
static int major_version(const char *version) { return version[0] == 'v' ? atoi(version + 1) : 0; }

enum duck_load_outcome duck_load(
    const char *path, int lowest_major_version, char *text, size_t text_capacity, char *version,
    size_t version_capacity) {
  text[0] = version[0] = 0;
  void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  if (!library) {
    const char *message = dlerror();
    snprintf(text, text_capacity, "%s", message ? message : "the system gives no reason");
    return DUCK_CANNOT_OPEN;
  }

  struct duck_functions found;
  memset(&found, 0, sizeof found);
  const char *missing = NULL;
#define DUCK_OPTIONAL(result, name, parameters, arguments) \
  found.name = (result(*) parameters)dlsym(library, "duckdb_" #name);
#define DUCK_REQUIRED(result, name, parameters, arguments) \
  DUCK_OPTIONAL(result, name, parameters, arguments) \
  if (!found.name && !missing) missing = "duckdb_" #name;
  DUCK_FUNCTIONS(DUCK_REQUIRED)
  DUCK_OPTIONAL_FUNCTIONS(DUCK_OPTIONAL)

  enum duck_load_outcome outcome = DUCK_LOADED;
  if (missing) snprintf(text, text_capacity, "%s", missing);
  if (!found.library_version) {
    outcome = DUCK_NOT_DUCKDB;
  } else {
    snprintf(version, version_capacity, "%s", found.library_version());
    if (major_version(version) < lowest_major_version) {
      outcome = DUCK_TOO_OLD;
    } else if (missing) {
      outcome = DUCK_MISSING_FUNCTION;
    }
  }
  if (outcome == DUCK_LOADED) {
    martlet_duck_functions = found;
  } else {
    dlclose(library);
  }
  return outcome;
}

const char *duck_loaded_path(void) {
  Dl_info info;
  const void *function = (const void *)martlet_duck_functions.library_version;
  return function && dladdr(function, &info) ? info.dli_fname : NULL;
}

enum duck_file duck_inspect(const char *path) {
  struct stat facts;
  if (stat(path, &facts) != 0) return errno == ENOENT || errno == ENOTDIR ? DUCK_FILE_MISSING : DUCK_FILE_PLAUSIBLE;
  enum duck_file answer = DUCK_FILE_PLAUSIBLE;
#if defined(__ELF__) && UINTPTR_MAX == UINT64_MAX
  FILE *file = fopen(path, "re");
  if (!file) return DUCK_FILE_PLAUSIBLE;
  Elf64_Ehdr header;
  if (fread(&header, sizeof header, 1, file) == 1 && memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
      header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_phentsize == sizeof(Elf64_Phdr)) {
    const uint64_t size = (uint64_t)facts.st_size;
    if (fseek(file, (long)header.e_phoff, SEEK_SET) != 0) answer = DUCK_FILE_INCOMPLETE;
    for (int i = 0; i < header.e_phnum && answer == DUCK_FILE_PLAUSIBLE; i++) {
      Elf64_Phdr segment;
      if (fread(&segment, sizeof segment, 1, file) != 1) {
        answer = DUCK_FILE_INCOMPLETE;
      } else if (segment.p_type == PT_LOAD && (segment.p_filesz > size || segment.p_offset > size - segment.p_filesz)) {
        answer = DUCK_FILE_INCOMPLETE;
      }
    }
  }
  fclose(file);
#endif
  return answer;
}
