import MartletCore

extension AvroSchema {
  /// The schema as JSON. A type with a name is defined where it is first used.
  package var json: String {
    var defined: [String: AvroSchema] = [:]
    return value(&defined, namespace: "").description
  }

  private func value(_ defined: inout [String: AvroSchema], namespace: String) -> DynamicValue {
    switch self {
    case .null, .boolean, .int, .long, .float, .double, .bytes, .string: return .string(title)
    case .array(let items):
      return Self.object([("type", .string("array")), ("items", items.value(&defined, namespace: namespace))])
    case .map(let values):
      return Self.object([("type", .string("map")), ("values", values.value(&defined, namespace: namespace))])
    case .union(let branches):
      return .array(branches.map { $0.value(&defined, namespace: namespace) })
    case .fixed(let name, let size):
      return define(name, "fixed", &defined, namespace) { _ in [("size", .signed(Int64(size)))] }
    case .enumeration(let name, let symbols, let other):
      return define(name, "enum", &defined, namespace) { _ in
        [("symbols", .array(symbols.map { .string($0) }))] + (other.map { [("default", .string($0))] } ?? [])
      }
    case .record(let record):
      return define(record.name, "record", &defined, namespace) { defined in
        [
          (
            "fields",
            .array(
              record.fields.map { field in
                var items: [(String, DynamicValue)] = [
                  ("name", .string(field.name)),
                  ("type", field.type.value(&defined, namespace: record.name.namespace)),
                ]
                if let value = field.defaultValue { items.append(("default", value)) }
                if !field.aliases.isEmpty { items.append(("aliases", .array(field.aliases.map { .string($0) }))) }
                return Self.object(items)
              })
          )
        ]
      }
    case .logical(let type, let base):
      let inner = base.value(&defined, namespace: namespace)
      // A name that is defined elsewhere has its logical type there.
      var fields = inner.fields ?? [DynamicValue.Field("type", inner)]
      if inner.fields == nil, case .fixed = base { return inner }
      let name = if case .decimal = type { "decimal" } else { type.title }
      fields.append(DynamicValue.Field("logicalType", .string(name)))
      if case .decimal(let precision, let scale) = type {
        fields.append(DynamicValue.Field("precision", .signed(Int64(precision))))
        fields.append(DynamicValue.Field("scale", .signed(Int64(scale))))
      }
      return .object(fields)
    }
  }

  private func define(
    _ name: AvroName, _ kind: String, _ defined: inout [String: AvroSchema], _ namespace: String,
    _ rest: (inout [String: AvroSchema]) -> [(String, DynamicValue)]
  ) -> DynamicValue {
    if defined[name.full] != nil { return .string(name.full) }
    defined[name.full] = self
    var items: [(String, DynamicValue)] = [("type", .string(kind)), ("name", .string(name.name))]
    if name.namespace != namespace { items.append(("namespace", .string(name.namespace))) }
    return Self.object(items + rest(&defined))
  }

  private static func object(_ items: [(String, DynamicValue)]) -> DynamicValue {
    .object(items.map { DynamicValue.Field($0.0, $0.1) })
  }
}
