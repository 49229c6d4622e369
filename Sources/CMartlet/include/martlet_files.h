// Renames that need feature macros, or have another name on every system. Like rename, they return 0, or -1 and errno.
#ifndef MARTLET_FILES_H
#define MARTLET_FILES_H

/// Renames unless something has the new name: then it fails with EEXIST.
int martlet_rename_exclusively(const char *from, const char *to);

/// Lets two names change places, at one moment.
int martlet_rename_exchange(const char *a, const char *b);

#endif
