extension Analyzer {
  /// The name of the call that makes a value nullable. It is a function nowhere else.
  static let nullableCall = "martlet_nullable"

  /// The calls that methods of `Column` make, and that are no functions of SQL; `nil` for any other call.
  mutating func columnMethod(_ name: String, _ call: FunctionCall, _ scope: Scope, _ place: Place) -> TypedExpression? {
    switch name {
    case "cast", "try_cast":
      guard call.arguments.count == 2, case .literal(.string(let text)) = call.arguments[1] else { return nil }
      guard let type = try? DataType(ddl: text) else {
        return faulty(
          "PARSE_SYNTAX_ERROR", "'\(text)' is not a type. Types are written as in SQL, such as 'decimal(10,2)'.")
      }
      return resolve(.cast(call.arguments[0], type, isTry: name == "try_cast"), scope, place)
    case Self.nullableCall:
      guard call.arguments.count == 1 else { return nil }
      var value = resolve(call.arguments[0], scope, place)
      value.nullable = true
      return value
    case "with_field":
      guard call.arguments.count == 3, case .literal(.string(let field)) = call.arguments[1] else { return nil }
      let value = resolve(call.arguments[2], scope, place)
      return changed(resolve(call.arguments[0], scope, place), "withField") { fields in
        let new = (StructField(field, value.type, nullable: value.nullable), value.sql)
        if let index = fields.firstIndex(where: { $0.field.name.isSameName(as: field) }) {
          fields[index] = new
        } else {
          fields.append(new)
        }
      }.map { result in
        if value.contents.contains(.fault) { return value }
        var result = result
        result.contents.formUnion(value.contents)
        result.ungrouped = result.ungrouped ?? value.ungrouped
        return result
      }
    case "drop_fields":
      let names = call.arguments.dropFirst().compactMap { argument -> String? in
        if case .literal(.string(let name)) = argument { name } else { nil }
      }
      guard let first = call.arguments.first, names.count == call.arguments.count - 1 else { return nil }
      return changed(resolve(first, scope, place), "dropFields") { fields in
        fields.removeAll { item in names.contains { $0.isSameName(as: item.field.name) } }
      }
    default: return nil
    }
  }

  /// A struct with other fields.
  private mutating func changed(
    _ value: TypedExpression, _ method: String, _ change: (inout [(field: StructField, sql: String)]) -> Void
  ) -> TypedExpression? {
    if value.contents.contains(.fault) { return value }
    guard case .struct(let type) = value.type else {
      return faulty(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "\(method) takes a struct, not \(value.name) of type \(value.type).")
    }
    var fields =
      type.fields.map { ($0, "struct_extract(\(value.sql), \(quotedText($0.name)))") }
      as [(field: StructField, sql: String)]
    change(&fields)
    guard !fields.isEmpty else {
      return faulty("DATATYPE_MISMATCH.CANNOT_DROP_ALL_FIELDS", "\(method) would leave no field of \(value.name).")
    }
    var result = value
    result.attribute = nil
    let list = fields.map { "\(quoted($0.field.name)) := \($0.sql)" }.joined(separator: ", ")
    result.sql = "(CASE WHEN \(value.sql) IS NOT NULL THEN struct_pack(\(list)) END)"
    result.type = .struct(StructType(fields.map(\.field)))
    result.name = "update_fields(\(value.name))"
    return result
  }
}
