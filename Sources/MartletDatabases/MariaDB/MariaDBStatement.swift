// Unsafe code. Invariant: `statement` is open until `deinit`. The values of a run are in `content`, `lengths` and `binds`
// until `my_execute` has returned; `content` is not moved after addresses in it have been stored.

import CDatabases
import MartletCore

/// A prepared statement.
final class MariaDBStatement {
  let statement: my_statement
  private var binds: [my_bind] = []

  init(_ connection: my_connection, _ sql: String) throws {
    guard let statement = my_statement_init(connection) else {
      throw MariaDBErrors.error(my_error_number(connection), my_error_message(connection))
    }
    self.statement = statement
    guard my_prepare(statement, sql, UInt(sql.utf8.count)) == 0 else { throw failure() }
  }

  // Drops the rows that have not been fetched.
  deinit { _ = my_close_statement(statement) }

  var rowsChanged: Int { Int(clamping: Int64(bitPattern: my_rows_changed(statement))) }

  /// Runs the statement.
  /// - Parameters:
  ///   - values: the parameters.
  ///   - columns: the columns for which they are, which repeat; for errors.
  func run(_ values: ArraySlice<DatabaseValue>, columns: [String]) throws {
    // Eight bytes for each number, and the bytes of texts after them.
    var content: [UInt8] = []
    content.reserveCapacity(values.count * 16)
    var places: [(type: FieldType, start: Int, count: Int)] = []
    places.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      let start = content.count
      do throws(DatabaseError) {
        let type = try MariaDBValues.append(value, to: &content)
        places.append((type, start, content.count - start))
      } catch {
        throw DatabaseError(error.kind, error.message, column: columns.isEmpty ? nil : columns[index % columns.count])
      }
    }
    if !places.isEmpty {
      binds = places.map { place in
        var bind = my_bind()
        bind.buffer_type = place.type.rawValue
        bind.is_unsigned = place.type == .unsigned ? 1 : 0
        if place.type == .unsigned { bind.buffer_type = FieldType.integer.rawValue }
        return bind
      }
      try content.withUnsafeMutableBytes { content in
        var lengths = places.map { UInt($0.count) }
        try lengths.withUnsafeMutableBufferPointer { lengths in
          try binds.withUnsafeMutableBufferPointer { binds in
            for (index, place) in places.enumerated() {
              binds[index].buffer = content.baseAddress.map { $0 + place.start }
              binds[index].buffer_length = UInt(place.count)
              binds[index].length = lengths.baseAddress.map { $0 + index }
            }
            guard my_bind_parameters(statement, binds.baseAddress) == 0, my_execute(statement) == 0 else {
              throw failure()
            }
          }
        }
      }
      return
    }
    guard my_execute(statement) == 0 else { throw failure() }
  }

  func failure() -> DatabaseError {
    MariaDBErrors.error(my_statement_error_number(statement), my_statement_error_message(statement))
  }

  /// The types of fields, by their numbers in the protocol.
  enum FieldType: Int32 {
    case double = 5
    case null = 6
    case integer = 8
    case bytes = 252
    case text = 253
    /// An `integer` without a sign.
    case unsigned = -1
  }
}
