// System calls that need feature macros, or have different names on different systems. Renames return 0, or -1 and
// errno, as rename does.
#ifndef MARTLET_FILES_H
#define MARTLET_FILES_H

/// Renames a file unless the new name exists: then it fails with EEXIST.
int martlet_rename_exclusively(const char *from, const char *to);

/// Exchanges two names atomically.
int martlet_rename_exchange(const char *a, const char *b);

/// True if any process has the open file open for writing as well: 1 or 0; -1 if the system cannot tell.
int martlet_is_open_for_writing(int descriptor);

/// The metadata of a file. Times are nanoseconds since 1970; `born`, the creation time, is 0 if it is unknown.
struct martlet_file_facts {
  unsigned long long device, inode;
  long long size, modified, changed, born;
  int is_regular;
};

/// Looks up the file at `path`, following links; without a path, the open file. Returns 0, or -1 and errno.
int martlet_look_up(const char *path, int descriptor, struct martlet_file_facts *facts);

/// Creates a descriptor for `martlet_watch_folder` to watch for names that appear in folders, or returns -1 if the
/// system does not support this. `read` returns records of Linux's inotify.
int martlet_begin_watching(void);

/// Adds a folder to the watched ones. Returns its number in the records, or -1 and errno. A folder that is already
/// watched, by any path, keeps its number.
int martlet_watch_folder(int descriptor, const char *path);

/// Stops watching the folder with this number. The number is not reused.
void martlet_forget_folder(int descriptor, int folder);

enum martlet_arrival_kind {
  MARTLET_NOTHING,
  MARTLET_NAME_MADE,
  MARTLET_NAME_MOVED_IN,
  /// The folder is no longer watched, because it no longer exists.
  MARTLET_WATCH_ENDED,
  /// Records were dropped, because they were not read in time.
  MARTLET_RECORDS_LOST,
};

/// A record: the number of the folder, and the name that appeared there, which is stored in the record.
struct martlet_arrival {
  enum martlet_arrival_kind kind;
  int folder;
  const char *name;
};

/// Reads the first of the `count` bytes of records at `bytes`. Returns its length; 0 if there is none.
int martlet_read_arrival(const void *bytes, int count, struct martlet_arrival *arrival);

/// Waits until data written to the file is on its way to disk and its pages can be freed, to limit their number, not
/// for durability. Does nothing if the system has no such call.
void martlet_write_out(int descriptor);

#endif
