// The functions of three client libraries that Martlet calls, without their headers and without linking against them:
// libpq for PostgreSQL, libmariadb for MariaDB and MySQL, and libsqlite3. Each is loaded while the program runs, so that
// programs that use none of them need none.
//
// Each library has one table of function pointers, which `pq_load`, `my_load` or `lite_load` fills. For each function
// there is an inline one with the prefix `pq_`, `my_` or `lite_`. Until the library is loaded, none of them may be called.
#ifndef MARTLET_DATABASES_H
#define MARTLET_DATABASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum database_load_outcome {
  /// The functions can be called.
  DATABASE_LOADED = 0,
  /// The library cannot be loaded; the text is the message of the system.
  DATABASE_CANNOT_OPEN = 1,
  /// The library lacks a function; the text is the name of it.
  DATABASE_MISSING_FUNCTION = 2,
};

// MARK: libpq

typedef struct pq_connection_object *pq_connection;
typedef struct pq_result_object *pq_result;
typedef void (*pq_notice_t)(void *data, const char *message);

/// X(result, name, symbol, parameters, arguments)
#define PQ_FUNCTIONS(X) \
  X(int, library_version, "PQlibVersion", (void), ()) \
  X(pq_connection, connect, "PQconnectdbParams", \
    (const char *const *keywords, const char *const *values, int expand), (keywords, values, expand)) \
  X(int, status, "PQstatus", (pq_connection connection), (connection)) \
  X(int, transaction_status, "PQtransactionStatus", (pq_connection connection), (connection)) \
  X(char *, error_message, "PQerrorMessage", (pq_connection connection), (connection)) \
  X(void, finish, "PQfinish", (pq_connection connection), (connection)) \
  X(pq_notice_t, set_notice_processor, "PQsetNoticeProcessor", \
    (pq_connection connection, pq_notice_t processor, void *data), (connection, processor, data)) \
  X(int, send, "PQsendQueryParams", \
    (pq_connection connection, const char *command, int count, const uint32_t *types, const char *const *values, \
     const int *lengths, const int *formats, int result_format), \
    (connection, command, count, types, values, lengths, formats, result_format)) \
  X(int, set_single_row_mode, "PQsetSingleRowMode", (pq_connection connection), (connection)) \
  X(int, consume_input, "PQconsumeInput", (pq_connection connection), (connection)) \
  X(int, is_busy, "PQisBusy", (pq_connection connection), (connection)) \
  X(int, socket, "PQsocket", (pq_connection connection), (connection)) \
  X(pq_result, get_result, "PQgetResult", (pq_connection connection), (connection)) \
  X(int, put_copy_data, "PQputCopyData", (pq_connection connection, const char *bytes, int count), \
    (connection, bytes, count)) \
  X(int, put_copy_end, "PQputCopyEnd", (pq_connection connection, const char *error), (connection, error)) \
  X(int, result_status, "PQresultStatus", (pq_result result), (result)) \
  X(char *, result_error_field, "PQresultErrorField", (pq_result result, int field), (result, field)) \
  X(char *, rows_changed, "PQcmdTuples", (pq_result result), (result)) \
  X(int, row_count, "PQntuples", (pq_result result), (result)) \
  X(int, column_count, "PQnfields", (pq_result result), (result)) \
  X(char *, column_name, "PQfname", (pq_result result, int column), (result, column)) \
  X(uint32_t, column_type, "PQftype", (pq_result result, int column), (result, column)) \
  X(int, column_modifier, "PQfmod", (pq_result result, int column), (result, column)) \
  X(char *, value, "PQgetvalue", (pq_result result, int row, int column), (result, row, column)) \
  X(int, value_length, "PQgetlength", (pq_result result, int row, int column), (result, row, column)) \
  X(int, is_null, "PQgetisnull", (pq_result result, int row, int column), (result, row, column)) \
  X(void, clear, "PQclear", (pq_result result), (result))

// MARK: libmariadb

typedef struct my_connection_object *my_connection;
typedef struct my_statement_object *my_statement;
typedef struct my_result_object *my_result;

/// A value of a statement: MYSQL_BIND, which has the same layout in libmariadb and libmysqlclient.
typedef struct {
  unsigned long *length;
  char *is_null;
  void *buffer;
  char *error;
  void *row;
  void (*store)(void);
  void (*fetch)(void);
  void (*skip)(void);
  unsigned long buffer_length;
  unsigned long offset;
  unsigned long length_value;
  unsigned int number;
  unsigned int pack_length;
  int buffer_type;
  char error_value;
  char is_unsigned;
  char long_data_used;
  char is_null_value;
  void *extension;
} my_bind;

