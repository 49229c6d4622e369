// Unsafe code. Invariant: `handle` is a prepared statement of `connection`, which this object destroys once. It is used
// only while the connection is reserved.

import CDuckDB
import MartletCore

/// A prepared statement. It belongs to its connection, and follows the same rule: one use at a time.
package final class DuckStatement: @unchecked Sendable {
  // Sendable: the connection is reserved for each use of the handle, and the constants do not change.
  private let connection: DuckConnection
  private let handle: duck_prepared_statement
  /// The columns of its result, as known before it runs.
  package let columns: [DuckColumn]
  /// The names of its parameters, such as `1` for the first one without a name.
  package let parameterNames: [String]
  /// The types that its parameters must have, as far as DuckDB knows them.
  package let parameterTypes: [DuckType]

  /// Takes over a statement that DuckDB has just prepared, with the connection reserved.
  init(_ connection: DuckConnection, _ state: Int32, _ statement: duck_prepared_statement?) throws {
    guard state == 0, let statement else {
      var statement = statement
      defer { duck_destroy_prepare(&statement) }
      let message = duck_prepare_error(statement).map { String(cString: $0) }
      throw MartletError(duck: message ?? "DuckDB cannot prepare the statement, and gives no reason.")
    }
    self.connection = connection
    handle = statement
    columns = (0..<duck_prepared_statement_column_count(statement)).map { index in
      let name = duck_prepared_statement_column_name(statement, index)
      defer { duck_free(UnsafeMutablePointer(mutating: name)) }
      return DuckColumn(
        name.map { String(cString: $0) } ?? "", duck_prepared_statement_column_logical_type(statement, index))
    }
    let count = duck_nparams(statement)
    parameterNames = (1..<(count + 1)).map { index in
      let name = duck_parameter_name(statement, index)
      defer { duck_free(UnsafeMutablePointer(mutating: name)) }
      return name.map { String(cString: $0) } ?? "\(index)"
    }
    parameterTypes = (1..<(count + 1)).map { DuckType(consuming: duck_param_logical_type(statement, $0)) }
  }

  deinit {
    var statement: duck_prepared_statement? = handle
    duck_destroy_prepare(&statement)
  }

  /// Runs the statement, with values for its parameters.
  /// - Throws: `MartletError` with a `DuckError`; `MartletError(.invalidArgument)` for a wrong number of parameters.
  package func run(_ parameters: [DuckValue] = []) throws -> DuckResult {
    guard parameters.count == parameterNames.count else {
      throw MartletError(
        .invalidArgument,
        "The statement has \(parameterNames.count) parameters, but \(parameters.count) values were given.")
    }
    return try run(binding: zip(1..., parameters))
  }

  /// Runs the statement, with values for its named parameters.
  package func run(named parameters: [String: DuckValue]) throws -> DuckResult {
    let missing = parameterNames.filter { parameters[$0] == nil }
    let unknown = parameters.keys.filter { !parameterNames.contains($0) }.sorted()
    guard missing.isEmpty && unknown.isEmpty else {
      let problems =
        missing.map { "there is no value for the parameter '$\($0)'" }
        + unknown.map { "the statement has no parameter '$\($0)'" }
      throw MartletError(.invalidArgument, "The values do not fit the statement: \(problems.joined(separator: "; ")).")
    }
    return try run(binding: zip(1..., parameterNames.map { parameters[$0] ?? .null }))
  }

  private func run(binding values: some Sequence<(Int, DuckValue)>) throws -> DuckResult {
    try connection.begin()
    do {
      for (index, value) in values {
        guard try value.withDuckValue({ duck_bind_value(handle, UInt64(index), $0) }) == 0 else {
          throw bindError(index)
        }
      }
      return try DuckResult(connection, execute())
    } catch {
      connection.end()
      throw error
    }
  }

  private func bindError(_ index: Int) -> MartletError {
    let message = duck_prepare_error(handle).map { String(cString: $0) } ?? "DuckDB gives no reason"
    let error = MartletError(duck: message)
    return error.worded("The value of the parameter '\(parameterNames[index - 1])' cannot be used: \(error.message)")
  }

  /// Starts the statement; its result may not be computed yet.
  private func execute() throws -> duck_result {
    var pending: duck_pending_result?
    defer { duck_destroy_pending(&pending) }
    let state =
      duck_has_streaming()
      ? duck_pending_prepared_streaming(handle, &pending) : duck_pending_prepared(handle, &pending)
    guard state == 0 else {
      throw MartletError(duck: duck_pending_error(pending).map { String(cString: $0) } ?? "DuckDB gives no reason")
    }
    var result = duck_result()
    guard duck_execute_pending(pending, &result) == 0 else {
      defer { duck_destroy_result(&result) }
      throw MartletError(duck: resultError(&result))
    }
    return result
  }
}

extension DuckColumn {
  /// A column of this name and logical type, which is destroyed.
  init(_ name: String, _ type: duck_logical_type?) {
    var type = type
    defer { duck_destroy_logical_type(&type) }
    let alias = duck_logical_type_get_alias(type)
    defer { duck_free(alias) }
    self.init(name, DuckType(type), alias: alias.map { String(cString: $0) })
  }
}
