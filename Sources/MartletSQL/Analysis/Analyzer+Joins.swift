extension Analyzer {
  mutating func join(_ join: Join) -> Relation {
    let left = open(join.left)
    var right: Relation
    if join.isLateral {
      right = subquery(join.right, scope(left, "l"))
    } else {
      right = open(join.right)
    }
    // A table joined with itself: the columns of the right side are other columns.
    let ids = Set(left.columns.map(\.id))
    if right.columns.contains(where: { ids.contains($0.id) }) { right = Self.fresh(right) }
    let sides = sides(left, right)
    var condition = ""
    var shared: [(left: Scope.Entry, right: Scope.Entry, type: DataType)] = []
    switch join.condition {
    case .none: break
    case .on(let expression):
      var scope = Scope(sides.left + sides.right, frames: merged(left, right))
      scope.outer = outer
      scope.isUnknown = left.isUnknown || right.isUnknown
      let value = self.expression(expression, scope, Place(clause: "the condition of a join"))
      if value.type != .boolean, value.type != .null, !value.contents.contains(.fault) {
        fail("JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE", "The condition \(value.name) is of type \(value.type), not boolean.")
      }
      condition = " ON \(value.converted(to: .boolean).sql)"
    case .using(let names): shared = names.compactMap { self.shared($0, sides) }
    case .natural:
      let names = left.columns.map(\.name).filter { name in right.columns.contains { $0.name.isSameName(as: name) } }
      shared = names.compactMap { self.shared($0, sides) }
    }
    if !shared.isEmpty {
      let terms = shared.map { pair in
        "\(Cast.sql(pair.left.sql, from: pair.left.attribute.type, to: pair.type)) = "
          + Cast.sql(pair.right.sql, from: pair.right.attribute.type, to: pair.type)
      }
      condition = " ON \(terms.joined(separator: " AND "))"
    }
    return joined(join, left, right, sides, shared, condition)
  }

  private func merged(_ left: Relation, _ right: Relation) -> [FrameID: [Attribute]] {
    // Columns of a frame that is on both sides are ambiguous: both are there.
    left.frames.merging(right.frames) { $0 + $1 }
  }

  private func sides(_ left: Relation, _ right: Relation) -> (left: [Scope.Entry], right: [Scope.Entry]) {
    (scope(left, "l").entries, scope(right, "r").entries)
  }

  private mutating func shared(
    _ name: String, _ sides: (left: [Scope.Entry], right: [Scope.Entry])
  )
    -> (left: Scope.Entry, right: Scope.Entry, type: DataType)?
  {
    func side(_ entries: [Scope.Entry], _ side: String, _ analyzer: inout Analyzer) -> Scope.Entry? {
      let found = entries.filter { !$0.isHidden && $0.attribute.name.isSameName(as: name) }
      if found.count == 1 { return found[0] }
      let fault =
        found.isEmpty
        ? AnalysisFault(
          "UNRESOLVED_USING_COLUMN_FOR_JOIN",
          "The \(side) side of the join has no column '\(name)'. Its columns are \(listed(entries.map(\.attribute.name)))."
        )
        : AnalysisFault("AMBIGUOUS_REFERENCE", "The \(side) side of the join has \(found.count) columns '\(name)'.")
      analyzer.fail(fault.kind, fault.message)
      return nil
    }
    guard let left = side(sides.left, "left", &self), let right = side(sides.right, "right", &self) else { return nil }
    guard let type = Coercion.common(left.attribute.type, right.attribute.type) else {
      fail(
        "DATATYPE_MISMATCH",
        "The column '\(name)' is of type \(left.attribute.type) on the left and \(right.attribute.type) on the right.")
      return nil
    }
    return (left, right, type)
  }

  private func joined(
    _ join: Join, _ left: Relation, _ right: Relation, _ sides: (left: [Scope.Entry], right: [Scope.Entry]),
    _ shared: [(left: Scope.Entry, right: Scope.Entry, type: DataType)], _ condition: String
  ) -> Relation {
    let onlyLeft = join.kind == .leftSemi || join.kind == .leftAnti
    let leftIsNull = join.kind == .rightOuter || join.kind == .fullOuter
    let rightIsNull = join.kind == .leftOuter || join.kind == .fullOuter
    var items: [SelectItem] = []
    var hidden: [SelectItem] = []
    var keys = ColumnKeys()
    func item(_ attribute: Attribute, _ sql: String, isNull: Bool) -> SelectItem {
      var attribute = attribute
      attribute.nullable = attribute.nullable || isNull
      attribute.key = keys.key(for: attribute.name)
      return SelectItem(attribute: attribute, sql: sql)
    }
    func add(_ attribute: Attribute, _ sql: String, isNull: Bool) { items.append(item(attribute, sql, isNull: isNull)) }
    func hide(_ entry: Scope.Entry, isNull: Bool) { hidden.append(item(entry.attribute, entry.sql, isNull: isNull)) }
    if onlyLeft {
      let shared = Set(shared.map(\.left.attribute.id))
      let left = sides.left.filter { !$0.isHidden }
      for entry in left where shared.contains(entry.attribute.id) { add(entry.attribute, entry.sql, isNull: false) }
      for entry in left where !shared.contains(entry.attribute.id) { add(entry.attribute, entry.sql, isNull: false) }
    } else {
      for pair in shared {
        let a = Cast.sql(pair.left.sql, from: pair.left.attribute.type, to: pair.type)
        let b = Cast.sql(pair.right.sql, from: pair.right.attribute.type, to: pair.type)
        switch join.kind {
        case .rightOuter:
          add(pair.right.attribute, pair.right.sql, isNull: false)
          hide(pair.left, isNull: true)
        case .fullOuter:
          hide(pair.left, isNull: true)
          hide(pair.right, isNull: true)
          add(
            Attribute(pair.left.attribute.name, pair.type, nullable: true, key: pair.left.attribute.key),
            "coalesce(\(a), \(b))", isNull: true)
        default:
          add(pair.left.attribute, pair.left.sql, isNull: false)
          hide(pair.right, isNull: rightIsNull)
        }
      }
      let left = Set(shared.map(\.left.attribute.id))
      let right = Set(shared.map(\.right.attribute.id))
      for entry in sides.left where !left.contains(entry.attribute.id) {
        if entry.isHidden {
          hide(entry, isNull: leftIsNull)
        } else {
          add(entry.attribute, entry.sql, isNull: leftIsNull)
        }
      }
      for entry in sides.right where !right.contains(entry.attribute.id) {
        if entry.isHidden {
          hide(entry, isNull: rightIsNull)
        } else {
          add(entry.attribute, entry.sql, isNull: rightIsNull)
        }
      }
    }
    let always = condition.isEmpty ? " ON true" : condition
    let text =
      switch join.kind {
      case .inner: condition.isEmpty && !join.isLateral ? "CROSS JOIN" : "JOIN"
      case .cross: condition.isEmpty && !join.isLateral ? "CROSS JOIN" : "JOIN"
      case .leftOuter: "LEFT JOIN"
      case .rightOuter: "RIGHT JOIN"
      case .fullOuter: "FULL JOIN"
      case .leftSemi: "SEMI JOIN"
      case .leftAnti: "ANTI JOIN"
      }
    let list = (items + hidden).map { "\($0.sql) AS \(quoted($0.attribute.key))" }.joined(separator: ", ")
    let lateral = join.isLateral ? "LATERAL " : ""
    return Relation(
      sql: """
        SELECT \(list.isEmpty ? "1" : list) FROM (\(left.sql)) \(alias("l")) \(text) \(lateral)(\(right.sql)) \
        \(alias("r"))\(text == "CROSS JOIN" ? "" : always)
        """,
      columns: items.map(\.attribute), hidden: hidden.map(\.attribute), frames: merged(left, right),
      locals: left.locals + right.locals, isUnknown: left.isUnknown || right.isUnknown)
  }

  // MARK: Set operations

  mutating func setOperation(_ operation: SetOperation) -> Relation {
    let left = relation(operation.left)
    var right = relation(operation.right)
    var leftColumns = left.columns.map { Optional($0) }
    var rightColumns = right.columns.map { Optional($0) }
    if operation.byName {
      rightColumns = left.columns.map { column in right.columns.first { $0.name.isSameName(as: column.name) } }
      let others = right.columns.filter { column in !left.columns.contains { $0.name.isSameName(as: column.name) } }
      if operation.allowsMissingColumns {
        leftColumns += others.map { _ in nil }
        rightColumns += others.map { $0 }
      } else {
        for (column, match) in zip(left.columns, rightColumns) where match == nil {
          fail(
            "UNRESOLVED_COLUMN_AMONG_FIELD_NAMES",
            "The right side of the union has no column '\(column.name)'. Its columns are \(listed(right.columns.map(\.name)))."
          )
        }
        guard others.isEmpty else {
          fail("NUM_COLUMNS_MISMATCH", "Only one side of the union has the columns \(listed(others.map(\.name))).")
          return left
        }
      }
    }
    if left.isUnknown || right.isUnknown { return nothing }
    guard leftColumns.count == rightColumns.count else {
      fail(
        "NUM_COLUMNS_MISMATCH",
        "\(operation.kind.name) combines \(left.columns.count) columns with \(right.columns.count): "
          + "\(listed(left.columns.map(\.name))); \(listed(right.columns.map(\.name))).")
      return left
    }
    right.selection = nil
    var attributes: [Attribute] = []
    var keys = ColumnKeys()
    var lists: (left: [String], right: [String]) = ([], [])
    for (a, b) in zip(leftColumns, rightColumns) {
      guard let first = a ?? b else { continue }
      guard let type = Coercion.common(a?.type ?? .null, b?.type ?? .null) else {
        fail(
          "INCOMPATIBLE_COLUMN_TYPE",
          "The column '\(first.name)' is of type \(first.type) on the left and \(b?.type.description ?? "") on the right."
        )
        continue
      }
      if operation.kind != .union, case .map = type {
        fail(
          "UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE",
          "The column '\(first.name)' is a map, whose values cannot be compared.")
      }
      let nullable = (a?.nullable ?? true) || (b?.nullable ?? true)
      let attribute = Attribute(first.name, type, nullable: nullable, key: keys.key(for: first.name), id: a?.id)
      attributes.append(attribute)
      func side(_ column: Attribute?) -> String {
        let sql = column.map { Cast.sql("\(alias("t")).\(quoted($0.key))", from: $0.type, to: type) }
        return "\(sql ?? "CAST(NULL AS \(type.engineName))") AS \(quoted(attribute.key))"
      }
      lists.left.append(side(a))
      lists.right.append(side(b))
    }
    if attributes.isEmpty {
      // Rows without columns have a column for the engine.
      lists = (["1"], ["1"])
    }
    let word = operation.kind.name + (operation.isAll ? " ALL" : "")
    let inner: SQLFragment = """
      (SELECT \(lists.left.joined(separator: ", "))\(from(left))) \(word) \
      (SELECT \(lists.right.joined(separator: ", "))\(from(right)))
      """
    return Relation(
      sql: inner, columns: attributes, frames: left.frames, locals: left.locals + right.locals)
  }
}

extension SetOperation.Kind {
  fileprivate var name: String {
    switch self {
    case .union: "UNION"
    case .intersect: "INTERSECT"
    case .except: "EXCEPT"
    }
  }
}