/// A column of a result: MYSQL_FIELD, which has the same layout in libmariadb and libmysqlclient.
typedef struct {
  char *name, *original_name, *table, *original_table, *database, *catalog, *definition;
  unsigned long length, max_length;
  unsigned int name_length, original_name_length, table_length, original_table_length, database_length, catalog_length,
      definition_length;
  unsigned int flags, decimals, character_set;
  int type;
  void *extension;
} my_field;

#define MY_FUNCTIONS(X) \
  X(my_connection, init, "mysql_init", (my_connection connection), (connection)) \
  X(int, options, "mysql_options", (my_connection connection, int option, const void *value), \
    (connection, option, value)) \
  X(my_connection, connect, "mysql_real_connect", \
    (my_connection connection, const char *host, const char *user, const char *password, const char *database, \
     unsigned int port, const char *socket, unsigned long flags), \
    (connection, host, user, password, database, port, socket, flags)) \
  X(void, close, "mysql_close", (my_connection connection), (connection)) \
  X(unsigned int, error_number, "mysql_errno", (my_connection connection), (connection)) \
  X(const char *, error_message, "mysql_error", (my_connection connection), (connection)) \
  X(int, query, "mysql_real_query", (my_connection connection, const char *text, unsigned long length), \
    (connection, text, length)) \
  X(my_statement, statement_init, "mysql_stmt_init", (my_connection connection), (connection)) \
  X(int, prepare, "mysql_stmt_prepare", (my_statement statement, const char *text, unsigned long length), \
    (statement, text, length)) \
  X(char, bind_parameters, "mysql_stmt_bind_param", (my_statement statement, my_bind *values), (statement, values)) \
  X(char, bind_results, "mysql_stmt_bind_result", (my_statement statement, my_bind *values), (statement, values)) \
  X(int, execute, "mysql_stmt_execute", (my_statement statement), (statement)) \
  X(int, fetch, "mysql_stmt_fetch", (my_statement statement), (statement)) \
  X(int, fetch_column, "mysql_stmt_fetch_column", \
    (my_statement statement, my_bind *value, unsigned int column, unsigned long offset), \
    (statement, value, column, offset)) \
  X(my_result, metadata, "mysql_stmt_result_metadata", (my_statement statement), (statement)) \
  X(my_field *, fields, "mysql_fetch_fields", (my_result result), (result)) \
  X(unsigned int, field_count, "mysql_num_fields", (my_result result), (result)) \
  X(void, free_result, "mysql_free_result", (my_result result), (result)) \
  X(uint64_t, rows_changed, "mysql_stmt_affected_rows", (my_statement statement), (statement)) \
  X(unsigned int, statement_error_number, "mysql_stmt_errno", (my_statement statement), (statement)) \
  X(const char *, statement_error_message, "mysql_stmt_error", (my_statement statement), (statement)) \
  X(char, free_rows, "mysql_stmt_free_result", (my_statement statement), (statement)) \
  X(char, close_statement, "mysql_stmt_close", (my_statement statement), (statement)) \
  X(unsigned long, client_version, "mysql_get_client_version", (void), ())

// MARK: libsqlite3

typedef struct lite_database_object *lite_database;
typedef struct lite_statement_object *lite_statement;
typedef void (*lite_destructor_t)(void *);

