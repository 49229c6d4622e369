import Foundation
import Testing

/// Swift's tuples are not `Hashable`, so operations by key on tuples do with a `Pair` what is asked for with a tuple. They
/// are written here once, and generated for RDDs and streams, and for tuples of two and three parts. (With a parameter pack
/// for the parts, Swift 6.3 does not find the types where the call is an argument of another, as in
/// `print(rdd.reduceByKey(+).collect())`.)
private struct TupleKeys {
  /// `RDD` or `DStream`.
  let collection: String
  /// 2 or 3.
  let parts: Int

  private var isStream: Bool { collection == "DStream" }
  private var names: [String] { Array(["First", "Second", "Third"].prefix(parts)) }
  private var parameters: String { names.map { "\($0): Hashable" }.joined(separator: ", ") }
  private var key: String { "(\(names.joined(separator: ", ")))" }
  private var pair: String { parts == 2 ? "Pair<First, Second>" : "Pair<First, Pair<Second, Third>>" }

  /// The tuple that is the expression, as a pair.
  private func pair(of tuple: String) -> String {
    parts == 2
      ? "Pair(\(tuple).0, \(tuple).1)" : "Pair(\(tuple).0, Pair(\(tuple).1, \(tuple).2))"
  }

  /// The pair that is the expression, as a tuple.
  private func tuple(of pair: String) -> String {
    parts == 2
      ? "(\(pair).first, \(pair).second)" : "(\(pair).first, \(pair).second.first, \(pair).second.second)"
  }

  private let place = "file: StaticString = #fileID, line: UInt = #line"
  private let count = "_ numPartitions: Int? = nil"
  private let combine = "_ combine: @escaping @Sendable (Value, Value) throws -> Value"
  private let target = "hashPartitioner(numPartitions)"

  /// An operation. Type checking looks at it only where the key is a tuple, so that it costs other keys nothing.
  private func operation(
    _ name: String, _ comment: String, types: [String] = [], _ arguments: [String], _ result: String,
    whereElement element: String? = nil, _ body: String
  ) -> String {
    """
      /// \(comment)
      @inlinable @inline(__always) @_disfavoredOverload
      public func \(name)<\(([parameters] + types).joined(separator: ", "))>(
        \((arguments + [place]).joined(separator: ", "))
      ) \(result)\(element.map { " where Element == \($0)" } ?? "") {
        let site = OperatorSite("\(name)", file, line)
        return \(body)
      }

    """
  }

  private func onPairs(
    _ name: String, types: [String], _ arguments: [String], to value: String, from old: String = "Value",
    comment: String? = nil, _ body: String
  ) -> String {
    operation(
      name, comment ?? "`\(name)` for keys that are tuples.", types: types, arguments,
      "-> \(collection)<(\(key), \(value))>", whereElement: "(\(key), \(old))", "\(body).tupleKeys(site)")
  }

  private var conversions: String {
    func conversion(_ name: String, _ comment: String, from: String, to: String, _ kernel: String) -> String {
      """
        @inlinable @inline(__always)
        package func \(name)<\(parameters), Value>(_ site: OperatorSite) -> \(collection)<(\(to), Value)> where Element == (\(from), Value) {
          mapped(mapKernel { (\(kernel), $0.1) }, site, preservesPartitioning: true)
        }

        /// \(comment)
        @inlinable @inline(__always)
        public func \(name)<\(parameters), Value>(\(place)) -> \(collection)<(\(to), Value)> where Element == (\(from), Value) {
          \(name)(OperatorSite("\(name)", file, line))
        }

      """
    }
    let (tuple, pairs) = parts == 2 ? ("(a, b)", "Pair(a, b)") : ("(a, b, c)", "Pair(a, Pair(b, c))")
    return conversion(
      "pairKeys", "Each key \(tuple) as `\(pairs)`, which every operation takes. `tupleKeys` is the way back.",
      from: key,
      to: pair, pair(of: "$0.0"))
      + "\n"
      + conversion(
        "tupleKeys", "Each key `\(pairs)` as \(tuple). The partitions stay those of the pairs.", from: pair, to: key,
        self.tuple(of: "$0.0"))
  }

  private var combining: [String] {
    [
      onPairs(
        "reduceByKey", types: ["Value"], [combine, count], to: "Value",
        "pairKeys(site).combined(reduceKernels(combine), \(target), site)"),
      onPairs(
        "groupByKey", types: ["Value"], [count], to: "[Value]",
        "pairKeys(site).grouped(groupKernels(), \(target), site)"),
    ]
  }

  private func join(
    _ name: String, _ value: String, _ kernels: String, _ other: String, _ comment: String? = nil
  )
    -> String
  {
    onPairs(
      name, types: ["Left", "Right"], ["_ other: \(other)<(\(key), Right)>", count], to: value, from: "Left",
      comment: comment,
      "pairKeys(site).\(name == "cogroup" ? "coGrouped" : "joined")(other.pairKeys(site), \(kernels)(), \(target), site)"
    )
  }

  private var joins: [String] {
    let kinds = [
      ("join", "(Left, Right)", "innerJoinKernels"), ("leftOuterJoin", "(Left, Right?)", "leftOuterJoinKernels"),
      ("rightOuterJoin", "(Left?, Right)", "rightOuterJoinKernels"),
      ("fullOuterJoin", "(Left?, Right?)", "fullOuterJoinKernels"),
    ]
    return [join("cogroup", "([Left], [Right])", "coGroupKernels", collection)]
      + kinds.map { join($0.0, $0.1, $0.2, collection) }
      + (isStream
        ? kinds.map { name, value, kernels in
          join(
            name, value, kernels, "RDD", "`\(name)` with a table that was computed once, for keys that are tuples.")
        } : [])
  }

