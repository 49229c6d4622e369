/// One value, or the name of a field, in the text of a record.
///
/// A record is an array of nodes in the order of its text: after the node of an object come the name and the value of
/// each field, after the node of an array its items.
package struct JSONNode {
  package enum Kind: UInt8 {
    case null, `false`, `true`
    /// A number of at most 18 digits, without a fraction or an exponent.
    case integer
    /// Any other number.
    case number
    case string, object, array
    /// The name of a field, whose value is the next node.
    case key
  }

  /// The offset of the first byte in the record; of a string and a key, of the one after its quote.
  var position: UInt32
  package var kind: Kind
  /// True for strings and keys with escapes.
  var isEscaped = false
  /// True for the key of a field whose name an earlier field of the object has.
  var isShadowed = false
  /// The integer; the number of bytes of a number, a string or a key; of objects and arrays, `end` and `mark`.
  var payload: UInt64

  init(_ kind: Kind, _ position: Int, _ payload: UInt64 = 0) {
    self.kind = kind
    self.position = UInt32(truncatingIfNeeded: position)
    self.payload = payload
  }

  var offset: Int { Int(position) }
  /// The number of bytes of a number, a string or a key, in the text.
  var count: Int { Int(truncatingIfNeeded: payload) }
  package var integer: Int64 { Int64(truncatingIfNeeded: payload) }

  /// The index after the last node in an object or array.
  package var end: Int {
    get { Int(UInt32(truncatingIfNeeded: payload)) }
    set { payload = (payload >> 32) << 32 | UInt64(UInt32(truncatingIfNeeded: newValue)) }
  }

  /// The number of items of an array. Of an object, the index of the key that is probably wanted next.
  package var mark: Int {
    get { Int(payload >> 32) }
    set { payload = UInt64(UInt32(truncatingIfNeeded: payload)) | UInt64(truncatingIfNeeded: newValue) << 32 }
  }

  /// The name of the kind, with an article, for messages.
  var name: String {
    switch kind {
    case .null: "null"
    case .true, .false: "a Boolean value"
    case .integer, .number: "a number"
    case .string, .key: "a string"
    case .object: "an object"
    case .array: "an array"
    }
  }
}

/// A text that is no JSON.
struct JSONSyntaxError: Error {
  /// The number of bytes before the fault.
  let offset: Int
  let message: String

  static var notUTF8: JSONSyntaxError { JSONSyntaxError(offset: 0, message: "the text is not valid UTF-8") }
}
