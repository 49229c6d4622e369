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

/// What the system tells of a file. Times are nanoseconds since 1970; `born`, when the file was made, is 0 where that is
/// not known.
struct martlet_file_facts {
  unsigned long long device, inode;
  long long size, modified, changed, born;
  int is_regular;
};

/// Looks up the file at `path`, where links lead; without a path, the open file. Returns 0, or -1 and errno.
int martlet_look_up(const char *path, int descriptor, struct martlet_file_facts *facts);

/// Watches for names that come to folders: a descriptor for `martlet_watch_folder`, or -1 where the system has no such
/// thing. What `read` gives of it are records of linux's inotify.
int martlet_begin_watching(void);

/// Adds a folder to those that are watched. Returns its number in the records, or -1 and errno. A folder that is watched
/// already, by whatever path, has its number still.
int martlet_watch_folder(int descriptor, const char *path);

/// Watches the folder of this number no more. No other folder is given the number.
void martlet_forget_folder(int descriptor, int folder);

enum martlet_arrival_kind {
  MARTLET_NOTHING,
  MARTLET_NAME_MADE,
  MARTLET_NAME_MOVED_IN,
  /// The folder is not watched any more: it is gone.
  MARTLET_WATCH_ENDED,
  /// Records were dropped, since nobody has read them in time.
  MARTLET_RECORDS_LOST,
};

/// A record: the number of the folder, and the name that came there, which lies in the record.
struct martlet_arrival {
  enum martlet_arrival_kind kind;
  int folder;
  const char *name;
};

/// Reads the record at `bytes`, of which there are `count`. Returns its length; 0 if there is none.
int martlet_read_arrival(const void *bytes, int count, struct martlet_arrival *arrival);

/// Waits until what has been written to the file is on its way to the disk and its pages can be given up: for their number,
/// not for safety. Does nothing where the system has no such call.
void martlet_write_out(int descriptor);

#endif
