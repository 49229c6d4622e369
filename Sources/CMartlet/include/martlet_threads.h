// Functions that Swift cannot call, because they need feature macros.
#ifndef MARTLET_THREADS_H
#define MARTLET_THREADS_H

#include <stdint.h>

/// Names the calling thread, for debuggers and `top -H`.
void martlet_set_thread_name(const char *name);

/// Creates a timer that a thread can wait for; negative if there is none.
int martlet_timer_open(void);
void martlet_timer_close(int timer);
/// Sets the timer to this positive time of the monotonic clock, in place of the previous one.
void martlet_timer_set(int timer, int64_t nanoseconds);
/// Waits until the timer expires, or a signal arrives, and clears it.
void martlet_timer_wait(int timer);

/// Creates a pipe whose ends no other program inherits. Returns 0, or -1 and errno.
int martlet_pipe(int *ends);

/// Sets the working directory of a program that is started with `actions`, a posix_spawn_file_actions_t. Returns 0 or
/// an error code.
int martlet_spawn_in_folder(void *actions, const char *folder);

/// The environment variables, terminated by a null pointer.
char **martlet_environment(void);

/// The lowest address that the stack of the calling thread may reach; 0 if it is unknown.
uintptr_t martlet_stack_bottom(void);

/// The number of processors that this process may run on; 0 if it is unknown.
int martlet_usable_processors(void);

#if defined(__linux__)
/// Waits until this time of the monotonic clock, or until `flag` is not 0, in which case the result is 0. Uses one
/// system call, and no lock.
int martlet_wait_until(const uint32_t *flag, int64_t nanoseconds);
/// Sets `flag` to 1 and ends all waits for it.
void martlet_end_waits(uint32_t *flag);
#endif

#endif
