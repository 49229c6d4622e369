// The functions of DuckDB's C interface that Martlet calls, without its header and without linking against it. The
// library is loaded while the program runs, so that programs that use no SQL neither need it nor load it.
//
// `duck_load` fills one table of function pointers, DUCK_FUNCTIONS lists them, and for each there is an inline function
// `duck_…` that calls DuckDB's `duckdb_…`. Until `duck_load` has succeeded, none of them may be called.
#ifndef MARTLET_DUCKDB_H
#define MARTLET_DUCKDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct duck_bind_info_object *duck_bind_info;
typedef struct duck_config_object *duck_config;
typedef struct duck_connection_object *duck_connection;
typedef struct duck_data_chunk_object *duck_data_chunk;
typedef struct duck_database_object *duck_database;
typedef struct duck_extracted_statements_object *duck_extracted_statements;
typedef struct duck_function_info_object *duck_function_info;
typedef struct duck_init_info_object *duck_init_info;
typedef struct duck_instance_cache_object *duck_instance_cache;
typedef struct duck_logical_type_object *duck_logical_type;
typedef struct duck_pending_result_object *duck_pending_result;
typedef struct duck_prepared_statement_object *duck_prepared_statement;
typedef struct duck_scalar_function_object *duck_scalar_function;
typedef struct duck_scalar_function_set_object *duck_scalar_function_set;
typedef struct duck_table_function_object *duck_table_function;
typedef struct duck_value_object *duck_value;
typedef struct duck_task_state_object *duck_task_state;
typedef struct duck_vector_object *duck_vector;

typedef struct { int32_t days; } duck_date;
typedef struct { int64_t micros; } duck_time;
typedef struct { int64_t micros; } duck_timestamp;
typedef struct { int32_t months, days; int64_t micros; } duck_interval;
typedef struct { uint64_t lower; int64_t upper; } duck_hugeint;
typedef struct { uint64_t lower, upper; } duck_uhugeint;
typedef struct { uint8_t width, scale; duck_hugeint value; } duck_decimal;
typedef struct { uint64_t offset, length; } duck_list_entry;
typedef struct { double percentage; uint64_t rows_processed, total_rows_to_process; } duck_query_progress_type;

/// A result. Only DuckDB reads its fields.
typedef struct {
  uint64_t column_count, row_count, rows_changed;
  void *columns;
  char *error_message;
  void *internal_data;
} duck_result;

typedef void (*duck_delete_callback_t)(void *data);
typedef void (*duck_table_function_bind_t)(duck_bind_info info);
typedef void (*duck_table_function_init_t)(duck_init_info info);
typedef void (*duck_table_function_t)(duck_function_info info, duck_data_chunk output);
typedef void (*duck_scalar_function_t)(duck_function_info info, duck_data_chunk input, duck_vector output);