#define LITE_FUNCTIONS(X) \
  X(int, library_version, "sqlite3_libversion_number", (void), ()) \
  X(int, thread_safety, "sqlite3_threadsafe", (void), ()) \
  X(int, open, "sqlite3_open_v2", (const char *path, lite_database *database, int flags, const char *system), \
    (path, database, flags, system)) \
  X(int, close, "sqlite3_close", (lite_database database), (database)) \
  X(int, busy_timeout, "sqlite3_busy_timeout", (lite_database database, int milliseconds), (database, milliseconds)) \
  X(int, extended_error, "sqlite3_extended_errcode", (lite_database database), (database)) \
  X(const char *, error_message, "sqlite3_errmsg", (lite_database database), (database)) \
  X(int, prepare, "sqlite3_prepare_v2", \
    (lite_database database, const char *text, int count, lite_statement *statement, const char **rest), \
    (database, text, count, statement, rest)) \
  X(int, step, "sqlite3_step", (lite_statement statement), (statement)) \
  X(int, reset, "sqlite3_reset", (lite_statement statement), (statement)) \
  X(int, finalize, "sqlite3_finalize", (lite_statement statement), (statement)) \
  X(int, changes, "sqlite3_changes", (lite_database database), (database)) \
  X(int, is_autocommit, "sqlite3_get_autocommit", (lite_database database), (database)) \
  X(int, bind_null, "sqlite3_bind_null", (lite_statement statement, int index), (statement, index)) \
  X(int, bind_integer, "sqlite3_bind_int64", (lite_statement statement, int index, int64_t value), \
    (statement, index, value)) \
  X(int, bind_double, "sqlite3_bind_double", (lite_statement statement, int index, double value), \
    (statement, index, value)) \
  X(int, bind_text_until, "sqlite3_bind_text", \
    (lite_statement statement, int index, const char *text, int count, lite_destructor_t destructor), \
    (statement, index, text, count, destructor)) \
  X(int, bind_bytes_until, "sqlite3_bind_blob", \
    (lite_statement statement, int index, const void *bytes, int count, lite_destructor_t destructor), \
    (statement, index, bytes, count, destructor)) \
  X(int, column_count, "sqlite3_column_count", (lite_statement statement), (statement)) \
  X(const char *, column_name, "sqlite3_column_name", (lite_statement statement, int column), (statement, column)) \
  X(const char *, column_declaration, "sqlite3_column_decltype", (lite_statement statement, int column), \
    (statement, column)) \
  X(int, column_type, "sqlite3_column_type", (lite_statement statement, int column), (statement, column)) \
  X(int64_t, column_integer, "sqlite3_column_int64", (lite_statement statement, int column), (statement, column)) \
  X(double, column_double, "sqlite3_column_double", (lite_statement statement, int column), (statement, column)) \
  X(const unsigned char *, column_text, "sqlite3_column_text", (lite_statement statement, int column), \
    (statement, column)) \
  X(const void *, column_bytes, "sqlite3_column_blob", (lite_statement statement, int column), (statement, column)) \
  X(int, column_length, "sqlite3_column_bytes", (lite_statement statement, int column), (statement, column))

#define DATABASE_FIELD(result, name, symbol, parameters, arguments) result(*name) parameters;
extern struct pq_functions { PQ_FUNCTIONS(DATABASE_FIELD) } martlet_pq_functions;
extern struct my_functions { MY_FUNCTIONS(DATABASE_FIELD) } martlet_my_functions;
extern struct lite_functions { LITE_FUNCTIONS(DATABASE_FIELD) } martlet_lite_functions;
#undef DATABASE_FIELD

#define DATABASE_CALL(result, name, symbol, parameters, arguments) \
  static inline result pq_##name parameters { return martlet_pq_functions.name arguments; }
PQ_FUNCTIONS(DATABASE_CALL)
#undef DATABASE_CALL
#define DATABASE_CALL(result, name, symbol, parameters, arguments) \
  static inline result my_##name parameters { return martlet_my_functions.name arguments; }
MY_FUNCTIONS(DATABASE_CALL)
#undef DATABASE_CALL
#define DATABASE_CALL(result, name, symbol, parameters, arguments) \
  static inline result lite_##name parameters { return martlet_lite_functions.name arguments; }
LITE_FUNCTIONS(DATABASE_CALL)
#undef DATABASE_CALL

/// Binds a text, which SQLite copies.
static inline int lite_bind_text(lite_statement statement, int index, const char *text, int count) {
  return lite_bind_text_until(statement, index, text, count, (lite_destructor_t)-1);
}
/// Binds bytes, which SQLite copies. None are an empty value, not null.
static inline int lite_bind_bytes(lite_statement statement, int index, const void *bytes, int count) {
  return lite_bind_bytes_until(statement, index, bytes ? bytes : "", count, (lite_destructor_t)-1);
}

/// Ignores the notices of a connection, which libpq would print.
static inline void pq_ignore_notice(void *data, const char *message) {}
static inline void pq_ignore_notices(pq_connection connection) {
  pq_set_notice_processor(connection, pq_ignore_notice, NULL);
}

/// Loads a library at `path`, or of that name where the system looks for libraries. Writes the text of the outcome into
/// `text`. Must not be called by two threads at once, nor again after success.
enum database_load_outcome pq_load(const char *path, char *text, size_t capacity);
enum database_load_outcome my_load(const char *path, char *text, size_t capacity);
enum database_load_outcome lite_load(const char *path, char *text, size_t capacity);

#endif
