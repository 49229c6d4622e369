// What Swift cannot call itself: functions that need feature macros.
#ifndef MARTLET_THREADS_H
#define MARTLET_THREADS_H

/// Names the calling thread, for debuggers and `top -H`.
void martlet_set_thread_name(const char *name);

#endif
