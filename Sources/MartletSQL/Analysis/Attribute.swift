import Synchronization

/// A column of a relation, after its name is resolved.
struct Attribute: Sendable {
  /// Distinguishes columns with the same name. A column that passes through a relation unchanged retains its id.
  let id: Int
  /// The name that users see.
  var name: String
  var type: DataType
  var nullable: Bool
  /// The names of the table that the column belongs to, such as `["x"]` for `FROM t AS x`.
  var qualifier: [String]
  /// The name in the SQL of the relation: unique among its columns, in lower and upper case.
  var key: String
  /// The microseconds of a window, if the column in the SQL has the starts of the windows that are its values: rows are
  /// grouped by numbers faster than by structs.
  var windowLength: Int64?

  init(_ name: String, _ type: DataType, nullable: Bool = true, qualifier: [String] = [], key: String, id: Int? = nil) {
    self.id = id ?? Self.nextID()
    self.name = name
    self.type = type
    self.nullable = nullable
    self.qualifier = qualifier
    self.key = key
  }

  private static let counter = Atomic(0)

  static func nextID() -> Int { counter.wrappingAdd(1, ordering: .relaxed).newValue }

  var field: StructField { StructField(name, type, nullable: nullable) }

  /// The column of a table in SQL, by which rows are grouped.
  func column(of alias: String) -> String { "\(alias).\(quoted(key))" }

  /// The value of the column of a table in SQL.
  func value(in alias: String) -> String {
    let column = column(of: alias)
    return windowLength.map { TimeWindow.value(column, length: $0) } ?? column
  }
}

/// Names for the columns of a relation that the engine can tell apart: it ignores case.
struct ColumnKeys {
  private var taken: Set<String> = []

  /// The name itself, or the name with a number if the relation has it already.
  mutating func key(for name: String) -> String {
    var key = name.isEmpty ? "_" : String(name.filter { $0 != "\0" })
    var number = 2
    while !taken.insert(key.lowercased()).inserted {
      key = "\(name)_\(number)"
      number += 1
    }
    return key
  }
}
