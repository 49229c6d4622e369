// The order between texts and strings: that of Unicode scalars, as between texts. It differs from that of `String` for
// scalars that are canonically equivalent to others.
//
// Disfavored, so that a literal beside a text is a text, and one beside a string a string.

extension Text {
  /// Returns a Boolean value that indicates whether `text` comes first in the order of Unicode scalars.
  @inlinable @_disfavoredOverload
  public static func < (text: Text, string: String) -> Bool { text.order(beside: string) < 0 }

  /// Returns a Boolean value that indicates whether `string` comes first in the order of Unicode scalars.
  @inlinable @_disfavoredOverload
  public static func < (string: String, text: Text) -> Bool { text.order(beside: string) > 0 }

  /// Returns a Boolean value that indicates whether `string` comes first in the order of Unicode scalars.
  @inlinable @_disfavoredOverload
  public static func > (text: Text, string: String) -> Bool { text.order(beside: string) > 0 }

  /// Returns a Boolean value that indicates whether `text` comes first in the order of Unicode scalars.
  @inlinable @_disfavoredOverload
  public static func > (string: String, text: Text) -> Bool { text.order(beside: string) < 0 }

  /// Returns a Boolean value that indicates whether `text` comes first in the order of Unicode scalars, or both are the
  /// same.
  @inlinable @_disfavoredOverload
  public static func <= (text: Text, string: String) -> Bool { text.order(beside: string) <= 0 }

  /// Returns a Boolean value that indicates whether `string` comes first in the order of Unicode scalars, or both are
  /// the same.
  @inlinable @_disfavoredOverload
  public static func <= (string: String, text: Text) -> Bool { text.order(beside: string) >= 0 }

  /// Returns a Boolean value that indicates whether `string` comes first in the order of Unicode scalars, or both are
  /// the same.
  @inlinable @_disfavoredOverload
  public static func >= (text: Text, string: String) -> Bool { text.order(beside: string) >= 0 }

  /// Returns a Boolean value that indicates whether `text` comes first in the order of Unicode scalars, or both are the
  /// same.
  @inlinable @_disfavoredOverload
  public static func >= (string: String, text: Text) -> Bool { text.order(beside: string) <= 0 }

  /// Less than 0 if the text comes before `string`, more than 0 if it comes after it, 0 if they have the same scalars.
  @usableFromInline
  func order(beside string: String) -> Int {
    var string = string
    return string.withUTF8 { other in withUTF8Bytes { byteOrder($0, other) } }
  }
}

// `>` as a function that may be passed to another thread, as in `rdd.takeOrdered(3, by: >)`. Swift treats operators
// from a protocol extension, such as the `>` of `Comparable`, as functions that may not.

extension Text {
  /// Returns a Boolean value that indicates whether `a` comes after `b` in the order of Unicode scalars.
  @inlinable @inline(__always)
  public static func > (a: Text, b: Text) -> Bool { b < a }
}

extension String {
  /// Returns a Boolean value that indicates whether `a` comes after `b` in Swift's own order of strings.
  @inlinable @inline(__always)
  public static func > (a: String, b: String) -> Bool { b < a }
}
