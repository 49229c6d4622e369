// A library to be preloaded (LD_PRELOAD) into a program under test, on Linux. It numbers the calls with which the
// program changes files below a folder, records them, and disturbs them according to a plan. See
// Tests/Torture/README.md.
//
// Environment:
//   MARTLET_FAULTS_ROOT   the folder, absolute and free of symbolic links. Without it the library does nothing.
//   MARTLET_FAULTS_TRACE  a file outside the folder, to which every numbered call is appended at its end.
//   MARTLET_FAULTS_PLAN   rules, separated by ';'. A rule is an action, then conditions and settings, separated by ',':
//
//     kill-before           the process is killed (SIGKILL) instead of the call
//     kill-after            … when the call has ended
//     tear,bytes=K          a write writes at most K bytes, then the process is killed
//     short,bytes=K         a write writes at most K bytes, and reports so
//     error,errno=E         the call fails
//     delay,ms=T            the call is delayed
//
//     calls=N-M             only calls with these numbers; unnumbered calls do not match
//     kind=write+sync       only calls of these kinds
//     path=GLOB             only calls on a path that matches (fnmatch; '*' matches slashes too). Relative to the folder,
//                           which is '.' itself. A rename or link matches if one of its two paths does
//     nth=N-M               only the Nth to the Mth call that meets all other conditions of this rule
//     while=FILE            only while a file of this name exists
//
// A range 'N-' has no end; 'N' alone is 'N-N'. An invalid plan ends the program with status 121.
#ifndef MARTLET_FAULTS_H
#define MARTLET_FAULTS_H

#include <stdint.h>

// The kinds up to TRUNCATE can change the contents of the folder, or make them durable: they are numbered, from 1.
enum martlet_faults_kind {
  MARTLET_FAULTS_CREATE = 1,  // open with O_CREAT or O_TRUNC
  MARTLET_FAULTS_WRITE,
  MARTLET_FAULTS_SYNC,
  MARTLET_FAULTS_RENAME,
  MARTLET_FAULTS_LINK,
  MARTLET_FAULTS_UNLINK,
  MARTLET_FAULTS_MKDIR,
  MARTLET_FAULTS_RMDIR,
  MARTLET_FAULTS_TRUNCATE,
  MARTLET_FAULTS_OPEN,  // any other open, of a folder too
  MARTLET_FAULTS_READ,
  MARTLET_FAULTS_CLOSE,
  MARTLET_FAULTS_LIST,   // opendir
  MARTLET_FAULTS_ENTRY,  // readdir
  MARTLET_FAULTS_STAT,
};

enum martlet_faults_flags {
  MARTLET_FAULTS_CREATED = 1,    // the call made the file
  MARTLET_FAULTS_TRUNCATED = 2,  // the call emptied the file
  MARTLET_FAULTS_EXCHANGE = 4,   // the two names changed places
  MARTLET_FAULTS_SYNCED = 8,     // the file was opened with O_SYNC or O_DSYNC: the bytes are durable
  MARTLET_FAULTS_INJECTED = 16,  // the call was not made: the plan made it fail
};

// One numbered call, in the byte order of the machine. The two paths and the data follow without gaps.
struct martlet_faults_record {
  uint32_t size;    // of the whole record, in bytes
  uint32_t number;
  uint8_t kind;
  uint8_t flags;
  uint16_t path_size;
  uint16_t second_path_size;  // of the new name of a rename or link
  uint16_t reserved;
  int32_t error;        // errno, or 0
  uint32_t data_size;   // the bytes actually written
  uint64_t inode;       // of the file or folder of the call; of the first path of a rename or link
  int64_t offset;       // the position of a write; the new size of a truncated file
};

#endif
