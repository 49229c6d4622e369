/// The names that an expression may refer to.
struct Scope: Sendable {
  /// A column, and its name in the SQL of the expression, such as `t."age"`.
  struct Entry: Sendable {
    var attribute: Attribute
    var sql: String
    /// True for a column that only a qualified name finds.
    var isHidden = false
  }

  var entries: [Entry]
  var frames: [FrameID: [Attribute]] = [:]
  /// The parameters of the functions around, such as `x` in `x -> x + 1`; the innermost last.
  var parameters: [(name: String, expression: TypedExpression)] = []
  /// The scope of the query around a subquery.
  var outer: [Scope] = []
  /// True if an input is unknown after a mistake.
  var isUnknown = false
  /// Common table expressions.
  var tables: [String: Relation] = [:]

  init(_ entries: [Entry], frames: [FrameID: [Attribute]] = [:]) {
    self.entries = entries
    self.frames = frames
  }

  /// A scope of a relation with the name `alias` in `FROM`.
  init(_ relation: Relation, alias: String) {
    self.init(
      relation.columns.map { Entry(attribute: $0, sql: $0.value(in: alias)) }
        + relation.hidden.map { Entry(attribute: $0, sql: $0.value(in: alias), isHidden: true) },
      frames: relation.frames)
  }

  enum Match {
    case found(Entry, fields: ArraySlice<String>)
    case ambiguous([Entry])
    case none
  }

  /// Finds a column by the parts of its name: those of its table, its name, and then the fields of structs.
  func match(_ parts: [String]) -> Match {
    if Analyzer.isID(parts) {
      return entries.first { parts[0] == Analyzer.idName($0.attribute.id) }.map { .found($0, fields: []) } ?? .none
    }
    // The longest qualifier wins, as in Spark: t.a is the column a of t, before the field a of a column t.
    for qualifiers in stride(from: min(parts.count - 1, 3), through: 0, by: -1) {
      let table = parts.prefix(qualifiers)
      let name = parts[qualifiers]
      let found = entries.filter { entry in
        !(entry.isHidden && table.isEmpty) && entry.attribute.name.isSameName(as: name)
          && (table.isEmpty
            || table.count <= entry.attribute.qualifier.count
              && zip(entry.attribute.qualifier.suffix(table.count), table).allSatisfy { $0.isSameName(as: $1) })
      }
      if found.count == 1 { return .found(found[0], fields: parts.dropFirst(qualifiers + 1)) }
      if let first = found.first {
        if found.allSatisfy({ $0.attribute.id == first.attribute.id }) {
          return .found(first, fields: parts.dropFirst(qualifiers + 1))
        }
        return .ambiguous(found)
      }
    }
    return .none
  }

  /// The entries that a star stands for.
  var visible: [Entry] { entries.filter { !$0.isHidden } }

  func entry(id: Int) -> Entry? { entries.first { $0.attribute.id == id } }
}

extension String {
  /// Names of columns, tables and functions ignore case, as in Spark.
  func isSameName(as other: String) -> Bool { self == other || lowercased() == other.lowercased() }
}
