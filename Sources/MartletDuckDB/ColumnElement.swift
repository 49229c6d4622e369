public import MartletCore

/// A type whose values can be stored in a column.
@usableFromInline package protocol ColumnElement: SendableMetatype {
  /// The type of the column.
  static var columnType: ColumnType { get }
  /// Appends the value to a column of that type.
  func append(to builder: inout ColumnBuilder)
}

extension Bool: ColumnElement {
  @usableFromInline package static var columnType: ColumnType { .bool }
  @inlinable @inline(__always) package func append(to builder: inout ColumnBuilder) { builder.append(stored: self) }
}

extension Int8: ColumnElement {
  @usableFromInline package static var columnType: ColumnType { .int8 }
  @inlinable @inline(__always) package func append(to builder: inout ColumnBuilder) { builder.append(stored: self) }
}

extension Int16: ColumnElement {
  @usableFromInline package static var columnType: ColumnType { .int16 }
  @inlinable @inline(__always) package func append(to builder: inout ColumnBuilder) { builder.append(stored: self) }
}

extension Int32: ColumnElement {
  @usableFromInline package static var columnType: ColumnType { .int32 }
  @inlinable @inline(__always) package func append(to builder: inout ColumnBuilder) { builder.append(stored: self) }
}

extension Int64: ColumnElement {
  @usableFromInline package static var columnType: ColumnType { .int64 }
  @inlinable @inline(__always) package func append(to builder: inout ColumnBuilder) { builder.append(stored: self) }
}

extension Int: ColumnElement {
  @usableFromInline package static var columnType: ColumnType { .int64 }
  @inlinable @inline(__always) package func append(to builder: inout ColumnBuilder) {
    builder.append(stored: Int64(self))
  }
}

extension Float: ColumnElement {
  @usableFromInline package static var columnType: ColumnType { .float }
  @inlinable @inline(__always) package func append(to builder: inout ColumnBuilder) { builder.append(stored: self) }
}

extension Double: ColumnElement {
  @usableFromInline package static var columnType: ColumnType { .double }
  @inlinable @inline(__always) package func append(to builder: inout ColumnBuilder) { builder.append(stored: self) }
}

extension Text: ColumnElement {
  @usableFromInline package static var columnType: ColumnType { .string }
  @inlinable @inline(__always) package func append(to builder: inout ColumnBuilder) { builder.append(text: self) }
}

extension String: ColumnElement {
  @usableFromInline package static var columnType: ColumnType { .string }
  @inlinable package func append(to builder: inout ColumnBuilder) {
    if utf8.withContiguousStorageIfAvailable({ builder.append(bytes: $0) }) == nil { builder.append(text: Text(self)) }
  }
}

extension Optional: ColumnElement where Wrapped: ColumnElement {
  @usableFromInline package static var columnType: ColumnType { Wrapped.columnType }
  @inlinable @inline(__always) package func append(to builder: inout ColumnBuilder) {
    if let self { self.append(to: &builder) } else { builder.appendNull() }
  }
}
