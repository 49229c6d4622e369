// What Swift cannot call itself: functions that need feature macros.
#ifndef MARTLET_THREADS_H
#define MARTLET_THREADS_H

#include <stdint.h>

/// Names the calling thread, for debuggers and `top -H`.
void martlet_set_thread_name(const char *name);

/// A timer on which a thread can wait; less than 0 where there is none.
int martlet_timer_open(void);
void martlet_timer_close(int timer);
/// Has the timer end at this time of the monotonic clock, more than 0; what was set before is void.
void martlet_timer_set(int timer, int64_t nanoseconds);
/// Waits until the timer ends, or a signal comes; then it is as if it had not been set.
void martlet_timer_wait(int timer);

/// A pipe whose ends no other program inherits. Returns 0, or -1 and errno.
int martlet_pipe(int *ends);

/// Has a program that is started with `actions`, a posix_spawn_file_actions_t, begin in this folder. Returns 0 or the error.
int martlet_spawn_in_folder(void *actions, const char *folder);

/// The variables of the environment, of which the last is followed by a null pointer.
char **martlet_environment(void);

/// How many processors this process may run on; 0 if the system does not say.
int martlet_usable_processors(void);

#if defined(__linux__)
/// Waits until this time of the monotonic clock, or until `flag` is not 0: then the result is 0. One system call, and no
/// lock.
int martlet_wait_until(const uint32_t *flag, int64_t nanoseconds);
/// Sets `flag` to 1 and ends all waits for it.
void martlet_end_waits(uint32_t *flag);
#endif

#endif
