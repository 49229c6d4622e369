package import MartletCore

/// A schema of Avro, in which the names of types are replaced by the types.
package indirect enum AvroSchema: Sendable, Hashable {
  case null, boolean, int, long, float, double, bytes, string
  case fixed(AvroName, size: Int)
  case enumeration(AvroName, symbols: [String], default: String?)
  case array(AvroSchema)
  case map(AvroSchema)
  case union([AvroSchema])
  case record(AvroRecord)
  case logical(AvroLogicalType, AvroSchema)

  /// The schema without its logical type.
  package var base: AvroSchema { if case .logical(_, let base) = self { base } else { self } }

  /// The name of the kind of the type, for messages.
  package var title: String {
    switch self {
    case .null: "null"
    case .boolean: "boolean"
    case .int: "int"
    case .long: "long"
    case .float: "float"
    case .double: "double"
    case .bytes: "bytes"
    case .string: "string"
    case .fixed(let name, let size): "fixed '\(name.full)' of \(size) bytes"
    case .enumeration(let name, _, _): "enum '\(name.full)'"
    case .array: "array"
    case .map: "map"
    case .union(let branches): "union of \(branches.map(\.title).joined(separator: ", "))"
    case .record(let record): "record '\(record.name.full)'"
    case .logical(let type, let base): "\(base.title) (\(type.title))"
    }
  }
}

/// A record of Avro.
package struct AvroRecord: Sendable, Hashable {
  package var name: AvroName
  package var fields: [AvroField]

  package init(_ name: AvroName, _ fields: [AvroField]) {
    self.name = name
    self.fields = fields
  }
}

/// A field of a record.
package struct AvroField: Sendable, Hashable {
  package var name: String
  package var type: AvroSchema
  /// The value in files that lack the field; `nil` if it has none.
  package var defaultValue: DynamicValue?
  package var aliases: [String]

  package init(_ name: String, _ type: AvroSchema, default: DynamicValue? = nil, aliases: [String] = []) {
    self.name = name
    self.type = type
    defaultValue = `default`
    self.aliases = aliases
  }
}

/// The name of a record, enumeration or fixed type.
package struct AvroName: Sendable, Hashable {
  package var name: String
  package var namespace: String

  /// - Parameter namespace: the one to which a name without dots belongs.
  package init(_ text: String, namespace: String = "") {
    if let dot = text.lastIndex(of: ".") {
      name = String(text[text.index(after: dot)...])
      self.namespace = String(text[..<dot])
    } else {
      name = text
      self.namespace = namespace
    }
  }

  package var full: String { namespace.isEmpty ? name : "\(namespace).\(name)" }

  /// True if Avro allows a name: letters, digits and `_`, with no digit first.
  package static func isValid(_ name: String) -> Bool {
    func isLetter(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "_") || (byte | 32 >= 97 && byte | 32 <= 122) }
    guard let first = name.utf8.first, isLetter(first) else { return false }
    return name.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) }
  }
}

/// The meaning of a type. Those that are not listed here have none: their values are those of the type below.
package enum AvroLogicalType: Sendable, Hashable {
  case decimal(precision: Int, scale: Int)
  case date
  case timeMillis, timeMicros
  case timestampMillis, timestampMicros
  case localTimestampMillis, localTimestampMicros
  case uuid

  package var title: String {
    switch self {
    case .decimal(let precision, let scale): "decimal(\(precision), \(scale))"
    case .date: "date"
    case .timeMillis: "time-millis"
    case .timeMicros: "time-micros"
    case .timestampMillis: "timestamp-millis"
    case .timestampMicros: "timestamp-micros"
    case .localTimestampMillis: "local-timestamp-millis"
    case .localTimestampMicros: "local-timestamp-micros"
    case .uuid: "uuid"
    }
  }
}

/// A schema that is wrong, or that cannot be used.
package struct AvroSchemaFault: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