  /// Of tables alone.
  private var actions: [String] {
    [
      operation(
        "countByKey", "How many elements each tuple has that is a key, as `countByKey` for other keys.",
        types: ["Value"], [], "throws -> [\(pair): Int]", whereElement: "(\(key), Value)",
        "try mapped(mapKernel { (\(pair(of: "$0.0")), 1) }, site).reducedLocally(reduceKernels(+), site, +)"),
      operation(
        "countByValue", "How often each different tuple comes.", [], "throws -> [\(pair): Int]", whereElement: key,
        "try mapped(mapKernel { (\(pair(of: "$0")), 1) }, site).reducedLocally(reduceKernels(+), site, +)"),
      operation(
        "groupBy", "`groupBy` where the closure makes a tuple the key.",
        ["_ key: @escaping @Sendable (Element) throws -> \(key)", count], "-> RDD<(\(key), [Element])>",
        "mapped(mapKernel { (try key($0), $0) }, site).pairKeys(site).grouped(groupKernels(), \(target), site)"
          + ".tupleKeys(site)"),
    ]
  }

  /// Of streams alone.
  private var countsAndWindows: [String] {
    let ones = "mapped(mapKernel { (\(pair(of: "$0")), 1) }, site)"
    let window = ["window: Duration", "slide: Duration? = nil"]
    let asInSpark = ["_ windowDuration: Duration", "_ slideDuration: Duration? = nil", count]
    let labelled = "numPartitions: Int? = nil"
    let inverse = "@escaping @Sendable (Value, Value) throws -> Value"
    let filter = "(@Sendable ((\(key), Value)) throws -> Bool)? = nil"
    let add = "reduceKernels(combine), addKernel { $0 = try combine($0, $1) }"
    func subtracting(_ filter: String, _ window: String) -> String {
      "pairKeys(site).windowReduced(\(add), subtract: subtractKernel(inverse), isKept: \(filter).map { isKept in "
        + "filterKernel { try isKept((\(tuple(of: "$0.0")), $0.1)) } }, \(window), \(target), site)"
    }
    let spark = "`reduceByKeyAndWindow` for keys that are tuples, as Spark writes it."
    return [
      operation(
        "countByValue", "How often each tuple occurs in each batch.", [count], "-> DStream<(\(key), Int)>",
        whereElement: key, "\(ones).combined(reduceKernels { $0 + $1 }, \(target), site).tupleKeys(site)"),
      operation(
        "countByValueAndWindow", "`countByValueAndWindow` for tuples.",
        ["_ length: Duration", "slide: Duration", labelled], "-> DStream<(\(key), Int)>", whereElement: key,
        "\(ones).windowReduced(reduceKernels { $0 + $1 }, addKernel { $0 += $1 }, subtract: subtractKernel { $0 - $1 }, "
          + "isKept: filterKernel { $0.1 != 0 }, length, slide, \(target), site).tupleKeys(site)"),
      onPairs(
        "groupByKeyAndWindow", types: ["Value"], ["_ length: Duration", "slide: Duration? = nil", labelled],
        to: "[Value]",
        "pairKeys(site).windowGrouped(groupKernels(), addKernel { $0.append(contentsOf: $1) }, length, slide, \(target), "
          + "site)"),
      onPairs(
        "reduceByKeyAndWindow", types: ["Value"], [combine] + window + [labelled], to: "Value",
        "pairKeys(site).windowReduced(\(add), window, slide, \(target), site)"),
      onPairs(
        "reduceByKeyAndWindow", types: ["Value"], [combine] + asInSpark, to: "Value", comment: spark,
        "pairKeys(site).windowReduced(\(add), windowDuration, slideDuration, \(target), site)"),
      onPairs(
        "reduceByKeyAndWindow", types: ["Value"],
        [combine, "inverse: \(inverse)"] + window + [labelled, "filter: \(filter)"], to: "Value",
        subtracting("filter", "window, slide")),
      onPairs(
        "reduceByKeyAndWindow", types: ["Value"],
        [combine, "_ inverse: \(inverse)"] + asInSpark + ["filterFunc: \(filter)"], to: "Value", comment: spark,
        subtracting("filterFunc", "windowDuration, slideDuration")),
    ]
  }

  var text: String {
    let operations = combining + joins + (isStream ? countsAndWindows : actions)
    return """
      // Keys that are tuples of \(parts == 2 ? "two" : "three") parts.
      extension \(collection) {
      \(([conversions] + operations).joined(separator: "\n"))}

      """
  }
}

@Suite("The sources of operations on tuples") struct TupleKeySources {
  @Test("They are those that this file makes; `make tuple-keys` writes them", arguments: ["RDD", "DStream"])
  func sourcesAreUpToDate(collection: String) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = root.appendingPathComponent(
      collection == "RDD"
        ? "Sources/MartletRDD/Pairs/TupleKeys.swift" : "Sources/MartletStreaming/Operators/TupleKeys.swift")
    let imports = ["public import MartletCore"] + (collection == "RDD" ? [] : ["public import MartletRDD"])
    let text =
      """
      // Generated by Tests/DocumentationTests/TupleKeySources.swift. Change that, and run `make tuple-keys`.
      // swift-format-ignore-file

      \(imports.joined(separator: "\n"))


      """ + [2, 3].map { TupleKeys(collection: collection, parts: $0).text }.joined(separator: "\n")
    if ProcessInfo.processInfo.environment["MARTLET_WRITE_SOURCES"] != nil {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let isUpToDate = try String(contentsOf: file, encoding: .utf8) == text
    #expect(isUpToDate, "\(file.lastPathComponent) differs: run `make tuple-keys`")
  }
}
