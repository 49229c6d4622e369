// Unsafe code. Invariant: rows are less than the number of values of the column, and values are loaded as the type that
// the column stores.

import MartletColumnar

/// The way from a column to the bytes of values.
class AvroEncoder {
  /// Appends the value of a row, which is not null.
  func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {
    throw ColumnarDamage("there is no way to encode a value")
  }
}

/// Integers of any size.
final class IntegerEncoder<Stored: FixedWidthInteger & BitwiseCopyable>: AvroEncoder {
  private let column: ColumnarArray

  init(_ column: ColumnarArray) { self.column = column }

  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {
    output.append(long: Int64(truncatingIfNeeded: column.values.load(row) as Stored))
  }
}

/// Microseconds, written as milliseconds.
final class MillisecondsEncoder: AvroEncoder {
  private let column: ColumnarArray

  init(_ column: ColumnarArray) { self.column = column }

  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {
    let microseconds = column.values.load(row) as Int64
    let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1000)
    output.append(long: remainder < 0 ? quotient - 1 : quotient)
  }
}

/// Values whose form in memory is that in the file.
final class PlainEncoder<Stored: BitwiseCopyable>: AvroEncoder {
  private let column: ColumnarArray

  init(_ column: ColumnarArray) { self.column = column }

  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {
    output.buffer.append(column.values.load(row) as Stored)
  }
}

/// A `float` in a field of type `double`.
final class FloatAsDoubleEncoder: AvroEncoder {
  private let column: ColumnarArray

  init(_ column: ColumnarArray) { self.column = column }

  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {
    output.buffer.append(Double(column.values.load(row) as Float))
  }
}

final class BytesEncoder: AvroEncoder {
  private let column: ColumnarArray
  /// The number of bytes of a fixed type.
  private let size: Int?

  init(_ column: ColumnarArray, size: Int? = nil) {
    self.column = column
    self.size = size
  }

  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {
    let bytes = column.bytes(row)
    guard let size else { return output.append(bytes: bytes) }
    guard bytes.count == size else {
      throw ColumnarDamage("a value has \(bytes.count) bytes, but its fixed type \(size)")
    }
    output.buffer.append(copying: bytes)
  }
}

final class DecimalEncoder: AvroEncoder {
  private let column: ColumnarArray
  private let size: Int?

  init(_ column: ColumnarArray, size: Int?) {
    self.column = column
    self.size = size
  }

  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {
    output.append(decimal: column.values.load(row) as Int128, size: size)
  }
}

final class SymbolEncoder: AvroEncoder {
  private let column: ColumnarArray
  private let numbers: [String: Int]

  init(_ column: ColumnarArray, _ symbols: [String]) {
    self.column = column
    numbers = Dictionary(symbols.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {
    let text = String(decoding: column.bytes(row), as: UTF8.self)
    guard let number = numbers[text] else {
      throw ColumnarDamage("'\(text)' is none of the symbols \(numbers.keys.sorted().joined(separator: ", "))")
    }
    output.append(long: Int64(number))
  }
}

final class ListEncoder: AvroEncoder {
  private let column: ColumnarArray
  private let item: AvroEncoder

  init(_ column: ColumnarArray, _ item: AvroEncoder) {
    self.column = column
    self.item = item
  }

  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {
    let range = column.range(row)
    if !range.isEmpty { output.append(long: Int64(range.count)) }
    for element in range { try item.encode(element, output) }
    output.append(long: 0)
  }
}

final class EntriesEncoder: AvroEncoder {
  private let column: ColumnarArray
  private let value: AvroEncoder

  init(_ column: ColumnarArray, _ value: AvroEncoder) {
    self.column = column
    self.value = value
  }

  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {
    let range = column.range(row)
    if !range.isEmpty { output.append(long: Int64(range.count)) }
    for element in range {
      output.append(bytes: column.children[0].bytes(element))
      try value.encode(element, output)
    }
    output.append(long: 0)
  }
}

final class FieldsEncoder: AvroEncoder {
  private let fields: [AvroEncoder]

  init(_ fields: [AvroEncoder]) { self.fields = fields }

  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {
    for field in fields { try field.encode(row, output) }
  }
}

/// A value that may be null.
final class NullableEncoder: AvroEncoder {
  private let column: ColumnarArray
  private let null: Int64
  private let other: Int64
  private let value: AvroEncoder

  init(_ column: ColumnarArray, null: Int, other: Int, _ value: AvroEncoder) {
    self.column = column
    self.null = Int64(null)
    self.other = Int64(other)
    self.value = value
  }

  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {
    guard column.isValid(row) else { return output.append(long: null) }
    output.append(long: other)
    try value.encode(row, output)
  }
}

/// A value that must not be null, in a column that may have nulls.
final class RequiredEncoder: AvroEncoder {
  private let column: ColumnarArray
  private let name: String
  private let value: AvroEncoder

  init(_ column: ColumnarArray, _ name: String, _ value: AvroEncoder) {
    self.column = column
    self.name = name
    self.value = value
  }

  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {
    guard column.isValid(row) else {
      throw ColumnarDamage("the column '\(name)' has NULL, which the type in the schema of Avro does not allow")
    }
    try value.encode(row, output)
  }
}

/// A union in a structure with a member for each of its types.
final class MembersEncoder: AvroEncoder {
  private let column: ColumnarArray
  private let null: Int?
  private let members: [(number: Int, value: AvroEncoder)]

  init(_ column: ColumnarArray, null: Int?, _ members: [(number: Int, value: AvroEncoder)]) {
    self.column = column
    self.null = null
    self.members = members
  }

  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {
    let set = column.isValid(row) ? members.indices.filter { column.children[$0].isValid(row) } : []
    switch (set.first, null) {
    case (let index?, _) where set.count == 1:
      output.append(long: Int64(members[index].number))
      try members[index].value.encode(row, output)
    case (nil, let null?): output.append(long: Int64(null))
    default: throw ColumnarDamage("a union has \(set.count) members that are not NULL; there must be one")
    }
  }
}

final class NothingEncoder: AvroEncoder {
  override func encode(_ row: Int, _ output: AvroBytes) throws(ColumnarDamage) {}
}
