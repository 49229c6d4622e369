// System calls that need feature macros, or have another name on every system. Renames return 0, or -1 and errno, as
// rename does.
#ifndef MARTLET_FILES_H
#define MARTLET_FILES_H

/// Renames unless something has the new name: then it fails with EEXIST.
int martlet_rename_exclusively(const char *from, const char *to);

/// Lets two names change places, at one moment.
int martlet_rename_exchange(const char *a, const char *b);

/// Whether anybody has the open file open for writing as well: 1 or 0; -1 if the system does not tell.
int martlet_is_open_for_writing(int descriptor);

/// Waits until what has been written to the file is on its way to the disk and its pages can be given up: for their number,
/// not for safety. Does nothing where the system has no such call.
void martlet_write_out(int descriptor);

/// When the file was made, in nanoseconds since 1970; 0 where that is not known.
long long martlet_birth_time(const char *path);

#endif
