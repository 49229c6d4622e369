// Operations between texts and strings, as they meet in the tables and settings of a program. All compare Unicode
// scalars, as texts do; but hash tables of strings find keys by canonical equivalence, as for strings.
//
// These overloads are disfavored, so that the type of a literal does not change: a text beside a text, a string beside
// a string.

extension Text {
  /// Returns a Boolean value that indicates whether both have the same Unicode scalars.
  @inlinable @_disfavoredOverload
  public static func == (text: Text, string: String) -> Bool { text.hasBytes(of: string) }

  /// Returns a Boolean value that indicates whether both have the same Unicode scalars.
  @inlinable @_disfavoredOverload
  public static func == (string: String, text: Text) -> Bool { text.hasBytes(of: string) }

  /// Returns a Boolean value that indicates whether the two have different Unicode scalars.
  @inlinable @_disfavoredOverload
  public static func != (text: Text, string: String) -> Bool { !text.hasBytes(of: string) }

  /// Returns a Boolean value that indicates whether the two have different Unicode scalars.
  @inlinable @_disfavoredOverload
  public static func != (string: String, text: Text) -> Bool { !text.hasBytes(of: string) }

  /// Returns a Boolean value that indicates whether the text starts with the scalars of `prefix`.
  @inlinable @_disfavoredOverload
  public func hasPrefix(_ prefix: String) -> Bool { hasPrefix(Text(prefix)) }

  /// Returns a Boolean value that indicates whether the text ends with the scalars of `suffix`.
  @inlinable @_disfavoredOverload
  public func hasSuffix(_ suffix: String) -> Bool { hasSuffix(Text(suffix)) }

  /// Returns a Boolean value that indicates whether the scalars of `other` occur consecutively in the text.
  @inlinable @_disfavoredOverload
  public func contains(_ other: String) -> Bool { contains(Text(other)) }

  /// A text with `replacement` in place of every occurrence of `target`, from left to right.
  @inlinable @_disfavoredOverload
  public func replacing(_ target: String, with replacement: String) -> Text {
    replacing(Text(target), with: Text(replacement))
  }

  /// A text with `replacement` in place of every occurrence of `target`, from left to right.
  @inlinable @_disfavoredOverload
  public func replacing(_ target: String, with replacement: Text) -> Text {
    replacing(Text(target), with: replacement)
  }

  /// A text with `replacement` in place of every occurrence of `target`, from left to right.
  @inlinable @_disfavoredOverload
  public func replacing(_ target: Text, with replacement: String) -> Text {
    replacing(target, with: Text(replacement))
  }

  // Generic, because a function with a `String` parameter would be preferred for literals such as " ".

  /// The pieces between occurrences of `separator`, as for a text.
  @inlinable @_disfavoredOverload
  public func split(
    separator: some StringProtocol, maxSplits: Int = .max, omittingEmptySubsequences: Bool = true
  ) -> [Text] {
    split(
      separatedBy: Text(String(separator)), maxSplits: maxSplits, omittingEmptySubsequences: omittingEmptySubsequences)
  }

  /// The pieces between occurrences of `separator`, as for a text. With RegexBuilder, strings are regular expressions
  /// too.
  @inlinable @_disfavoredOverload
  public func split(
    separator: some StringProtocol & RegexComponent, maxSplits: Int = .max, omittingEmptySubsequences: Bool = true
  ) -> [Text] {
    split(
      separatedBy: Text(String(separator)), maxSplits: maxSplits, omittingEmptySubsequences: omittingEmptySubsequences)
  }

  /// All pieces between occurrences of `separator`, including empty ones, as for a text.
  @inlinable @_disfavoredOverload
  public func fields(separator: some StringProtocol) -> [Text] { fields(separator: Text(String(separator))) }

  @usableFromInline
  func hasBytes(of string: String) -> Bool {
    let utf8 = string.utf8
    guard utf8.count == utf8Count else { return false }
    return withUTF8Bytes { bytes in
      utf8.withContiguousStorageIfAvailable { $0.elementsEqual(bytes) } ?? utf8.elementsEqual(bytes)
    }
  }
}

