extension StructType {
  /// The columns as a tree, as `printSchema` prints them.
  ///
  /// ```
  /// root
  ///  |-- name: string (nullable = true)
  ///  |-- tags: array (nullable = true)
  ///  |    |-- element: string (containsNull = true)
  /// ```
  public var treeString: String { treeString(depth: .max) }

  /// The columns as a tree of so many levels.
  func treeString(depth: Int) -> String { "root\n" + branches(" |", depth) }

  private func branches(_ prefix: String, _ depth: Int) -> String {
    guard depth > 0 else { return "" }
    return fields.map { field in
      "\(prefix)-- \(TableDrawing.escaped(field.name)): \(field.type.typeName) (nullable = \(field.nullable))\n"
        + field.type.branches("\(prefix)    |", depth - 1)
    }.joined()
  }
}

extension DataType {
  /// The parts of the type below its own line.
  fileprivate func branches(_ prefix: String, _ depth: Int) -> String {
    guard depth > 0 else { return "" }
    let below = "\(prefix)    |"
    return switch self {
    case .array(let element):
      "\(prefix)-- element: \(element.typeName) (containsNull = true)\n" + element.branches(below, depth - 1)
    case .map(let key, let value):
      "\(prefix)-- key: \(key.typeName)\n" + key.branches(below, depth - 1)
        + "\(prefix)-- value: \(value.typeName) (valueContainsNull = true)\n" + value.branches(below, depth - 1)
    case .struct(let type): type.fields(prefix, depth)
    default: ""
    }
  }
}

extension StructType {
  fileprivate func fields(_ prefix: String, _ depth: Int) -> String { branches(prefix, depth) }
}
