// Unsafe code. Invariant: the bytes of a string are read only within `withContiguousStorageIfAvailable`.

extension Text: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, LosslessStringConvertible {
  /// A copy of the scalars of `string`.
  @inlinable
  public init(_ string: String) {
    self = string.utf8.withContiguousStorageIfAvailable { Text(copying: $0) } ?? Text(bridged: string)
  }

  /// A copy of the scalars of a string that keeps them in another form, as those of Objective-C do.
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

  /// The text of a literal.
  @inlinable
  public init(stringLiteral value: String) { self.init(value) }
}

extension String {
  /// A copy of the scalars of `text`; without an allocation if it has at most 15 bytes.
  @inlinable
  public init(_ text: Text) {
    self = text.withUTF8Bytes { String(decoding: $0, as: UTF8.self) }
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
  /// - Throws: what `decoder` throws, such as when it has no string there.
  public init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(String.self)) }

  /// Writes the text as a single string.
  ///
  /// - Throws: what `encoder` throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(String(self))
  }
}
