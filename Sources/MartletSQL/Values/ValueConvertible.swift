/// A type of Swift that is also the type of a column.
///
/// Numbers convert to every numeric type that has the same number; the conversion fails where it would change the number.
public protocol ValueConvertible: ColumnOperand {
  /// The type of a column of such values.
  static var dataType: DataType { get }
  /// This value as the value of a column.
  var value: Value { get }
  /// Creates a value from that of a column; `nil` if it is of another type or out of range.
  init?(value: Value)
}

extension Value: ValueConvertible {
  /// Values of this type are of different types; there is no common one.
  public static var dataType: DataType { .null }
  public var value: Value { self }
  public init?(value: Value) { self = value }
}

extension Bool: ValueConvertible {
  public static var dataType: DataType { .boolean }
  public var value: Value { .boolean(self) }
  public init?(value: Value) {
    guard case .boolean(let value) = value else { return nil }
    self = value
  }
}

extension FixedWidthInteger where Self: ValueConvertible {
  public init?(value: Value) {
    if let number = value.wholeNumber {
      self.init(exactly: number)
    } else if case .decimal(let decimal) = value, let number = decimal.integerValue {
      self.init(exactly: number)
    } else {
      return nil
    }
  }
}

extension Int8: ValueConvertible {
  public static var dataType: DataType { .byte }
  public var value: Value { .byte(self) }
}

extension Int16: ValueConvertible {
  public static var dataType: DataType { .short }
  public var value: Value { .short(self) }
}

extension Int32: ValueConvertible {
  public static var dataType: DataType { .integer }
  public var value: Value { .integer(self) }
}

extension Int64: ValueConvertible {
  public static var dataType: DataType { .long }
  public var value: Value { .long(self) }
}

extension Int: ValueConvertible {
  public static var dataType: DataType { .long }
  public var value: Value { .long(Int64(self)) }
}

/// A byte: a column of `[UInt8]` is `binary`; a single byte is a `short`, which has room for it.
extension UInt8: ValueConvertible {
  public static var dataType: DataType { .short }
  public var value: Value { .short(Int16(self)) }
}

extension UInt16: ValueConvertible {
  public static var dataType: DataType { .integer }
  public var value: Value { .integer(Int32(self)) }
}

extension UInt32: ValueConvertible {
  public static var dataType: DataType { .long }
  public var value: Value { .long(Int64(self)) }
}

/// A number of 64 bits without a sign: a `decimal(20,0)`, which has room for it.
extension UInt64: ValueConvertible {
  public static var dataType: DataType { .decimal(precision: 20, scale: 0) }
  public var value: Value { .decimal(SQLDecimal(self)) }
}

/// A number of 64 bits without a sign: a `decimal(20,0)`, which has room for it.
extension UInt: ValueConvertible {
  public static var dataType: DataType { .decimal(precision: 20, scale: 0) }
  public var value: Value { .decimal(SQLDecimal(UInt64(self))) }
}

extension Float: ValueConvertible {
  public static var dataType: DataType { .float }
  public var value: Value { .float(self) }
  public init?(value: Value) {
    if case .float(let number) = value {
      self = number
    } else if let number = value.wholeNumber {
      self.init(exactly: number)
    } else if case .double(let number) = value, number.isNaN || Double(Float(number)) == number {
      self.init(number)
    } else {
      return nil
    }
  }
}

extension Double: ValueConvertible {
  public static var dataType: DataType { .double }
  public var value: Value { .double(self) }
  public init?(value: Value) {
    if let number = value.fraction {
      self = number
    } else if let number = value.wholeNumber {
      self.init(exactly: number)
    } else {
      return nil
    }
  }
}

extension String: ValueConvertible {
  public static var dataType: DataType { .string }
  public var value: Value { .string(self) }
  public init?(value: Value) {
    guard case .string(let value) = value else { return nil }
    self = value
  }
}

extension SQLDecimal: ValueConvertible {
  public static var dataType: DataType { .decimal }
  public var value: Value { .decimal(self) }
  public init?(value: Value) {
    if case .decimal(let value) = value {
      self = value
    } else if let number = value.wholeNumber {
      self.init(number)
    } else {
      return nil
    }
  }
}

extension SQLDate: ValueConvertible {
  public static var dataType: DataType { .date }
  public var value: Value { .date(self) }
  public init?(value: Value) {
    guard case .date(let value) = value else { return nil }
    self = value
  }
}

extension SQLTimestamp: ValueConvertible {
  public static var dataType: DataType { .timestamp }
  public var value: Value { .timestamp(self) }
  public init?(value: Value) {
    switch value {
    case .timestamp(let value), .timestampNTZ(let value): self = value
    default: return nil
    }
  }
}

extension SQLInterval: ValueConvertible {
  public static var dataType: DataType { .interval }
  public var value: Value { .interval(self) }
  public init?(value: Value) {
    guard case .interval(let value) = value else { return nil }
    self = value
  }
}

extension Row: ValueConvertible {
  /// Rows have different fields; there is no common type.
  public static var dataType: DataType { .struct(StructType()) }
  public var value: Value { .row(self) }
  public init?(value: Value) {
    guard case .row(let value) = value else { return nil }
    self = value
  }
}

extension Optional: ColumnOperand, ValueConvertible where Wrapped: ValueConvertible {
  public static var dataType: DataType { Wrapped.dataType }
  public var value: Value { self?.value ?? .null }
  public init?(value: Value) {
    if value.isNull {
      self = .none
      return
    }
    guard let wrapped = Wrapped(value: value) else { return nil }
    self = .some(wrapped)
  }
}

/// An array; an array of `UInt8` is `binary`.
extension Array: ColumnOperand, ValueConvertible where Element: ValueConvertible {
  public static var dataType: DataType { Element.self == UInt8.self ? .binary : .array(Element.dataType) }
  // An empty array converts to one of any element.
  public var value: Value {
    if Element.self == UInt8.self, let bytes = self as? [UInt8] { return .binary(bytes) }
    return .array(map(\.value))
  }
  public init?(value: Value) {
    switch value {
    case .binary(let bytes) where Element.self == UInt8.self:
      guard let bytes = bytes as? [Element] else { return nil }
      self = bytes
    case .array(let values):
      self = []
      reserveCapacity(values.count)
      for value in values {
        guard let element = Element(value: value) else { return nil }
        append(element)
      }
    default: return nil
    }
  }
}

extension Dictionary: ColumnOperand, ValueConvertible where Key: ValueConvertible, Value: ValueConvertible {
  public static var dataType: DataType { .map(key: Key.dataType, value: Value.dataType) }
  public var value: MartletSQL.Value { .map(map { .init($0.key.value, $0.value.value) }) }
  public init?(value: MartletSQL.Value) {
    guard case .map(let entries) = value else { return nil }
    self = [:]
    for entry in entries {
      guard let key = Key(value: entry.key), let value = Value(value: entry.value) else { return nil }
      self[key] = value
    }
  }
}