/// X(result, name, parameters, arguments) for each function that must exist. Enumerations are passed as `int`.
#define DUCK_FUNCTIONS(X) \
  X(const char *, library_version, (void), ()) \
  X(uint64_t, vector_size, (void), ()) \
  X(void, free, (void *ptr), (ptr)) \
  X(int, create_config, (duck_config *out_config), (out_config)) \
  X(int, set_config, (duck_config config, const char *name, const char *option), (config, name, option)) \
  X(void, destroy_config, (duck_config *config), (config)) \
  X(duck_instance_cache, create_instance_cache, (void), ()) \
  X(int, get_or_create_from_cache, (duck_instance_cache cache, const char *path, duck_database *out_database, \
    duck_config config, char **out_error), (cache, path, out_database, config, out_error)) \
  X(void, close, (duck_database *database), (database)) \
  X(int, connect, (duck_database database, duck_connection *out_connection), (database, out_connection)) \
  X(void, disconnect, (duck_connection *connection), (connection)) \
  X(void, interrupt, (duck_connection connection), (connection)) \
  X(duck_query_progress_type, query_progress, (duck_connection connection), (connection)) \
  X(duck_task_state, create_task_state, (duck_database database), (database)) \
  X(uint64_t, execute_n_tasks_state, (duck_task_state state, uint64_t max_tasks), (state, max_tasks)) \
  X(void, destroy_task_state, (duck_task_state state), (state)) \
  X(int, query, (duck_connection connection, const char *query, duck_result *out_result), \
    (connection, query, out_result)) \
  X(void, destroy_result, (duck_result *result), (result)) \
  X(const char *, result_error, (duck_result *result), (result)) \
  X(int, result_error_type, (duck_result *result), (result)) \
  X(int, result_return_type, (duck_result result), (result)) \
  X(int, result_statement_type, (duck_result result), (result)) \
  X(uint64_t, column_count, (duck_result *result), (result)) \
  X(const char *, column_name, (duck_result *result, uint64_t index), (result, index)) \
  X(duck_logical_type, column_logical_type, (duck_result *result, uint64_t index), (result, index)) \
  X(uint64_t, rows_changed, (duck_result *result), (result)) \
  X(duck_data_chunk, fetch_chunk, (duck_result result), (result)) \
  X(uint64_t, extract_statements, (duck_connection connection, const char *query, \
    duck_extracted_statements *out_extracted_statements), (connection, query, out_extracted_statements)) \
  X(const char *, extract_statements_error, (duck_extracted_statements extracted_statements), \
    (extracted_statements)) \
  X(int, prepare_extracted_statement, (duck_connection connection, duck_extracted_statements extracted_statements, \
    uint64_t index, duck_prepared_statement *out_statement), (connection, extracted_statements, index, out_statement)) \
  X(void, destroy_extracted, (duck_extracted_statements *extracted_statements), (extracted_statements)) \
  X(int, prepare, (duck_connection connection, const char *query, duck_prepared_statement *out_statement), \
    (connection, query, out_statement)) \
  X(const char *, prepare_error, (duck_prepared_statement statement), (statement)) \
  X(void, destroy_prepare, (duck_prepared_statement *statement), (statement)) \
  X(uint64_t, nparams, (duck_prepared_statement statement), (statement)) \
  X(const char *, parameter_name, (duck_prepared_statement statement, uint64_t index), (statement, index)) \
  X(duck_logical_type, param_logical_type, (duck_prepared_statement statement, uint64_t param_idx), \
    (statement, param_idx)) \
  X(int, bind_parameter_index, (duck_prepared_statement statement, uint64_t *param_idx_out, const char *name), \
    (statement, param_idx_out, name)) \
  X(int, bind_value, (duck_prepared_statement statement, uint64_t param_idx, duck_value val), \
    (statement, param_idx, val)) \
  X(int, clear_bindings, (duck_prepared_statement statement), (statement)) \
  X(int, prepared_statement_type, (duck_prepared_statement statement), (statement)) \
  X(uint64_t, prepared_statement_column_count, (duck_prepared_statement statement), (statement)) \
  X(const char *, prepared_statement_column_name, (duck_prepared_statement statement, uint64_t index), \
    (statement, index)) \
  X(duck_logical_type, prepared_statement_column_logical_type, (duck_prepared_statement statement, uint64_t index), \
    (statement, index)) \
  X(int, pending_prepared, (duck_prepared_statement statement, duck_pending_result *out_result), \
    (statement, out_result)) \
  X(const char *, pending_error, (duck_pending_result pending_result), (pending_result)) \
  X(int, execute_pending, (duck_pending_result pending_result, duck_result *out_result), \
    (pending_result, out_result)) \
  X(void, destroy_pending, (duck_pending_result *pending_result), (pending_result)) \
  X(duck_logical_type, create_logical_type, (int type), (type)) \
  X(duck_logical_type, create_decimal_type, (uint8_t width, uint8_t scale), (width, scale)) \
  X(duck_logical_type, create_list_type, (duck_logical_type type), (type)) \
  X(duck_logical_type, create_array_type, (duck_logical_type type, uint64_t array_size), (type, array_size)) \
  X(duck_logical_type, create_map_type, (duck_logical_type key_type, duck_logical_type value_type), \
    (key_type, value_type)) \
  X(duck_logical_type, create_struct_type, (duck_logical_type *member_types, const char **member_names, \
    uint64_t member_count), (member_types, member_names, member_count)) \
  X(duck_logical_type, create_enum_type, (const char **member_names, uint64_t member_count), \
    (member_names, member_count)) \
  X(void, destroy_logical_type, (duck_logical_type *type), (type)) \
  X(int, get_type_id, (duck_logical_type type), (type)) \
  X(uint8_t, decimal_width, (duck_logical_type type), (type)) \
  X(uint8_t, decimal_scale, (duck_logical_type type), (type)) \
  X(int, enum_internal_type, (duck_logical_type type), (type)) \
  X(uint32_t, enum_dictionary_size, (duck_logical_type type), (type)) \
  X(char *, enum_dictionary_value, (duck_logical_type type, uint64_t index), (type, index)) \
  X(duck_logical_type, list_type_child_type, (duck_logical_type type), (type)) \
  X(duck_logical_type, array_type_child_type, (duck_logical_type type), (type)) \
  X(uint64_t, array_type_array_size, (duck_logical_type type), (type)) \
  X(duck_logical_type, map_type_key_type, (duck_logical_type type), (type)) \
  X(duck_logical_type, map_type_value_type, (duck_logical_type type), (type)) \
  X(uint64_t, struct_type_child_count, (duck_logical_type type), (type)) \
  X(char *, struct_type_child_name, (duck_logical_type type, uint64_t index), (type, index)) \
  X(duck_logical_type, struct_type_child_type, (duck_logical_type type, uint64_t index), (type, index)) \
  X(uint64_t, union_type_member_count, (duck_logical_type type), (type)) \
  X(char *, union_type_member_name, (duck_logical_type type, uint64_t index), (type, index)) \
  X(duck_logical_type, union_type_member_type, (duck_logical_type type, uint64_t index), (type, index)) \
  X(char *, logical_type_get_alias, (duck_logical_type type), (type)) \
  X(duck_value, create_null_value, (void), ()) \
  X(duck_value, create_bool, (bool input), (input)) \
  X(duck_value, create_int8, (int8_t input), (input)) \
  X(duck_value, create_int16, (int16_t input), (input)) \
  X(duck_value, create_int32, (int32_t input), (input)) \
  X(duck_value, create_int64, (int64_t val), (val)) \
  X(duck_value, create_uint8, (uint8_t input), (input)) \
  X(duck_value, create_uint16, (uint16_t input), (input)) \
  X(duck_value, create_uint32, (uint32_t input), (input)) \
  X(duck_value, create_uint64, (uint64_t input), (input)) \
  X(duck_value, create_hugeint, (duck_hugeint input), (input)) \
  X(duck_value, create_uhugeint, (duck_uhugeint input), (input)) \
  X(duck_value, create_float, (float input), (input)) \
  X(duck_value, create_double, (double input), (input)) \
  X(duck_value, create_decimal, (duck_decimal input), (input)) \
  X(duck_value, create_date, (duck_date input), (input)) \
  X(duck_value, create_time, (duck_time input), (input)) \
  X(duck_value, create_timestamp, (duck_timestamp input), (input)) \
  X(duck_value, create_timestamp_tz, (duck_timestamp input), (input)) \
  X(duck_value, create_interval, (duck_interval input), (input)) \
  X(duck_value, create_varchar_length, (const char *text, uint64_t length), (text, length)) \
  X(duck_value, create_blob, (const uint8_t *data, uint64_t length), (data, length)) \
  X(duck_value, create_uuid, (duck_uhugeint input), (input)) \
  X(duck_value, create_list_value, (duck_logical_type type, duck_value *values, uint64_t value_count), \
    (type, values, value_count)) \
  X(duck_value, create_struct_value, (duck_logical_type type, duck_value *values), (type, values)) \
  X(duck_value, create_map_value, (duck_logical_type map_type, duck_value *keys, duck_value *values, \
    uint64_t entry_count), (map_type, keys, values, entry_count)) \
  X(void, destroy_value, (duck_value *value), (value)) \
  X(int64_t, get_int64, (duck_value val), (val)) \
  X(bool, is_null_value, (duck_value value), (value)) \
  X(duck_data_chunk, create_data_chunk, (duck_logical_type *types, uint64_t column_count), (types, column_count)) \
  X(void, destroy_data_chunk, (duck_data_chunk *chunk), (chunk)) \
  X(uint64_t, data_chunk_get_size, (duck_data_chunk chunk), (chunk)) \
  X(void, data_chunk_set_size, (duck_data_chunk chunk, uint64_t size), (chunk, size)) \
  X(uint64_t, data_chunk_get_column_count, (duck_data_chunk chunk), (chunk)) \
  X(duck_vector, data_chunk_get_vector, (duck_data_chunk chunk, uint64_t index), (chunk, index)) \
  X(duck_logical_type, vector_get_column_type, (duck_vector vector), (vector)) \
  X(void *, vector_get_data, (duck_vector vector), (vector)) \
  X(uint64_t *, vector_get_validity, (duck_vector vector), (vector)) \
  X(void, vector_ensure_validity_writable, (duck_vector vector), (vector)) \
  X(void, unsafe_vector_assign_string_element_len, (duck_vector vector, uint64_t index, const char *str, \
    uint64_t str_len), (vector, index, str, str_len)) \
  X(duck_vector, list_vector_get_child, (duck_vector vector), (vector)) \
  X(uint64_t, list_vector_get_size, (duck_vector vector), (vector)) \
  X(int, list_vector_set_size, (duck_vector vector, uint64_t size), (vector, size)) \
  X(int, list_vector_reserve, (duck_vector vector, uint64_t required_capacity), (vector, required_capacity)) \
  X(duck_vector, struct_vector_get_child, (duck_vector vector, uint64_t index), (vector, index)) \
  X(duck_vector, array_vector_get_child, (duck_vector vector), (vector)) \
  X(duck_table_function, create_table_function, (void), ()) \
  X(void, destroy_table_function, (duck_table_function *function), (function)) \
  X(void, table_function_set_name, (duck_table_function function, const char *name), (function, name)) \
  X(void, table_function_add_parameter, (duck_table_function function, duck_logical_type type), (function, type)) \
  X(void, table_function_set_extra_info, (duck_table_function function, void *extra_info, \
    duck_delete_callback_t destroy), (function, extra_info, destroy)) \
  X(void, table_function_set_bind, (duck_table_function function, duck_table_function_bind_t bind), \
    (function, bind)) \
  X(void, table_function_set_init, (duck_table_function function, duck_table_function_init_t init), \
    (function, init)) \
  X(void, table_function_set_local_init, (duck_table_function function, duck_table_function_init_t init), \
    (function, init)) \
  X(void, table_function_set_function, (duck_table_function function, duck_table_function_t body), \
    (function, body)) \
  X(void, table_function_supports_projection_pushdown, (duck_table_function function, bool pushdown), \
    (function, pushdown)) \
  X(int, register_table_function, (duck_connection con, duck_table_function function), (con, function)) \
  X(void *, bind_get_extra_info, (duck_bind_info info), (info)) \
  X(duck_value, bind_get_parameter, (duck_bind_info info, uint64_t index), (info, index)) \
  X(void, bind_add_result_column, (duck_bind_info info, const char *name, duck_logical_type type), \
    (info, name, type)) \
  X(void, bind_set_bind_data, (duck_bind_info info, void *bind_data, duck_delete_callback_t destroy), \
    (info, bind_data, destroy)) \
  X(void, bind_set_cardinality, (duck_bind_info info, uint64_t cardinality, bool is_exact), \
    (info, cardinality, is_exact)) \
  X(void, bind_set_error, (duck_bind_info info, const char *error), (info, error)) \
  X(void *, init_get_bind_data, (duck_init_info info), (info)) \
  X(void, init_set_init_data, (duck_init_info info, void *init_data, duck_delete_callback_t destroy), \
    (info, init_data, destroy)) \
  X(uint64_t, init_get_column_count, (duck_init_info info), (info)) \
  X(uint64_t, init_get_column_index, (duck_init_info info, uint64_t column_index), (info, column_index)) \
  X(void, init_set_max_threads, (duck_init_info info, uint64_t max_threads), (info, max_threads)) \
  X(void, init_set_error, (duck_init_info info, const char *error), (info, error)) \
  X(void *, function_get_bind_data, (duck_function_info info), (info)) \
  X(void *, function_get_init_data, (duck_function_info info), (info)) \
  X(void *, function_get_local_init_data, (duck_function_info info), (info)) \
  X(void, function_set_error, (duck_function_info info, const char *error), (info, error)) \
  X(duck_scalar_function, create_scalar_function, (void), ()) \
  X(void, destroy_scalar_function, (duck_scalar_function *function), (function)) \
  X(void, scalar_function_set_name, (duck_scalar_function function, const char *name), (function, name)) \
  X(void, scalar_function_add_parameter, (duck_scalar_function function, duck_logical_type type), (function, type)) \
  X(void, scalar_function_set_return_type, (duck_scalar_function function, duck_logical_type type), \
    (function, type)) \
  X(void, scalar_function_set_special_handling, (duck_scalar_function function), (function)) \
  X(void, scalar_function_set_volatile, (duck_scalar_function function), (function)) \
  X(void, scalar_function_set_extra_info, (duck_scalar_function function, void *extra_info, \
    duck_delete_callback_t destroy), (function, extra_info, destroy)) \
  X(void, scalar_function_set_function, (duck_scalar_function function, duck_scalar_function_t body), \
    (function, body)) \
  X(int, register_scalar_function, (duck_connection con, duck_scalar_function function), (con, function)) \
  X(void *, scalar_function_get_extra_info, (duck_function_info info), (info)) \
  X(void, scalar_function_set_error, (duck_function_info info, const char *error), (info, error)) \
  X(duck_scalar_function_set, create_scalar_function_set, (const char *name), (name)) \
  X(void, destroy_scalar_function_set, (duck_scalar_function_set *scalar_function_set), (scalar_function_set)) \
  X(int, add_scalar_function_to_set, (duck_scalar_function_set set, duck_scalar_function function), (set, function)) \
  X(int, register_scalar_function_set, (duck_connection con, duck_scalar_function_set set), (con, set))

