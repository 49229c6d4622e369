// Unsafe code. Invariant: bytes are read only where `AvroInput` has checked that they are there.

import MartletColumnar

/// The way from the bytes of a value to a column. Each call of `decode` appends one value, or throws.
class AvroDecoder {
  func decode(_ input: inout AvroInput) throws(ColumnarDamage) {
    throw ColumnarDamage("there is no way to decode a value")
  }
}

/// A value that cannot be stored in the column: a type of a union, in most cases.
final class RefusedDecoder: AvroDecoder {
  private let reason: String

  init(_ reason: String) { self.reason = reason }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) { throw ColumnarDamage(reason) }
}

final class NullDecoder: AvroDecoder {
  private let column: ColumnarArray

  init(_ column: ColumnarArray) { self.column = column }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) { column.appendNull() }
}

final class BoolDecoder: AvroDecoder {
  private let column: ColumnarArray

  init(_ column: ColumnarArray) { self.column = column }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) {
    let byte = try input.fixed(UInt8.self)
    guard byte <= 1 else { throw ColumnarDamage("a boolean is \(byte)") }
    column.append(byte)
  }
}

final class IntDecoder: AvroDecoder {
  private let column: ColumnarArray

  init(_ column: ColumnarArray) { self.column = column }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) { column.append(try input.int()) }
}

final class LongDecoder: AvroDecoder {
  private let column: ColumnarArray

  init(_ column: ColumnarArray) { self.column = column }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) { column.append(try input.long()) }
}

/// Milliseconds, which columns store as microseconds.
final class MillisecondsDecoder: AvroDecoder {
  private let column: ColumnarArray

  init(_ column: ColumnarArray) { self.column = column }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) {
    let value = try input.long()
    let (microseconds, overflow) = value.multipliedReportingOverflow(by: 1000)
    if overflow { throw ColumnarDamage("a timestamp is \(value) milliseconds from 1970, which is too far") }
    column.append(microseconds)
  }
}

/// A number of one type in a column of a larger one.
final class PromotionDecoder<Stored: BitwiseCopyable>: AvroDecoder {
  private let column: ColumnarArray
  private let value: (inout AvroInput) throws(ColumnarDamage) -> Stored

  init(_ column: ColumnarArray, _ value: @escaping (inout AvroInput) throws(ColumnarDamage) -> Stored) {
    self.column = column
    self.value = value
  }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) { column.append(try value(&input)) }
}

final class FloatDecoder: AvroDecoder {
  private let column: ColumnarArray

  init(_ column: ColumnarArray) { self.column = column }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) { column.append(try input.fixed(UInt32.self)) }
}

final class DoubleDecoder: AvroDecoder {
  private let column: ColumnarArray

  init(_ column: ColumnarArray) { self.column = column }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) { column.append(try input.fixed(UInt64.self)) }
}

final class BytesDecoder: AvroDecoder {
  private let column: ColumnarArray

  init(_ column: ColumnarArray) { self.column = column }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) { column.append(bytes: try input.bytes()) }
}

final class FixedDecoder: AvroDecoder {
  private let column: ColumnarArray
  private let size: Int

  init(_ column: ColumnarArray, size: Int) {
    self.column = column
    self.size = size
  }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) {
    column.append(bytes: UnsafeRawBufferPointer(start: try input.take(size), count: size))
  }
}

/// A decimal in `bytes`, or in a fixed number of them.
final class DecimalDecoder: AvroDecoder {
  private let column: ColumnarArray
  private let size: Int?
  private let precision: Int

  init(_ column: ColumnarArray, size: Int?, precision: Int) {
    self.column = column
    self.size = size
    self.precision = precision
  }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) {
    let bytes: UnsafeRawBufferPointer
    if let size {
      bytes = UnsafeRawBufferPointer(start: try input.take(size), count: size)
    } else {
      bytes = try input.bytes()
    }
    let isNegative = (bytes.first ?? 0) >= 0x80
    var value: Int128 = isNegative ? -1 : 0
    for (index, byte) in bytes.enumerated() {
      // Only bytes that repeat the sign may precede the last 16.
      if bytes.count - index > 16, byte != (isNegative ? 0xFF : 0) { throw tooLarge }
      value = value << 8 | Int128(byte)
    }
    guard (value < 0) == isNegative, value.magnitude < Int128.powersOfTen[precision].magnitude else { throw tooLarge }
    column.append(value)
  }

  private var tooLarge: ColumnarDamage { ColumnarDamage("a decimal has more than \(precision) digits") }
}

final class EnumerationDecoder: AvroDecoder {
  private let column: ColumnarArray
  /// The text of each symbol; `nil` for one that the reader's schema lacks.
  private let symbols: [[UInt8]?]
  private let names: [String]

