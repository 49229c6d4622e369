import MartletCore

extension AvroSchema {
  /// The schema that JSON describes.
  /// - Throws: `AvroSchemaFault`.
  package init(json: some Sequence<UInt8>) throws {
    let value: DynamicValue
    do { value = try DynamicValue(json: Array(json)) } catch {
      throw AvroSchemaFault("the schema is not JSON: \(error)")
    }
    var parser = AvroSchemaParser()
    self = try parser.schema(value, namespace: "")
  }

  package init(json: String) throws { try self.init(json: json.utf8) }
}

private struct AvroSchemaParser {
  /// The types that have names, with the number of types in them.
  private var named: [String: (schema: AvroSchema, size: Int)] = [:]
  /// The types whose definition is not complete.
  private var open: Set<String> = []
  /// The number of types so far. Names that stand for other types let it grow exponentially.
  private var size = 0

  private static let largestSize = 20_000

  mutating func schema(_ value: DynamicValue, namespace: String) throws -> AvroSchema {
    size += 1
    guard size <= Self.largestSize else {
      throw AvroSchemaFault("the schema has more than \(Self.largestSize) types")
    }
    switch value {
    case .string(let name): return try type(name, namespace)
    case .array(let branches):
      let branches = try branches.map { try schema($0, namespace: namespace) }
      if branches.isEmpty { throw AvroSchemaFault("a union has no types") }
      if branches.contains(where: { if case .union = $0 { true } else { false } }) {
        throw AvroSchemaFault("a union contains another one")
      }
      return .union(branches)
    case .object(let fields): return try complex(JSONObject(fields), namespace)
    default: throw AvroSchemaFault("the schema has \(value) in place of a type")
    }
  }

  private mutating func type(_ name: String, _ namespace: String) throws -> AvroSchema {
    if let primitive = Self.primitives[name] { return primitive }
    for full in [AvroName(name, namespace: namespace).full, name] {
      if open.contains(full) {
        throw AvroSchemaFault("the type '\(full)' contains itself; columns cannot have such types")
      }
      if let (schema, size) = named[full] {
        self.size += size
        return schema
      }
    }
    throw AvroSchemaFault("there is no type '\(name)'")
  }

  private static let primitives: [String: AvroSchema] = [
    "null": .null, "boolean": .boolean, "int": .int, "long": .long, "float": .float, "double": .double,
    "bytes": .bytes, "string": .string,
  ]

  private mutating func complex(_ object: JSONObject, _ namespace: String) throws -> AvroSchema {
    guard let kind = object["type"] else { throw AvroSchemaFault("a type has no \"type\"") }
    guard case .string(let text) = kind else { return try schema(kind, namespace: namespace) }
    switch text {
    case "record", "error":
      return try define(object, namespace) { parser, name in
        guard case .array(let items)? = object["fields"] else {
          throw AvroSchemaFault("the record '\(name.full)' has no fields")
        }
        var names: Set<String> = []
        let fields = try items.map { item in
          let field = try parser.field(item, name)
          guard names.insert(field.name).inserted else {
            throw AvroSchemaFault("the record '\(name.full)' has two fields '\(field.name)'")
          }
          return field
        }
        return .record(AvroRecord(name, fields))
      }
    case "enum":
      return try define(object, namespace) { _, name in
        let symbols = try object.strings("symbols")
        guard !symbols.isEmpty, Set(symbols).count == symbols.count else {
          throw AvroSchemaFault("the enum '\(name.full)' has no symbols, or one twice")
        }
        return .enumeration(name, symbols: symbols, default: object.string("default"))
      }
    case "fixed":
      return try define(object, namespace) { _, name in
        guard let size = object.integer("size"), size >= 0, size <= Int(Int32.max) else {
          throw AvroSchemaFault("the fixed type '\(name.full)' has no size")
        }
        return Self.logical(.fixed(name, size: size), object)
      }
    case "array":
      guard let items = object["items"] else { throw AvroSchemaFault("an array has no \"items\"") }
      return .array(try schema(items, namespace: namespace))
    case "map":
      guard let values = object["values"] else { throw AvroSchemaFault("a map has no \"values\"") }
      return .map(try schema(values, namespace: namespace))
    default: return Self.logical(try type(text, namespace), object)
    }
  }

  /// Reads the definition of a type with a name.
  private mutating func define(
    _ object: JSONObject, _ namespace: String,
    _ body: (inout AvroSchemaParser, AvroName) throws -> AvroSchema
  ) throws -> AvroSchema {
    guard let text = object.string("name"), !text.isEmpty else { throw AvroSchemaFault("a type has no name") }
    let name = AvroName(text, namespace: object.string("namespace") ?? namespace)
    guard named[name.full] == nil, open.insert(name.full).inserted else {
      throw AvroSchemaFault("two types have the name '\(name.full)'")
    }
    defer { open.remove(name.full) }
    let before = size
    let schema = try body(&self, name)
    named[name.full] = (schema, size - before)
    return schema
  }

  private mutating func field(_ value: DynamicValue, _ record: AvroName) throws -> AvroField {
    guard let fields = value.fields else {
      throw AvroSchemaFault("the record '\(record.full)' has \(value) in place of a field")
    }
    let object = JSONObject(fields)
    guard let name = object.string("name"), let type = object["type"] else {
      throw AvroSchemaFault("a field of the record '\(record.full)' has no name or no type")
    }
    let aliases = object["aliases"] == nil ? [] : try object.strings("aliases")
    return AvroField(
      name, try schema(type, namespace: record.namespace), default: object["default"], aliases: aliases)
  }

  /// A type with its logical type, which is ignored if it does not fit, as Avro demands.
  private static func logical(_ schema: AvroSchema, _ object: JSONObject) -> AvroSchema {
    let type: AvroLogicalType
    switch (object.string("logicalType"), schema) {
    case ("decimal", .bytes), ("decimal", .fixed):
      let scale = object.integer("scale") ?? 0
      guard let precision = object.integer("precision"), precision > 0, scale >= 0, scale <= precision else {
        return schema
      }
      type = .decimal(precision: precision, scale: scale)
    case ("date", .int): type = .date
    case ("time-millis", .int): type = .timeMillis
    case ("time-micros", .long): type = .timeMicros
    case ("timestamp-millis", .long): type = .timestampMillis
    case ("timestamp-micros", .long): type = .timestampMicros
    case ("local-timestamp-millis", .long): type = .localTimestampMillis
    case ("local-timestamp-micros", .long): type = .localTimestampMicros
    case ("uuid", .string): type = .uuid
    default: return schema
    }
    return .logical(type, schema)
  }
}

/// An object of JSON, of which the last of several values with the same name counts.
private struct JSONObject {
  private let values: [String: DynamicValue]

  init(_ fields: [DynamicValue.Field]) {
    values = Dictionary(fields.map { ($0.name, $0.value) }) { $1 }
  }

  subscript(name: String) -> DynamicValue? { values[name] }

  func string(_ name: String) -> String? { if case .string(let text)? = values[name] { text } else { nil } }

  func integer(_ name: String) -> Int? { if case .signed(let number)? = values[name] { Int(number) } else { nil } }

  func strings(_ name: String) throws -> [String] {
    guard case .array(let items)? = values[name] else { throw AvroSchemaFault("there is no list \"\(name)\"") }
    return try items.map {
      guard case .string(let text) = $0 else { throw AvroSchemaFault("\(name) contains \($0), which is no text") }
      return text
    }
  }
}