extension StringProtocol {
  /// Returns a Boolean value that indicates whether the scalars of `text` occur consecutively in the string.
  ///
  /// ```swift
  /// allowed.contains(word)
  /// ```
  @inlinable @_disfavoredOverload
  public func contains(_ text: Text) -> Bool { Text(String(self)).contains(text) }

  /// Returns a Boolean value that indicates whether the string starts with the scalars of `prefix`.
  @inlinable @_disfavoredOverload
  public func hasPrefix(_ prefix: Text) -> Bool { Text(String(self)).hasPrefix(prefix) }

  /// Returns a Boolean value that indicates whether the string ends with the scalars of `suffix`.
  @inlinable @_disfavoredOverload
  public func hasSuffix(_ suffix: Text) -> Bool { Text(String(self)).hasSuffix(suffix) }
}

extension Sequence where Element == String {
  /// Returns a Boolean value that indicates whether one of the strings has the scalars of `text`.
  @inlinable @_disfavoredOverload
  public func contains(_ text: Text) -> Bool { contains { $0 == text } }
}

extension Set where Element == String {
  /// Returns a Boolean value that indicates whether the set contains the string of `text`, or one that is canonically
  /// equivalent to it.
  @inlinable @_disfavoredOverload
  public func contains(_ text: Text) -> Bool { contains(String(text)) }
}

extension Sequence where Element == Text {
  /// Returns a Boolean value that indicates whether one of the texts has the scalars of `string`.
  @inlinable @_disfavoredOverload
  public func contains(_ string: String) -> Bool {
    let text = Text(string)
    return contains { $0 == text }
  }

  /// The concatenation of the texts, with `separator` between them.
  ///
  /// ```swift
  /// line.fields(separator: ",").joined(separator: "\t")
  /// ```
  public func joined(separator: Text = "") -> Text {
    var bytes: [UInt8] = []
    var isFirst = true
    for text in self {
      if !isFirst { separator.withUTF8Bytes { bytes.append(contentsOf: $0) } }
      text.withUTF8Bytes { bytes.append(contentsOf: $0) }
      isFirst = false
    }
    return bytes.withUnsafeBufferPointer { Text(copying: $0) }
  }
}

extension Set where Element == Text {
  /// Returns a Boolean value that indicates whether the set contains a text with the scalars of `string`.
  @inlinable @_disfavoredOverload
  public func contains(_ string: String) -> Bool { contains(Text(string)) }
}

extension Dictionary where Key == String {
  /// The value for the string of `text` as a key, or for one that is canonically equivalent to it.
  @inlinable @_disfavoredOverload
  public subscript(_ text: Text) -> Value? {
    get { self[String(text)] }
    set { self[String(text)] = newValue }
    _modify { yield &self[String(text)] }
  }

  /// The value for the string of `text` as a key, or for one that is canonically equivalent to it; `defaultValue` if
  /// there is none.
  @inlinable @_disfavoredOverload
  public subscript(_ text: Text, default defaultValue: @autoclosure () -> Value) -> Value {
    get { self[String(text), default: defaultValue()] }
    _modify { yield &self[String(text), default: defaultValue()] }
  }
}

extension Dictionary where Key == Text {
  /// The value for the key with the scalars of `string`.
  @inlinable @_disfavoredOverload
  public subscript(_ string: String) -> Value? {
    get { self[Text(string)] }
    set { self[Text(string)] = newValue }
    _modify { yield &self[Text(string)] }
  }

  /// The value for the key with the scalars of `string`, or `defaultValue` if there is none.
  @inlinable @_disfavoredOverload
  public subscript(_ string: String, default defaultValue: @autoclosure () -> Value) -> Value {
    get { self[Text(string), default: defaultValue()] }
    _modify { yield &self[Text(string), default: defaultValue()] }
  }
}