  init(_ column: ColumnarArray, _ names: [String], _ symbols: [String?]) {
    self.column = column
    self.names = names
    self.symbols = symbols.map { $0.map { Array($0.utf8) } }
  }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) {
    let index = try input.long()
    guard index >= 0, index < symbols.count else {
      throw ColumnarDamage("an enum of \(symbols.count) symbols has symbol number \(index)")
    }
    guard let symbol = symbols[Int(index)] else {
      throw ColumnarDamage("the symbol '\(names[Int(index)])' is not in the schema with which the file is read")
    }
    symbol.withUnsafeBytes { column.append(bytes: $0) }
  }
}

final class ArrayDecoder: AvroDecoder {
  private let column: ColumnarArray
  private let item: AvroDecoder
  private let takesNoBytes: Bool

  init(_ column: ColumnarArray, _ item: AvroDecoder, takesNoBytes: Bool) {
    self.column = column
    self.item = item
    self.takesNoBytes = takesNoBytes
  }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) {
    while true {
      let count = try input.blockOfItems(takesNoBytes: takesNoBytes).count
      if count == 0 { break }
      for _ in 0..<count { try item.decode(&input) }
    }
    column.appendValidParent()
  }
}

final class MapDecoder: AvroDecoder {
  private let column: ColumnarArray
  private let key: ColumnarArray
  private let value: AvroDecoder

  init(_ column: ColumnarArray, _ value: AvroDecoder) {
    self.column = column
    key = column.children[0]
    self.value = value
  }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) {
    while true {
      let count = try input.blockOfItems(takesNoBytes: false).count
      if count == 0 { break }
      for _ in 0..<count {
        key.append(bytes: try input.bytes())
        try value.decode(&input)
      }
    }
    column.appendValidParent()
  }
}

final class UnionDecoder: AvroDecoder {
  private let branches: [AvroDecoder]
  /// The same objects, which are not counted each time they are used.
  private let uncounted: [Unmanaged<AvroDecoder>]

  init(_ branches: [AvroDecoder]) {
    self.branches = branches
    uncounted = branches.map { Unmanaged.passUnretained($0) }
  }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) {
    let index = try input.long()
    guard index >= 0, index < uncounted.count else { throw .branch(index, uncounted.count) }
    // Safe: `branches` retains the objects.
    try uncounted[Int(index)].decode(&input)
  }
}

/// One type of a union that is stored as a structure: the other members are null.
final class MemberDecoder: AvroDecoder {
  private let column: ColumnarArray
  private let index: Int
  private let value: AvroDecoder

  init(_ column: ColumnarArray, _ index: Int, _ value: AvroDecoder) {
    self.column = column
    self.index = index
    self.value = value
  }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) {
    try value.decode(&input)
    for (position, child) in column.children.enumerated() where position != index { child.appendNull() }
    column.appendValidParent()
  }
}

extension Unmanaged<AvroDecoder> {
  /// Decodes a value with an object that something else retains.
  @inline(__always)
  fileprivate func decode(_ input: inout AvroInput) throws(ColumnarDamage) {
    let damage = _withUnsafeGuaranteedRef { decoder -> ColumnarDamage? in
      do throws(ColumnarDamage) {
        try decoder.decode(&input)
        return nil
      } catch { return error }
    }
    if let damage { throw damage }
  }
}

/// A value that no column needs.
final class SkippingDecoder: AvroDecoder {
  private let value: AvroSkip

  init(_ value: AvroSkip) { self.value = value }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) { try value.skip(&input) }
}

/// The fields of a record, in the order of the file, and then the columns that it lacks.
final class RecordDecoder: AvroDecoder {
  /// `nil` for the record of a row, whose columns belong to no structure.
  private let column: ColumnarArray?
  private let fields: [AvroDecoder]
  /// The same objects, which are not counted each time they are used.
  private let uncounted: [Unmanaged<AvroDecoder>]

  init(_ column: ColumnarArray?, _ fields: [AvroDecoder]) {
    self.column = column
    self.fields = fields
    uncounted = fields.map { Unmanaged.passUnretained($0) }
  }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) {
    // Safe: `fields` retains the objects.
    for field in uncounted { try field.decode(&input) }
    column?.appendValidParent()
  }
}

/// A value that is the same in every record: the default of a field.
final class ConstantDecoder: AvroDecoder {
  private let bytes: [UInt8]
  private let value: AvroDecoder

  init(_ bytes: [UInt8], _ value: AvroDecoder) {
    self.bytes = bytes
    self.value = value
  }

  override func decode(_ input: inout AvroInput) throws(ColumnarDamage) {
    var damage: ColumnarDamage?
    bytes.withUnsafeBytes { bytes in
      var input = AvroInput(bytes)
      do throws(ColumnarDamage) { try value.decode(&input) } catch { damage = error }
    }
    if let damage { throw damage }
  }
}
