// swift-format-ignore-file: AlwaysUseLowerCamelCase

// MARK: Columns and constants

/// The column of a name: see ``Column/init(_:)-(String)``.
public func col(_ name: String) -> Column { Column(name) }

/// The column of a name: another spelling of `col`.
public func column(_ name: String) -> Column { Column(name) }

/// A constant, or `NULL`.
///
/// A Swift `Int` is an `INT` if it fits into 32 bits, as in SQL text, and otherwise a `BIGINT`.
public func lit(_ value: (any ColumnOperand)?) -> Column { value?.operand ?? Column(.literal(.null())) }

/// An expression in SQL: `expr("age + 1")`.
public func expr(_ sql: String) -> Column { Column(.sql(sql)) }

/// A column in ascending order, with `NULL` first.
public func asc(_ name: String) -> Column { col(name).asc() }
/// A column in ascending order, with `NULL` first.
public func asc_nulls_first(_ name: String) -> Column { col(name).ascNullsFirst() }
/// A column in ascending order, with `NULL` last.
public func asc_nulls_last(_ name: String) -> Column { col(name).ascNullsLast() }
/// A column in descending order, with `NULL` last.
public func desc(_ name: String) -> Column { col(name).desc() }
/// A column in descending order, with `NULL` first.
public func desc_nulls_first(_ name: String) -> Column { col(name).descNullsFirst() }
/// A column in descending order, with `NULL` last.
public func desc_nulls_last(_ name: String) -> Column { col(name).descNullsLast() }

/// The value where a condition holds; `when` and `otherwise` add other cases.
///
/// ```swift
/// when(col("age") < 18, "child").otherwise("adult")
/// ```
public func when(_ condition: Column, _ value: any ColumnOperand) -> Column {
  Column(.call("when", condition.expression, value.operand.expression))
}

/// A call of a function by its name, such as one that the program registered.
public func call_function(_ name: String, _ columns: any ColumnConvertible...) -> Column {
  Column(.call(name, columns.map(\.column.expression)))
}

/// A call of a function that the program registered.
public func call_udf(_ name: String, _ columns: any ColumnConvertible...) -> Column {
  Column(.call(name, columns.map(\.column.expression)))
}

/// The frame, with the hint that it is small enough to be joined in memory.
public func broadcast(_ frame: DataFrame) -> DataFrame { frame.hint("broadcast") }

// MARK: Aggregates

/// The number of rows where the value is not `NULL`; of all rows for `"*"`.
public func count(_ column: any ColumnConvertible) -> Column {
  let expression = column.column.expression
  // Spark counts a constant for the rows.
  return Column(.call("count", expression == .star() ? .literal(.integer(1)) : expression))
}

/// The number of different values, or combinations of values, without those that have `NULL`.
public func count_distinct(_ column: any ColumnConvertible, _ others: any ColumnConvertible...) -> Column {
  .distinct("count", ([column] + others).map(\.column.expression))
}

/// The number of different values: `count_distinct` by its older name.
public func countDistinct(_ column: any ColumnConvertible, _ others: any ColumnConvertible...) -> Column {
  .distinct("count", ([column] + others).map(\.column.expression))
}

/// The sum of the values.
public func sum(_ column: any ColumnConvertible) -> Column { call("sum", [column.column.expression]) }

/// The sum of the different values.
public func sum_distinct(_ column: any ColumnConvertible) -> Column { .distinct("sum", [column.column.expression]) }

/// The sum of the different values: `sum_distinct` by its older name.
public func sumDistinct(_ column: any ColumnConvertible) -> Column { sum_distinct(column) }

/// The texts one after another, with a delimiter between them.
public func listagg(_ column: any ColumnConvertible, _ delimiter: (any ColumnOperand)? = nil) -> Column {
  call("listagg", [column.column.expression, delimiter?.operand.expression])
}

/// The different texts one after another, with a delimiter between them.
public func listagg_distinct(_ column: any ColumnConvertible, _ delimiter: any ColumnOperand = "") -> Column {
  .distinct("listagg", [column.column.expression, delimiter.operand.expression])
}

/// The texts one after another, with a delimiter between them.
public func string_agg(_ column: any ColumnConvertible, _ delimiter: (any ColumnOperand)? = nil) -> Column {
  call("string_agg", [column.column.expression, delimiter?.operand.expression])
}

private func call(_ name: String, _ arguments: [Expression], ignoresNulls: Bool) -> Column {
  Column(.function(FunctionCall(name, arguments, ignoresNulls: ignoresNulls)))
}

/// The first value; with `ignorenulls`, the first one that is not `NULL`.
public func first(_ column: any ColumnConvertible, _ ignorenulls: Bool = false) -> Column {
  call("first", [column.column.expression], ignoresNulls: ignorenulls)
}

