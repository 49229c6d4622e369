#define _GNU_SOURCE
#include <limits.h>
#if defined(__GLIBC__)  // other libraries have other symbols
#include "shim.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum action { KILL_BEFORE, KILL_AFTER, TEAR, SHORT, ERROR, DELAY };
static const char *const actions[] = {"kill-before", "kill-after", "tear", "short", "error", "delay"};
static const char *const kinds[] = {
    "",     "create", "write", "sync", "rename", "link", "unlink", "mkdir", "rmdir", "truncate", "open",
    "read", "close",  "list",  "entry", "stat"};
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

typedef struct {
  unsigned long first, last;
} range;

typedef struct {
  enum action action;
  range calls, nth;
  unsigned kinds;  // a bit for each
  const char *path, *control;
  unsigned long value;
  unsigned long seen;  // calls that meet all other conditions
} rule;

static rule rules[64];
static size_t rule_count;

static void refuse(const char *what) {
  dprintf(STDERR_FILENO, "MARTLET_FAULTS_PLAN: cannot understand '%s'.\n", what);
  _exit(121);
}

static size_t find(const char *name, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i += 1) {
    if (strcmp(names[i], name) == 0) return i;
  }
  refuse(name);
  return 0;
}

static unsigned long number(const char *text) {
  char *end;
  unsigned long value = strtoul(text, &end, 10);
  if (end == text || *end) refuse(text);
  return value;
}

static range parse_range(char *text) {
  range result = {0, (unsigned long)-1};
  char *dash = strchr(text, '-');
  if (dash) *dash = 0;
  result.first = number(text);
  if (!dash) result.last = result.first;
  else if (dash[1]) result.last = number(dash + 1);
  return result;
}

static void parse_setting(rule *rule, char *text) {
  char *value = strchr(text, '=');
  if (!value) refuse(text);
  *value++ = 0;
  if (strcmp(text, "calls") == 0) rule->calls = parse_range(value);
  else if (strcmp(text, "nth") == 0) rule->nth = parse_range(value);
  else if (strcmp(text, "path") == 0) rule->path = value;
  else if (strcmp(text, "while") == 0) rule->control = value;
  else if (strcmp(text, "bytes") == 0 || strcmp(text, "errno") == 0 || strcmp(text, "ms") == 0) rule->value = number(value);
  else if (strcmp(text, "kind") == 0) {
    rule->kinds = 0;
    for (char *kind; (kind = strsep(&value, "+"));) rule->kinds |= 1u << find(kind, kinds, COUNT(kinds));
  } else refuse(text);
}

void faults_parse_plan(const char *plan) {
  char *text = strdup(plan);  // kept: rules point into it
  for (char *part; (part = strsep(&text, ";"));) {
    if (!*part) continue;
    if (rule_count == COUNT(rules)) refuse("more than 64 rules");
    rule *rule = &rules[rule_count++];
    rule->calls = rule->nth = (range){0, (unsigned long)-1};
    rule->kinds = ~0u;
    rule->action = (enum action)find(strsep(&part, ","), actions, COUNT(actions));
    for (char *setting; (setting = strsep(&part, ","));) parse_setting(rule, setting);
    if (rule->action == ERROR && rule->value == 0) refuse("error without errno");
  }
}

bool faults_has_plan(void) { return rule_count > 0; }

static bool within(range range, unsigned long number) { return range.first <= number && number <= range.last; }

static bool fits(const rule *rule, unsigned number, int kind, const char *path, const char *second) {
  bool asks_number = rule->calls.first > 0 || rule->calls.last != (unsigned long)-1;
  if (asks_number && (number == 0 || !within(rule->calls, number))) return false;
  if (!(rule->kinds & 1u << kind)) return false;
  if (rule->path && fnmatch(rule->path, path, 0) != 0 && (!second[0] || fnmatch(rule->path, second, 0) != 0)) return false;
  struct stat status;
  return !rule->control || REAL(stat)(rule->control, &status) == 0;
}

faults_verdict faults_judge(unsigned number, int kind, const char *path, const char *second, bool delays) {
  faults_verdict verdict = {.limit = (size_t)-1};
  for (size_t i = 0; i < rule_count; i += 1) {
    rule *rule = &rules[i];
    if ((rule->action == DELAY) != delays || !fits(rule, number, kind, path, second)) continue;
    rule->seen += 1;
    if (!within(rule->nth, rule->seen)) continue;
    switch (rule->action) {
    case KILL_BEFORE: verdict.kill_before = true; break;
    case KILL_AFTER: verdict.kill_after = true; break;
    case TEAR: verdict.kill_after = true; verdict.limit = rule->value; break;
    case SHORT: verdict.limit = rule->value; break;
    case ERROR: verdict.error = (int)rule->value; break;
    case DELAY: verdict.delay += (unsigned)rule->value; break;
    }
  }
  return verdict;
}
#endif
