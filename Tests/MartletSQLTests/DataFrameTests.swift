import MartletCore
import Testing

@testable import MartletSQL

@Suite("Frames") struct DataFrameTests {
  private static let runtime = FakeRuntime()
  private static let people = runtime.people
  private static let orders = DataFrame(runtime, .table(["orders"]), OperatorSite("table", #fileID, #line))
  private static let p = people.input
  private static let o = orders.input
  private static let a = Expression.attribute(["a"])
  private static let b = Expression.attribute(["b"])

  /// The plans of transformations.
  private static let plans: [(DataFrame, Plan)] = [
    (people.select("a", col("b") + 1), .project([a, .call("+", b, .literal(.integer(1)))], p)),
    (people.select(["a", "b"]), .project([a, b], p)),
    (people.select("*"), .project([.star()], p)),
    (people.selectExpr("a", "a + 1 AS n"), .project([.sql("a"), .sql("a + 1 AS n")], p)),
    (people.filter("a > 21"), .filter(.sql("a > 21"), p)),
    (people.filter(col("a") > 21), .filter(.call(">", a, .literal(.integer(21))), p)),
    (people.where("a > 21"), .filter(.sql("a > 21"), p)),
    (people.withColumn("n", col("a")), .withColumns([NamedExpression("n", a)], p)),
    (
      people.withColumns(["n": col("a"), "m": lit("x")]),
      .withColumns([NamedExpression("n", a), NamedExpression("m", .literal(.string("x")))], p)
    ),
    (people.withColumnRenamed("a", "x"), .withColumnsRenamed([Renaming("a", "x")], p)),
    (
      people.withColumnsRenamed(["a": "x", "b": "y"]), .withColumnsRenamed([Renaming("a", "x"), Renaming("b", "y")], p)
    ),
    (people.drop("a", col("b")), .drop([a, b], p)),
    (people.drop("a.b"), .drop([.attribute(["a.b"])], p)),
    (people.toDF("x", "y"), .renamed(["x", "y"], p)),
    (people.alias("p"), .alias("p", p)),
    (people.groupBy("a").count(), aggregate([.alias(.call("count", .literal(.integer(1))), ["count"])])),
    (people.groupBy("a").sum("b", "c"), aggregate([.call("sum", b), .call("sum", .attribute(["c"]))])),
    (people.groupBy("a").avg(), aggregate([.call("avg", .star())])),
    (people.groupBy("a").mean("b"), aggregate([.call("avg", b)])),
    (people.groupBy("a").min("b"), aggregate([.call("min", b)])),
    (people.groupBy("a").max("b"), aggregate([.call("max", b)])),
    (
      people.groupBy("a").agg(max("b").alias("m"), count("*")),
      aggregate([.alias(.call("max", b), ["m"]), .call("count", .literal(.integer(1)))])
    ),
    (
      people.groupBy("a").agg(["b": "MAX", "*": "count"]),
      aggregate([.call("max", b), .call("count", .literal(.integer(1)))])
    ),
    (people.agg(max("b")), .aggregate(Aggregate(grouping: [], aggregates: [.call("max", b)], p))),
    (
      people.rollup("a", "b").count(),
      .aggregate(
        Aggregate(
          .rollup, grouping: [a, b], aggregates: [.alias(.call("count", .literal(.integer(1))), ["count"])], p))
    ),
    (people.cube("a").sum("b"), aggregate(.cube, [.call("sum", b)])),
    (
      people.groupingSets([["a"], []], "a").sum("b"),
      aggregate(.groupingSets([[0], []]), [.call("sum", b)])
    ),
    (
      people.groupBy("a").pivot("c", [1, lit("x").alias("y")]).sum("b"),
      aggregate(
        .pivot(
          .attribute(["c"]),
          values: [NamedExpression(nil, .literal(.integer(1))), NamedExpression("y", .literal(.string("x")))]),
        [.call("sum", b)])
    ),
    (people.groupBy("a").pivot("c").sum("b"), aggregate(.pivot(.attribute(["c"]), values: nil), [.call("sum", b)])),
    (people.orderBy("a", desc("b")), .sort([SortOrder(a), SortOrder(b, isDescending: true)], p)),
    (people.sort(col("a").desc()), .sort([SortOrder(a, isDescending: true)], p)),
    (people.limit(3), .limit(3, p)),
    (people.offset(3), .offset(3, p)),
    (people.distinct(), .deduplicate([], p)),
    (people.dropDuplicates("a"), .deduplicate(["a"], p)),
    (people.join(orders), .join(Join(p, o))),
    (people.join(orders, "a"), .join(Join(p, o, .inner, .using(["a"])))),
    (people.join(orders, ["a", "b"], "left_outer"), .join(Join(p, o, .leftOuter, .using(["a", "b"])))),
    (
      people.join(orders, people["a"] == orders["b"], "anti"),
      .join(
        Join(
          p, o, .leftAnti,
          .on(
            .call("==", .attribute(["a"], frame: people.id), .attribute(["b"], frame: orders.id)))))
    ),
    (people.crossJoin(orders), .join(Join(p, o, .cross))),
    (people.union(orders), .setOperation(SetOperation(p, o, .union, isAll: true))),
    (people.unionAll(orders), .setOperation(SetOperation(p, o, .union, isAll: true))),
    (
      people.unionByName(orders, true),
      .setOperation(SetOperation(p, o, .union, isAll: true, byName: true, allowsMissingColumns: true))
    ),
    (people.intersect(orders), .setOperation(SetOperation(p, o, .intersect, isAll: false))),
    (people.intersectAll(orders), .setOperation(SetOperation(p, o, .intersect, isAll: true))),
    (people.except(orders), .setOperation(SetOperation(p, o, .except, isAll: false))),
    (people.subtract(orders), .setOperation(SetOperation(p, o, .except, isAll: false))),
    (people.exceptAll(orders), .setOperation(SetOperation(p, o, .except, isAll: true))),
    (people.sample(0.5, seed: 7), .sample(fraction: 0.5, withReplacement: false, seed: 7, p)),
    (people.sample(true, 1.5, 7), .sample(fraction: 1.5, withReplacement: true, seed: 7, p)),
    (people.describe("a"), .summary(["count", "mean", "stddev", "min", "max"], columns: ["a"], p)),
    (people.summary("count"), .summary(["count"], columns: [], p)),
    (people.hint("broadcast"), .hint("broadcast", p)),
    (
      people.unpivot(["a"], ["b"], "k", "v"),
      .unpivot(Unpivot(ids: [a], values: [b], variableColumn: "k", valueColumn: "v", p))
    ),
    (
      people.melt(["a"], nil, "k", "v"),
      .unpivot(Unpivot(ids: [a], values: nil, variableColumn: "k", valueColumn: "v", p))
    ),
    (people.na.fill(0), .fillNulls(.integer(0), columns: [], p)),
    (people.na.fill("?", ["a"]), .fillNulls(.string("?"), columns: ["a"], p)),
    (
      people.na.fill(["a": 0, "b": "?"]),
      .fillNulls(.string("?"), columns: ["b"], .fillNulls(.integer(0), columns: ["a"], p))
    ),
    (people.na.drop(), .dropNulls(columns: [], minimum: nil, p)),
    (people.na.drop(.all, ["a"]), .dropNulls(columns: ["a"], minimum: 1, p)),
    (people.na.drop(2), .dropNulls(columns: [], minimum: 2, p)),
    (
      people.na.replace("a", ["x": "y"]),
      .replaceValues(columns: ["a"], [Replacement(.string("x"), .string("y"))], p)
    ),
    (people.transform { $0.limit(1) }, .limit(1, p)),
    (people.filter(col("a").isin(orders)), .filter(.inSubquery([a], o), p)),
  ]

  private static func aggregate(_ aggregates: [Expression]) -> Plan { aggregate(.groupBy, aggregates) }

  private static func aggregate(_ kind: Aggregate.Kind, _ aggregates: [Expression]) -> Plan {
    .aggregate(Aggregate(kind, grouping: [a], aggregates: aggregates, p))
  }

  @Test("A transformation is a plan over the frame that it is called on", arguments: plans.indices)
  func plan(index: Int) {
    let (frame, expected) = Self.plans[index]
    #expect(frame.plan == expected)
  }

  @Test("All of Spark's names of joins are known, in any case") func joinNames() {
    for name in JoinType.names {
      #expect(JoinType(name).kind != nil, "\(name)")
      #expect(JoinType(name.uppercased()).kind == JoinType(name).kind)
      #expect(JoinType(name.filter { $0 != "_" }).kind == JoinType(name).kind)
    }
    #expect(JoinType("left").kind == .leftOuter && JoinType("outer").kind == .fullOuter)
  }

  @Test("A wrong description is part of the plan, with the line that made it") func faults() throws {
    func fault(_ frame: DataFrame) -> String? {
      if case .invalid(let message, _) = frame.plan { message } else { nil }
    }
    #expect(fault(Self.people.limit(-1)) == "The limit is -1; it must not be negative")
    #expect(fault(Self.people.offset(-1)) == "The offset is -1; it must not be negative")
    #expect(fault(Self.people.sample(1.5)) == "The fraction of a sample is 1.5; it must be from 0 to 1")
    #expect(fault(Self.people.join(Self.orders, "a", "lefty"))?.hasPrefix("'lefty' is not a type of join") == true)
    #expect(fault(Self.people.na.fill([1, 2]))?.hasPrefix("na.fill takes") == true)
    #expect(fault(Self.people.rollup("a").pivot("b").count()) != nil)
    #expect(fault(Self.people.groupingSets([["x"]], "a").count())?.contains("x") == true)
    #expect(Self.people.randomSplit([-1, 2]).allSatisfy { fault($0) != nil })
    let frame = Self.people.limit(-1)
    #expect(frame.id.site.description.hasPrefix("limit at MartletSQLTests/DataFrameTests.swift:"))
  }

  @Test("A random split divides the numbers from 0 to 1 by the weights") func split() throws {
    let parts = Self.people.randomSplit([3, 1], seed: 5)
    let bounds = parts.map { part -> [Expression] in
      guard case .drop(_, .filter(.function(let both), .withColumns(let added, _))) = part.plan else { return [] }
      #expect(added == [NamedExpression("__random_split", .call("rand", .literal(.long(5))))])
      return both.arguments
    }
    let column = Expression.attribute(["__random_split"])
    #expect(
      bounds == [
        [.call(">=", column, .literal(.double(0))), .call("<", column, .literal(.double(0.75)))],
        [.call(">=", column, .literal(.double(0.75))), .call("<", column, .literal(.double(2)))],
      ])
  }

  @Test("Frames have identities of their own, and copies have the same") func identity() {
    let copy = Self.people
    #expect(copy.id == Self.people.id && copy["a"].expression == Self.people["a"].expression)
    #expect(Self.people.limit(1).id != Self.people.limit(1).id)
  }
}
