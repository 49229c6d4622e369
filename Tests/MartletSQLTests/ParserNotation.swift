@testable import MartletSQL

// A short notation of plans and expressions, in which tests state what a text means:
// `SELECT a + 1 AS b FROM t WHERE c` is `project([+(a, 1) as b], filter(c, t))`.

func notation(_ expression: Expression) -> String {
  switch expression {
  case .literal(let literal): notation(literal)
  case .attribute(let parts, _): parts.joined(separator: ".")
  case .star(let qualifier, let except):
    (qualifier + ["*"]).joined(separator: ".")
      + (except.isEmpty ? "" : " except " + list(except) { $0.joined(separator: ".") })
  case .function(let call): notation(call)
  case .alias(let value, let names): "\(notation(value)) as \(names.joined(separator: "+"))"
  case .cast(let value, let type, let isTry): "\(isTry ? "try_cast" : "cast")(\(notation(value)), \(type))"
  case .window(let window):
    "\(notation(window.function)) over (\(notations(window.partition)) order \(notations(window.order))"
      + (window.frame.map { " \($0.unit) \(notation($0.lower)) \(notation($0.upper))" } ?? "") + ")"
  case .lambda(let body, let parameters): "\(parameters.joined(separator: "+")) -> \(notation(body))"
  case .extract(let value, let key): "\(notation(value))[\(notation(key))]"
  case .scalarSubquery(let plan): "(\(notation(plan)))"
  case .exists(let plan): "exists(\(notation(plan)))"
  case .inSubquery(let values, let plan): "\(notations(values)) in (\(notation(plan)))"
  case .sql(let text): "sql(\(text))"
  }
}

private func notation(_ call: FunctionCall) -> String {
  "\(call.name)(\(call.isDistinct ? "distinct " : "")\(call.arguments.map(notation).joined(separator: ", ")))"
    + (call.order.isEmpty ? "" : " within \(notations(call.order))")
    + (call.filter.map { " filter \(notation($0))" } ?? "") + (call.ignoresNulls ? " ignore nulls" : "")
}

private func notation(_ boundary: WindowFrame.Boundary) -> String {
  switch boundary {
  case .unboundedPreceding: "-∞"
  case .preceding(let distance): "-\(notation(distance))"
  case .currentRow: "0"
  case .following(let distance): "+\(notation(distance))"
  case .unboundedFollowing: "+∞"
  }
}

private func notation(_ literal: Literal) -> String {
  switch literal {
  case .null: "null"
  case .boolean(let value): "\(value)"
  case .byte(let value): "\(value)Y"
  case .short(let value): "\(value)S"
  case .integer(let value): "\(value)"
  case .long(let value): "\(value)L"
  case .float(let value): "\(value)F"
  case .double(let value): "\(value)D"
  case .decimal(let digits): "\(digits)BD"
  case .string(let text): "'\(text)'"
  case .binary(let bytes): "bytes\(bytes)"
  case .date(let days): "day \(days)"
  case .timestamp(let microseconds): "time \(microseconds)"
  case .timestampNTZ(let microseconds): "local time \(microseconds)"
  case .interval(let months, let days, let microseconds, _): "\(months) months \(days) days \(microseconds) µs"
  }
}

private func list<Item>(_ items: [Item], _ notation: (Item) -> String) -> String {
  "[" + items.map(notation).joined(separator: ", ") + "]"
}

private func notations(_ expressions: [Expression]) -> String { list(expressions) { notation($0) } }

private func notations(_ order: [SortOrder]) -> String {
  list(order) { order in
    let nulls = order.nullsFirst == !order.isDescending ? "" : order.nullsFirst ? " nulls first" : " nulls last"
    return notation(order.expression) + (order.isDescending ? " desc" : "") + nulls
  }
}

func notation(_ plan: Plan) -> String {
  switch plan {
  case .table(let parts): parts.joined(separator: ".")
  case .files(let scan):
    "files(\(scan.format), \(scan.paths.joined(separator: ", "))"
      + (scan.schema.map { ", \(DataType.struct($0))" } ?? "")
      + scan.options.sorted { $0.key < $1.key }.map { ", \($0.key)=\($0.value)" }.joined() + ")"
  case .values(let rows): "values(\(rows.map { notations($0) }.joined(separator: ", ")))"
  case .oneRow: "one"
  case .tableFunction(let name, let arguments): "\(name)(\(arguments.map { notation($0) }.joined(separator: ", ")))"
  case .project(let items, let input): "project(\(notations(items)), \(notation(input)))"
  case .filter(let condition, let input): "filter(\(notation(condition)), \(notation(input)))"
  case .aggregate(let aggregate): notation(aggregate)
  case .sort(let order, let input): "sort(\(notations(order)), \(notation(input)))"
  case .limit(let count, let input): "limit(\(count), \(notation(input)))"
  case .offset(let count, let input): "offset(\(count), \(notation(input)))"
  case .deduplicate(let columns, let input): "distinct(\(columns.isEmpty ? "" : "\(columns), ")\(notation(input)))"
  case .renamed(let names, let input): "renamed(\(names), \(notation(input)))"
  case .alias(let name, let input): "\(notation(input)) as \(name)"
  case .sample(let fraction, _, let seed, let input):
    "sample(\(fraction)\(seed.map { " seed \($0)" } ?? ""), \(notation(input)))"
  case .unpivot(let unpivot):
    "unpivot(\(notations(unpivot.ids)), \(notations(unpivot.values ?? [])), \(unpivot.variableColumn), "
      + "\(unpivot.valueColumn)\(unpivot.includesNulls ? ", nulls" : ""), \(notation(unpivot.input)))"
  case .generate(let generate):
    "generate(\(notation(generate.generator)), \(generate.isOuter ? "outer " : "")\(generate.table ?? "_")"
      + "\(generate.columns), \(notation(generate.input)))"
  case .with(let plans, let input):
    "with(\(list(plans) { "\($0.name)\($0.columns.isEmpty ? "" : "\($0.columns)") = \(notation($0.plan))" }), "
      + "\(notation(input)))"
  case .hint(let name, let input): "hint(\(name), \(notation(input)))"
  case .join(let join): notation(join)
  case .setOperation(let operation):
    "\(operation.kind)\(operation.isAll ? "All" : "")\(operation.byName ? "ByName" : "")"
      + "(\(notation(operation.left)), \(notation(operation.right)))"
  default: "\(plan)"
  }
}

private func notation(_ aggregate: Aggregate) -> String {
  let kind =
    switch aggregate.kind {
    case .groupBy: "group"
    case .rollup: "rollup"
    case .cube: "cube"
    case .groupingSets(let sets): "sets \(sets) of"
    case .pivot(let column, let values):
      "pivot \(notation(column)) \(list(values ?? []) { notation($0.expression) + ($0.name.map { " as \($0)" } ?? "") }) by"
    }
  return "aggregate(\(kind) \(notations(aggregate.grouping)), \(notations(aggregate.aggregates)), "
    + "\(notation(aggregate.input)))"
}

private func notation(_ join: Join) -> String {
  let condition =
    switch join.condition {
    case .none: ""
    case .on(let condition): ", \(notation(condition))"
    case .using(let columns): ", using \(columns)"
    case .natural: ", natural"
    }
  return "\(join.isLateral ? "lateral " : "")\(join.kind)(\(notation(join.left)), \(notation(join.right))\(condition))"
}
