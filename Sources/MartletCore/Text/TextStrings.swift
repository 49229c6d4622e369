// Unsafe code. Invariant: the bytes of a string are read only within `withContiguousStorageIfAvailable`.

extension Text: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, LosslessStringConvertible {
  /// A copy of the scalars of `string`.
  @inlinable
  public init(_ string: String) {
    self = string.utf8.withContiguousStorageIfAvailable { Text(copying: $0) } ?? Text(bridged: string)
  }

  /// A copy of the scalars of a string that is stored in another form, such as an Objective-C string.
  @usableFromInline
  init(bridged string: String) {
    var native = string
    self = native.withUTF8 { Text(copying: $0) }
  }

  /// A copy of the scalars of `substring`.
  @inlinable
  public init(_ substring: Substring) {
    self = substring.utf8.withContiguousStorageIfAvailable { Text(copying: $0) } ?? Text(bridged: String(substring))
  }

  /// The text of a literal. One of at most 15 bytes costs nothing at run time.
  @inlinable @inline(__always)
  public init(stringLiteral value: StaticString) {
    if value.hasPointerRepresentation {
      self.init(copying: value.utf8Start, count: value.utf8CodeUnitCount)
    } else {
      self.init(value.unicodeScalar)
    }
  }

  /// The text of an interpolated literal.
  public init(stringInterpolation: Interpolation) { self.init(stringInterpolation.string) }

  /// Collects the parts of an interpolated literal, as for a `String`.
  public struct Interpolation: StringInterpolationProtocol, Sendable {
    var string: String

    /// Begins a literal with about `literalCapacity` bytes of its own and `interpolationCount` values.
    public init(literalCapacity: Int, interpolationCount: Int) {
      string = ""
      string.reserveCapacity(literalCapacity + 2 * interpolationCount)
    }

    /// Appends a part of the literal itself.
    public mutating func appendLiteral(_ literal: StaticString) { string += literal.description }

    /// Appends a value, as `print` would write it.
    public mutating func appendInterpolation(_ value: some Any) { string += String(describing: value) }
  }
}

extension String {
  /// A copy of the scalars of `text`; without an allocation if it has at most 15 bytes.
  @inlinable
  public init(_ text: Text) {
    // Each is faster for its lengths.
    self = text.withUTF8Bytes { bytes in
      text.isInline
        ? String(unsafeUninitializedCapacity: bytes.count) { $0.initialize(from: bytes).index }
        : String(decoding: bytes, as: UTF8.self)
    }
  }
}

extension Text: CustomStringConvertible, CustomDebugStringConvertible, TextOutputStreamable {
  /// The text itself, as a string.
  public var description: String { String(self) }

  /// The text in quotes, with escapes, exactly like the `debugDescription` of a `String`.
  public var debugDescription: String { String(self).debugDescription }

  /// Writes the text into `target`.
  public func write(to target: inout some TextOutputStream) { target.write(String(self)) }
}

extension Text: Codable {
  /// Reads a text from a single string.
  ///
  /// - Throws: the error of `decoder`, for example if its value is not a string.
  public init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(String.self)) }

  /// Writes the text as a single string.
  ///
  /// - Throws: the error of `encoder`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(String(self))
  }
}
