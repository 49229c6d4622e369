/// A decoder of `Codable` values from JSON, without Foundation.
///
/// `parseJSON(as:)` of streams and RDDs of lines decodes with it, and takes one with other settings:
///
/// ```swift
/// let decoder = JSONRecordDecoder(keys: .convertFromSnakeCase, dates: .secondsSince1970)
/// let tweets = lines.parseJSON(as: Tweet.self, with: decoder)
/// ```
/// By itself it is used in closures, for lines that are not only JSON:
///
/// ```swift
/// let tweets = lines.parse { line in try JSONRecordDecoder().decode(Tweet.self, from: line.dropFirst(6)) }
/// ```
///
/// A text is accepted if all of it is JSON as RFC 8259 defines it, and it has the fields of the type. Fields that the
/// type does not have are skipped. A field that is missing or `null` is `nil` if it is optional; otherwise the record is
/// rejected. If a name occurs twice in an object, the first field counts, as for Foundation's decoder. Objects and arrays
/// are nested at most 512 levels deep. A byte order mark at the beginning is ignored.
///
/// Integers are exact: `1.5`, and numbers out of the range of their type, are rejected; `2.0` and `1e3` are integers.
/// A `Double` is the nearest one.
///
/// A property of type `Text` without escapes shares the buffer of the line, so that no bytes are copied; texts that are
/// stored for long are better `compacted()`. Names are compared by their bytes.
///
/// Foundation's `Date` is read as ``dates`` says, `Data` from Base64, `URL` from a string, and `Decimal` from a number. An
/// `init(from:)` of your own is called as usual; `userInfo` is empty.
public struct JSONRecordDecoder: Sendable {
  /// The conversions of the names of fields.
  public enum Keys: Sendable {
    /// Names in JSON are those of the coding keys.
    case useDefaultKeys
    /// A field `user_id` is that of the coding key `userId`. Keys of dictionaries are not converted.
    case convertFromSnakeCase
  }

  /// The forms of Foundation's `Date`.
  public enum Dates: Sendable {
    /// A string such as `2024-02-29T12:30:00.5+01:00`. A text without an offset is in UTC, and one without a time of day is
    /// the beginning of a day.
    case iso8601
    /// A number of seconds since 1970.
    case secondsSince1970
    /// A number of milliseconds since 1970.
    case millisecondsSince1970
    /// A number of seconds since 2001, as Foundation's encoder writes dates unless its strategy is set.
    case deferredToDate
  }

  /// The conversion of the names of fields.
  public var keys: Keys
  /// The form of dates.
  public var dates: Dates

  /// Creates a decoder.
  public init(keys: Keys = .useDefaultKeys, dates: Dates = .iso8601) {
    self.keys = keys
    self.dates = dates
  }

  /// The value that a text represents.
  ///
  /// - Throws: `JSONRecordError`.
  public func decode<Value: Decodable>(_ type: Value.Type, from text: Text) throws(JSONRecordError) -> Value {
    try JSONRecordReader(self).decode(type, from: text)
  }

  /// The value that bytes of UTF-8 represent.
  /// - Throws: `JSONRecordError`.
  public func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: some Collection<UInt8>
  ) throws(JSONRecordError) -> Value {
    guard let text = Text(validating: bytes) else {
      throw JSONRecordError(.notUTF8)
    }
    return try decode(type, from: text)
  }
}