/// The last value; with `ignorenulls`, the last one that is not `NULL`.
public func last(_ column: any ColumnConvertible, _ ignorenulls: Bool = false) -> Column {
  call("last", [column.column.expression], ignoresNulls: ignorenulls)
}

/// The first value; with `ignoreNulls`, the first one that is not `NULL`.
public func first_value(_ column: any ColumnConvertible, _ ignoreNulls: Bool = false) -> Column {
  call("first_value", [column.column.expression], ignoresNulls: ignoreNulls)
}

/// The last value; with `ignoreNulls`, the last one that is not `NULL`.
public func last_value(_ column: any ColumnConvertible, _ ignoreNulls: Bool = false) -> Column {
  call("last_value", [column.column.expression], ignoresNulls: ignoreNulls)
}

/// Any of the values; with `ignoreNulls`, one that is not `NULL`.
public func any_value(_ column: any ColumnConvertible, _ ignoreNulls: Bool = false) -> Column {
  call("any_value", [column.column.expression], ignoresNulls: ignoreNulls)
}

// MARK: Windows

/// The value `offset` rows before the current one; `defaultValue` if there is no such row.
public func lag(
  _ column: any ColumnConvertible, _ offset: Int = 1, _ defaultValue: (any ColumnOperand)? = nil
) -> Column {
  call("lag", [column.column.expression, offset.operand.expression, defaultValue?.operand.expression])
}

/// The value `offset` rows after the current one; `defaultValue` if there is no such row.
public func lead(
  _ column: any ColumnConvertible, _ offset: Int = 1, _ defaultValue: (any ColumnOperand)? = nil
) -> Column {
  call("lead", [column.column.expression, offset.operand.expression, defaultValue?.operand.expression])
}

/// The value of a row of the window by its number, from 1; with `ignoreNulls`, among those that are not `NULL`.
public func nth_value(_ column: any ColumnConvertible, _ offset: Int, _ ignoreNulls: Bool = false) -> Column {
  call("nth_value", [column.column.expression, offset.operand.expression], ignoresNulls: ignoreNulls)
}

/// The window of time that a row belongs to; several windows if they overlap: `window("time", "10 minutes", "5 minutes")`.
///
/// It is a struct of `start` and `end`. Windows begin at multiples of the slide after 1970-01-01, plus `startTime`.
public func window(
  _ timeColumn: any ColumnConvertible, _ windowDuration: String, _ slideDuration: String? = nil,
  _ startTime: String? = nil
) -> Column {
  let slide = slideDuration ?? (startTime == nil ? nil : windowDuration)
  return call(
    "window",
    [
      timeColumn.column.expression, windowDuration.operand.expression, slide?.operand.expression,
      startTime?.operand.expression,
    ])
}

/// The seconds from 1970-01-01 to now, as a `BIGINT`.
public func unix_timestamp() -> Column { call("unix_timestamp") }

/// The seconds from 1970-01-01 to a time, which may be text in a format such as `yyyy-MM-dd HH:mm:ss`.
public func unix_timestamp(_ timestamp: any ColumnConvertible, _ format: (any ColumnOperand)? = nil) -> Column {
  call("unix_timestamp", [timestamp.column.expression, format?.operand.expression])
}

// MARK: Functions of arrays and maps

private func call(_ name: String, _ column: any ColumnConvertible, _ lambda: Expression) -> Column {
  Column(.call(name, column.column.expression, lambda))
}

/// The array with each element replaced: `transform("prices") { $0 * 2 }`.
public func transform(_ column: any ColumnConvertible, _ body: (Column) -> Column) -> Column {
  call("transform", column, Column.lambda(body))
}

/// The array with each element replaced, given the element and its position from 0.
public func transform(_ column: any ColumnConvertible, _ body: (Column, Column) -> Column) -> Column {
  call("transform", column, Column.lambda(body))
}

/// The elements for which a condition holds: `filter("prices") { $0 > 10 }`.
public func filter(_ column: any ColumnConvertible, _ body: (Column) -> Column) -> Column {
  call("filter", column, Column.lambda(body))
}

/// The elements for which a condition holds, given the element and its position from 0.
public func filter(_ column: any ColumnConvertible, _ body: (Column, Column) -> Column) -> Column {
  call("filter", column, Column.lambda(body))
}

/// True where a condition holds for an element.
public func exists(_ column: any ColumnConvertible, _ body: (Column) -> Column) -> Column {
  call("exists", column, Column.lambda(body))
}

/// True where a condition holds for all elements.
public func forall(_ column: any ColumnConvertible, _ body: (Column) -> Column) -> Column {
  call("forall", column, Column.lambda(body))
}

