import MartletCore

/// Any JSON, as a `Decodable` that tries one form after another.
indirect enum JSONTree: Decodable, Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSONTree])
  case object([String: JSONTree])

  init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: AnyKey.self) {
      var fields: [String: JSONTree] = [:]
      for key in container.allKeys { fields[key.stringValue] = try container.decode(JSONTree.self, forKey: key) }
      self = .object(fields)
    } else if var container = try? decoder.unkeyedContainer() {
      var items: [JSONTree] = []
      while !container.isAtEnd { items.append(try container.decode(JSONTree.self)) }
      self = .array(items)
    } else {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if let value = try? container.decode(Bool.self) {
        self = .bool(value)
      } else if let value = try? container.decode(Int64.self) {
        self = .integer(value)
      } else if let value = try? container.decode(Double.self) {
        self = .number(value)
      } else {
        self = .string(try container.decode(String.self))
      }
    }
  }
}

struct AnyKey: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension JSONRecordDecoder {
  func tree(_ text: String) throws -> JSONTree { try decode(JSONTree.self, from: Text(text)) }

  /// The reason for which a text is rejected; `nil` if it is not.
  func reason(_ text: Text, _ type: (some Decodable).Type) -> String? {
    do { _ = try decode(type, from: text) } catch { return "\(error)" }
    return nil
  }
}
