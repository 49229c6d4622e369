/// A step from a value to a part of it.
struct JSONKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(_ name: String) { (stringValue, intValue) = (name, nil) }
  init(_ index: Int) { (stringValue, intValue) = ("Index \(index)", index) }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { self.init(intValue) }
}

extension JSONRecord {
  /// The steps from the record to a value. They are looked up when they are needed, which is usually never.
  func path(to target: Int) -> [any CodingKey] {
    var path: [any CodingKey] = []
    var container = 0
    while container < target {
      let node = self[container]
      guard node.kind == .object || node.kind == .array else { break }
      var child = container + 1
      var position = 0
      while child < node.end {
        let value = node.kind == .object ? child + 1 : child
        let next = index(after: value)
        if target < next {
          path.append(node.kind == .object ? JSONKey(string(child)) : JSONKey(position))
          break
        }
        child = next
        position += 1
      }
      guard child < node.end else { break }
      container = node.kind == .object ? child + 1 : child
    }
    return path
  }

  /// The value at the end of a path, or the last one on it that there is.
  func value(at path: [any CodingKey]) -> Int {
    var value = 0
    for step in path {
      switch self[value].kind {
      case .object:
        var found: Int?
        forEachKey(of: value) { key in
          if JSONFieldNames.converted(string(key), contents.pointee.settings.keys) == step.stringValue
            || string(key) == step.stringValue
          {
            found = key + 1
          }
          return found == nil
        }
        guard let found else { return value }
        value = found
      case .array:
        guard let position = step.intValue, position >= 0, position < self[value].mark else { return value }
        var item = value + 1
        for _ in 0..<position { item = index(after: item) }
        value = item
      default: return value
      }
    }
    return value
  }
}

/// A text that is no JSON, or not that of a value of the type that was asked for.
///
/// The description has the path of the field, the byte at which it begins, and the reason:
///
/// ```
/// user.age, byte 24: the number 300 is out of the range of Int8
/// ```
public struct JSONRecordError: Error, Sendable, CustomStringConvertible {
  /// The number of bytes before the value, or before the fault in a text that is no JSON.
  public let offset: Int
  /// The steps from the record to the value. Empty for a text that is no JSON.
  public let codingPath: [any CodingKey]
  /// The reason.
  public let message: String

  init(_ error: JSONSyntaxError) {
    offset = error.offset
    codingPath = []
    message = error.message
  }

  init(_ error: any Error, in record: JSONRecord) {
    guard let error = error as? DecodingError else {
      // An error of the `init(from:)` of the type.
      (offset, codingPath, message) = (0, [], "\(error)")
      return
    }
    var path: [any CodingKey]
    let context: DecodingError.Context
    switch error {
    case .keyNotFound(let key, let details):
      context = details
      path = details.codingPath + [key]
    case .typeMismatch(_, let details), .valueNotFound(_, let details), .dataCorrupted(let details):
      context = details
      path = details.codingPath
    @unknown default: (context, path) = (.init(codingPath: [], debugDescription: "\(error)"), [])
    }
    offset = record[record.value(at: path)].offset
    codingPath = path
    message = context.debugDescription
  }

  public var description: String {
    var text = ""
    for step in codingPath {
      if let index = step.intValue {
        text += "[\(index)]"
      } else {
        text += (text.isEmpty ? "" : ".") + step.stringValue
      }
    }
    return text.isEmpty ? "byte \(offset): \(message)" : "\(text), byte \(offset): \(message)"
  }
}