/// The functions that may be missing. DuckDB calls this one deprecated, but has no other for results that are not
/// collected in memory first.
#define DUCK_OPTIONAL_FUNCTIONS(X) \
  X(int, pending_prepared_streaming, (duck_prepared_statement statement, duck_pending_result *out_result), \
    (statement, out_result))

#define DUCK_POINTER(result, name, parameters, arguments) result(*name) parameters;
struct duck_functions {
  DUCK_FUNCTIONS(DUCK_POINTER)
  DUCK_OPTIONAL_FUNCTIONS(DUCK_POINTER)
};
#undef DUCK_POINTER

/// The table that `duck_load` fills; all pointers are null before.
extern struct duck_functions martlet_duck_functions;

#define DUCK_CALL(result, name, parameters, arguments) \
  static inline result duck_##name parameters { return martlet_duck_functions.name arguments; }
DUCK_FUNCTIONS(DUCK_CALL)
DUCK_OPTIONAL_FUNCTIONS(DUCK_CALL)
#undef DUCK_CALL

/// True if results can be read before the query has ended.
static inline bool duck_has_streaming(void) { return martlet_duck_functions.pending_prepared_streaming != NULL; }

enum duck_load_outcome {
  /// The functions can be called.
  DUCK_LOADED = 0,
  /// The file cannot be loaded as a library; the text is the message of the system.
  DUCK_CANNOT_OPEN = 1,
  /// The library is not DuckDB; the text is the name of a function that it lacks.
  DUCK_NOT_DUCKDB = 2,
  /// The library's version is lower than the lowest major version.
  DUCK_TOO_OLD = 3,
  /// The library has the right version; the text is the name of a function that it lacks.
  DUCK_MISSING_FUNCTION = 4,
};

/// Loads the library at `path`, or of that name where the system looks for libraries. Writes the text of the outcome
/// into `text`, and the version of the library, if it has one, into `version`. A library that cannot be used is closed
/// again. Must not be called by two threads at once, nor again after success.
enum duck_load_outcome duck_load(
    const char *path, int lowest_major_version, char *text, size_t text_capacity, char *version,
    size_t version_capacity);

enum duck_file { DUCK_FILE_PLAUSIBLE = 0, DUCK_FILE_MISSING = 1, DUCK_FILE_INCOMPLETE = 2 };

/// Looks at a file without loading it. Loading an incomplete one can end the process with a signal.
enum duck_file duck_inspect(const char *path);

/// The path of the file from which the library was loaded; null if the system does not say.
const char *duck_loaded_path(void);

#endif