/// A value that is made from all elements in turn: `aggregate("prices", 0) { $0 + $1 }`.
public func aggregate(
  _ column: any ColumnConvertible, _ initialValue: any ColumnConvertible, _ merge: (Column, Column) -> Column,
  finish: ((Column) -> Column)? = nil
) -> Column {
  call(
    "aggregate",
    [
      column.column.expression, initialValue.column.expression, Column.lambda(merge), finish.map { Column.lambda($0) },
    ])
}

/// A value that is made from all elements in turn: `aggregate` by another name.
public func reduce(
  _ column: any ColumnConvertible, _ initialValue: any ColumnConvertible, _ merge: (Column, Column) -> Column,
  finish: ((Column) -> Column)? = nil
) -> Column {
  call(
    "reduce",
    [
      column.column.expression, initialValue.column.expression, Column.lambda(merge), finish.map { Column.lambda($0) },
    ])
}

/// An array of the results for the elements of two arrays at the same positions.
public func zip_with(
  _ left: any ColumnConvertible, _ right: any ColumnConvertible, _ body: (Column, Column) -> Column
) -> Column {
  Column(.call("zip_with", left.column.expression, right.column.expression, Column.lambda(body)))
}

/// The map with each key replaced, given the key and its value.
public func transform_keys(_ column: any ColumnConvertible, _ body: (Column, Column) -> Column) -> Column {
  call("transform_keys", column, Column.lambda(body))
}

/// The map with each value replaced, given the key and its value.
public func transform_values(_ column: any ColumnConvertible, _ body: (Column, Column) -> Column) -> Column {
  call("transform_values", column, Column.lambda(body))
}

/// The pairs for which a condition holds, given the key and its value.
public func map_filter(_ column: any ColumnConvertible, _ body: (Column, Column) -> Column) -> Column {
  call("map_filter", column, Column.lambda(body))
}

/// A map with the results for the keys of two maps, given the key and the value in each map.
public func map_zip_with(
  _ left: any ColumnConvertible, _ right: any ColumnConvertible, _ body: (Column, Column, Column) -> Column
) -> Column {
  Column(.call("map_zip_with", left.column.expression, right.column.expression, Column.lambda(body)))
}

/// The array in order, with `NULL` last.
public func array_sort(_ column: any ColumnConvertible) -> Column { call("array_sort", [column.column.expression]) }

/// The array in the order of a comparison: a negative number if the first element is smaller, and a positive one if it is
/// greater.
public func array_sort(_ column: any ColumnConvertible, _ comparator: (Column, Column) -> Column) -> Column {
  call("array_sort", column, Column.lambda(comparator))
}

/// A map from keys and values in turn.
public func create_map(_ columns: any ColumnConvertible...) -> Column {
  Column(.call("map", columns.map(\.column.expression)))
}

/// A map from keys and values in turn.
public func map(_ columns: any ColumnConvertible...) -> Column {
  Column(.call("map", columns.map(\.column.expression)))
}

// MARK: JSON and CSV

/// The options of a reader or writer, as a map of text.
private func expression(_ options: [String: String]) -> Expression? {
  options.isEmpty
    ? nil
    : .call(
      "map", options.sorted { $0.key < $1.key }.flatMap { [$0.key.operand.expression, $0.value.operand.expression] })
}

/// The value of a JSON text, with a type as DDL: `from_json("body", "id BIGINT, tags ARRAY<STRING>")`.
public func from_json(
  _ column: any ColumnConvertible, _ schema: any ColumnOperand, _ options: [String: String] = [:]
)
  -> Column
{
  call("from_json", [column.column.expression, schema.operand.expression, expression(options)])
}

/// The value of a JSON text.
public func from_json(
  _ column: any ColumnConvertible, _ schema: StructType, _ options: [String: String] = [:]
) -> Column {
  from_json(column, "\(DataType.struct(schema))", options)
}

/// A struct, array or map as JSON text.
public func to_json(_ column: any ColumnConvertible, _ options: [String: String] = [:]) -> Column {
  call("to_json", [column.column.expression, expression(options)])
}

/// The type of a JSON text, as DDL.
public func schema_of_json(_ json: any ColumnOperand, _ options: [String: String] = [:]) -> Column {
  call("schema_of_json", [json.operand.expression, expression(options)])
}

/// The struct of a line of CSV, with a type as DDL: `from_csv("line", "id INT, name STRING")`.
public func from_csv(
  _ column: any ColumnConvertible, _ schema: any ColumnOperand, _ options: [String: String] = [:]
)
  -> Column
{
  call("from_csv", [column.column.expression, schema.operand.expression, expression(options)])
}

/// A struct as a line of CSV.
public func to_csv(_ column: any ColumnConvertible, _ options: [String: String] = [:]) -> Column {
  call("to_csv", [column.column.expression, expression(options)])
}

/// The type of a line of CSV, as DDL.
public func schema_of_csv(_ csv: any ColumnOperand, _ options: [String: String] = [:]) -> Column {
  call("schema_of_csv", [csv.operand.expression, expression(options)])
}
