// Unsafe code. Invariant: the memory that the library writes to while it fetches lives as long as this object, which
// keeps the statement. The metadata is read before it is freed.

import CDatabases
import MartletCore

/// The rows of a statement, one after the other.
final class MariaDBRows {
  let columns: [DatabaseColumn]
  private let statement: MariaDBStatement
  private let fieldTypes: [Int32]
  private let binds: UnsafeMutableBufferPointer<my_bind>
  private let lengths: UnsafeMutableBufferPointer<UInt>
  private let nulls: UnsafeMutableBufferPointer<CChar>
  private let errors: UnsafeMutableBufferPointer<CChar>
  /// The values of columns of numbers.
  private let numbers: UnsafeMutableBufferPointer<Int64>

  /// - Parameter statement: has run if rows are to be fetched.
  init(_ statement: MariaDBStatement) throws {
    self.statement = statement
    var columns: [DatabaseColumn] = []
    var fieldTypes: [Int32] = []
    if let metadata = my_metadata(statement.statement) {
      defer { my_free_result(metadata) }
      let count = Int(my_field_count(metadata))
      if let fields = my_fields(metadata) {
        for field in UnsafeBufferPointer(start: fields, count: count) {
          fieldTypes.append(field.type)
          columns.append(
            DatabaseColumn(
              name: field.name.map { String(cString: $0) } ?? "",
              type: MariaDBValues.type(
                field.type, length: Int(field.length), decimals: Int(field.decimals), isUnsigned: field.flags & 32 != 0,
                isBinary: field.character_set == 63)))
        }
      }
    }
    self.columns = columns
    self.fieldTypes = fieldTypes
    binds = .allocate(capacity: columns.count)
    lengths = .allocate(capacity: columns.count)
    nulls = .allocate(capacity: columns.count)
    errors = .allocate(capacity: columns.count)
    numbers = .allocate(capacity: columns.count)
    numbers.initialize(repeating: 0)
    lengths.initialize(repeating: 0)
    nulls.initialize(repeating: 0)
    errors.initialize(repeating: 0)
    binds.initialize(repeating: my_bind())
    for index in columns.indices {
      if let type = Self.number(columns[index].type) {
        binds[index].buffer_type = type
        binds[index].buffer = numbers.baseAddress.map { UnsafeMutableRawPointer($0 + index) }
        binds[index].buffer_length = 8
      } else {
        // Fetched one by one when their lengths are known.
        binds[index].buffer_type = columns[index].type == .bytes ? 252 : 253
      }
      binds[index].length = lengths.baseAddress.map { $0 + index }
      binds[index].is_null = nulls.baseAddress.map { $0 + index }
      binds[index].error = errors.baseAddress.map { $0 + index }
    }
    guard columns.isEmpty || my_bind_results(statement.statement, binds.baseAddress) == 0 else {
      throw statement.failure()
    }
  }

  deinit {
    _ = my_free_rows(statement.statement)
    binds.deallocate()
    lengths.deallocate()
    nulls.deallocate()
    errors.deallocate()
    numbers.deallocate()
  }

  /// The type in which numbers are fetched; `nil` for other types.
  private static func number(_ type: DatabaseType) -> Int32? {
    switch type {
    case .int8, .int16, .int32, .int64: MariaDBStatement.FieldType.integer.rawValue
    case .double: MariaDBStatement.FieldType.double.rawValue
    case .float: 4
    default: nil
    }
  }

  /// The next row; `nil` at the end.
  func next() throws -> [DatabaseValue]? {
    // 100 is the end; 101 says that values are longer than the buffers, which have no bytes.
    switch my_fetch(statement.statement) {
    case 0, 101: break
    case 100: return nil
    default: throw statement.failure()
    }
    return try columns.indices.map { try value($0) }
  }

  private func value(_ index: Int) throws -> DatabaseValue {
    if nulls[index] != 0 { return .null }
    let column = columns[index]
    switch column.type {
    case .int8, .int16, .int32, .int64: return .integer(numbers[index])
    case .double: return .double(Double(bitPattern: UInt64(bitPattern: numbers[index])))
    case .float: return .float(Float(bitPattern: UInt32(truncatingIfNeeded: numbers[index])))
    default: break
    }
    var content = [UInt8](repeating: 0, count: max(1, Int(lengths[index])))
    let count = Int(lengths[index])
    let code = content.withUnsafeMutableBytes { content in
      var length: UInt = 0
      var isNull: CChar = 0
      var isTruncated: CChar = 0
      return withUnsafeMutablePointer(to: &length) { length in
        withUnsafeMutablePointer(to: &isNull) { isNull in
          withUnsafeMutablePointer(to: &isTruncated) { isTruncated in
            var bind = my_bind()
            bind.buffer_type = binds[index].buffer_type
            bind.buffer = content.baseAddress
            bind.buffer_length = UInt(content.count)
            bind.length = length
            bind.is_null = isNull
            bind.error = isTruncated
            return my_fetch_column(statement.statement, &bind, UInt32(index), 0)
          }
        }
      }
    }
    guard code == 0 else { throw statement.failure() }
    let value = content.withUnsafeBytes {
      MariaDBValues.value(
        UnsafeRawBufferPointer(rebasing: $0.prefix(count)), column.type, fieldType: fieldTypes[index])
    }
    guard let value else {
      let text = String(decoding: content.prefix(count), as: UTF8.self)
      throw DatabaseError(
        .data,
        "The value \(excerpt(Text(text))) of the column '\(column.name)' has no counterpart here, such as the date 0000-00-00. Cast the column to CHAR in a query"
      )
    }
    return value
  }
}
