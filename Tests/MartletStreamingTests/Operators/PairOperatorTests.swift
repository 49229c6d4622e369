import MartletTesting
import Testing

@Suite(.timeLimit(.minutes(30))) struct PairOperatorTests {
  private let pairs = [[("a", 1), ("b", 2), ("a", 3)], [], [("b", 4)]]
  private let others = [[("a", "x"), ("c", "y")], [("a", "z")], []]

  @Test func `reduceByKey combines the values of a key`() throws {
    let expected = [[("a", 4), ("b", 2)], [], [("b", 4)]]
    try checkOperator(pairs, expected) { $0.reduceByKey(+) }
    try checkOperator(pairs, expected) { $0.reduceByKey(+, 5) }
    try checkOperator(pairs, expected) { $0.reduceByKey(+, HashPartitioner(numPartitions: 1)) }
  }

  @Test func `reduceByKey counts many keys over many partitions`() throws {
    let words = (0..<5000).map { Text("word number \($0 % 700)") }
    let counts = Dictionary(grouping: words, by: { $0 }).map { ($0.key, $0.value.count) }
    try checkOperator([words], [counts]) { $0.map { ($0, 1) }.reduceByKey(+) }
  }

  @Test func `tuples of two and three can be keys`() throws {
    let twos = pairs.map { $0.map { (($0.0, 7), $0.1) } }
    func two<Value>(_ stream: DStream<((String, Int), Value)>) -> DStream<(String, Value)> {
      stream.filter { $0.0.1 == 7 }.map { ($0.0.0, $0.1) }
    }
    func three<Value>(_ stream: DStream<((String, Int, Bool), Value)>) -> DStream<(String, Value)> {
      stream.filter { $0.0.1 == 7 && $0.0.2 }.map { ($0.0.0, $0.1) }
    }
    let sums = [[("a", 4), ("b", 2)], [], [("b", 4)]]
    try checkOperator(twos, sums) { two($0.reduceByKey(+)) }
    try checkOperator(twos, sums) { two($0.groupByKey(3).mapValues { $0.reduce(0, +) }) }
    try checkOperator(twos, sums) { two($0.join($0.reduceByKey(+)).groupByKey()).mapValues { $0[0].1 } }
    try checkOperator(twos, sums) {
      two($0.leftOuterJoin($0.reduceByKey(+)).groupByKey()).mapValues { $0[0].1 ?? -1 }
    }
    try checkOperator(pairs, [[("a", 1), ("a", 1), ("b", 1)], [], [("b", 1)]]) {
      $0.countByValue().map { ($0.0.0, $0.1) }
    }
    let threes = pairs.map { $0.map { (($0.0, 7, true), $0.1) } }
    try checkOperator(threes, sums) { three($0.reduceByKey(+)) }
    try checkOperator(threes, sums) { three($0.groupByKey(3).mapValues { $0.reduce(0, +) }) }
    try checkOperator(threes, sums) { three($0.join($0.reduceByKey(+)).groupByKey()).mapValues { $0[0].1 } }
    try checkOperator(threes, [[("a", 2), ("b", 1)], [], [("b", 1)]]) {
      $0.map(\.0).countByValue().map { ($0.0.0, $0.1) }
    }
  }

  @Test func `a table is joined by a tuple`() throws {
    let twos = pairs.map { $0.map { (($0.0, 7), $0.1) } }
    try checkOperator(twos, [[(2, "t")], [], [(4, "t")]]) { stream in
      let table = stream.context.sparkContext.parallelize([(("b", 7), "t"), (("a", 8), "u")])
      return stream.join(table).map { $0.1 }
    }
    try checkOperator(twos, [[1, 3], [], []]) { stream in
      let table = stream.context.sparkContext.parallelize([(("b", 7), "t")])
      return stream.leftOuterJoin(table).filter { $0.1.1 == nil }.map { $0.1.0 }
    }
    try checkOperator(twos, [["b2t", "u"], ["t", "u"], ["b4t", "u"]]) { stream in
      let table = stream.context.sparkContext.parallelize([(("b", 7), "t"), (("a", 8), "u")])
      return stream.rightOuterJoin(table).map { ($0.1.0.map { "b\($0)" } ?? "") + $0.1.1 }
    }
    try checkOperator(twos.map { $0.map { (($0.0.0, $0.0.1, true), $0.1) } }, [["1", "2t", "3"], ["t"], ["4t"]]) {
      stream in
      let table = stream.context.sparkContext.parallelize([(("b", 7, true), "t")])
      return stream.fullOuterJoin(table).map { ($0.1.0.map { "\($0)" } ?? "") + ($0.1.1 ?? "") }
    }
  }

  @Test func `cogroup and the outer joins take tuples of two and three`() throws {
    let twos = pairs.map { $0.map { (($0.0, 7), $0.1) } }
    let otherTwos = others.map { $0.map { (($0.0, 7), $0.1) } }
    let threes = pairs.map { $0.map { (($0.0, 7, true), $0.1) } }
    let otherThrees = others.map { $0.map { (($0.0, 7, true), $0.1) } }
    @Sendable func text(_ key: (String, Int), _ left: [Int], _ right: [String]) -> String {
      "\(key.0) \(left.sorted()) \(right)"
    }
    @Sendable func text(_ key: (String, Int, Bool), _ left: [Int], _ right: [String]) -> String {
      text((key.0, key.1), left, right)
    }
    let groups = [[#"a [1, 3] ["x"]"#, "b [2] []", #"c [] ["y"]"#], [#"a [] ["z"]"#], ["b [4] []"]]
    try checkOperator(twos, otherTwos, groups) { $0.cogroup($1).map { text($0.0, $0.1.0, $0.1.1) } }
    try checkOperator(threes, otherThrees, groups) { $0.cogroup($1, 5).map { text($0.0, $0.1.0, $0.1.1) } }

    let right = [[#"a [1] ["x"]"#, #"a [3] ["x"]"#, #"c [] ["y"]"#], [#"a [] ["z"]"#], []]
    @Sendable func texts(_ left: Int?, _ right: String?) -> ([Int], [String]) {
      (left.map { [$0] } ?? [], right.map { [$0] } ?? [])
    }
    try checkOperator(twos, otherTwos, right) {
      $0.rightOuterJoin($1).mapValues { texts($0.0, $0.1) }.map { text($0.0, $0.1.0, $0.1.1) }
    }
    try checkOperator(threes, otherThrees, right) {
      $0.rightOuterJoin($1).mapValues { texts($0.0, $0.1) }.map { text($0.0, $0.1.0, $0.1.1) }
    }
    let full = [right[0] + ["b [2] []"], right[1], ["b [4] []"]]
    try checkOperator(twos, otherTwos, full) {
      $0.fullOuterJoin($1).mapValues { texts($0.0, $0.1) }.map { text($0.0, $0.1.0, $0.1.1) }
    }
    try checkOperator(threes, otherThrees, full) {
      $0.fullOuterJoin($1).mapValues { texts($0.0, $0.1) }.map { text($0.0, $0.1.0, $0.1.1) }
    }
  }

  @Test func `windows and states take tuples that become pairs`() throws {
    let twos = pairs.map { $0.map { (($0.0, 7), $0.1) } }
    let threes = pairs.map { $0.map { (($0.0, 7, true), $0.1) } }
    let sums = [[("a", 4), ("b", 2)], [("a", 4), ("b", 2)], [("b", 4)]]
    try checkOperator(twos, sums) {
      $0.pairKeys().reduceByKeyAndWindow(+, .seconds(2)).tupleKeys().map { ($0.0.0, $0.1) }
    }
    try checkOperator(threes, sums) {
      $0.pairKeys().reduceByKeyAndWindow(+, -, .seconds(2)) { $0.1 > 0 }.tupleKeys().map { ($0.0.0, $0.1) }
    }
    let totals = [[("a", 4), ("b", 2)], [("a", 4), ("b", 2)], [("a", 4), ("b", 6)]]
    try checkOperator(threes, totals) {
      $0.pairKeys().updateStateByKey { (values, total: Int?) in (total ?? 0) + values.reduce(0, +) }.tupleKeys()
        .map { ($0.0.0, $0.1) }
    }
    try checkOperator(twos, [[("a", 7), ("a", 7), ("b", 7)], [], [("b", 7)]]) {
      $0.pairKeys().mapWithState(.function { (key: Pair<String, Int>, _: Int?, _: State<Int>) in (key, key.second) })
        .tupleKeys().map { ($0.0.0, $0.1) }
    }
  }

  @Test func `groupByKey collects the values of a key`() throws {
    try checkOperator(pairs, [[("a", [1, 3]), ("b", [2])], [], [("b", [4])]]) {
      $0.groupByKey().mapValues { $0.sorted() }
    }
  }

  @Test func `combineByKey combines the values of a key into another type`() throws {
    try checkOperator(pairs, [[("a", Set([1, 3]).count), ("b", 1)], [], [("b", 1)]]) {
      $0.combineByKey({ Set([$0]) }, { $0.union([$1]) }, { $0.union($1) }).mapValues(\.count)
    }
  }

  @Test func `partitionBy brings equal keys together`() throws {
    try checkOperator(pairs, pairs) { $0.partitionBy(HashPartitioner(numPartitions: 3)) }
  }

  @Test func `mapValues and flatMapValues keep the keys`() throws {
    try checkOperator(pairs, [[("a", 10), ("b", 20), ("a", 30)], [], [("b", 40)]]) { $0.mapValues { $0 * 10 } }
    try checkOperator(pairs, [[("a", 1), ("b", 2), ("b", 2), ("a", 3), ("a", 3), ("a", 3)], [], []]) {
      $0.flatMapValues { $0 < 4 ? Array(repeating: $0, count: $0) : [] }
    }
  }

  @Test func `cogroup shows the values of both sides`() throws {
    try checkOperator(
      pairs, others,
      [
        [("a", ([1, 3], ["x"])), ("b", ([2], [])), ("c", ([], ["y"]))], [("a", ([], ["z"]))], [("b", ([4], []))],
      ]
    ) { $0.cogroup($1).mapValues { ($0.0.sorted(), $0.1) } }
  }

  @Test func `join pairs the values that both sides have for a key`() throws {
    try checkOperator(pairs, others, [[("a", (1, "x")), ("a", (3, "x"))], [], []]) { $0.join($1) }
    try checkOperator(pairs, others, [[("a", (1, "x")), ("a", (3, "x"))], [], []]) { $0.join($1, 5) }
  }

  @Test func `outer joins keep keys that one side lacks`() throws {
    let none: String? = nil
    let noNumber: Int? = nil
    let x: String? = "x"
    try checkOperator(pairs, others, [[("a", (1, x)), ("a", (3, x)), ("b", (2, none))], [], [("b", (4, none))]]) {
      $0.leftOuterJoin($1)
    }
    try checkOperator(
      pairs, others,
      [[("a", (Int?(1), "x")), ("a", (Int?(3), "x")), ("c", (noNumber, "y"))], [("a", (noNumber, "z"))], []]
    ) { $0.rightOuterJoin($1) }
    try checkOperator(
      pairs, others,
      [
        [("a", (Int?(1), x)), ("a", (Int?(3), x)), ("b", (Int?(2), none)), ("c", (noNumber, String?("y")))],
        [("a", (noNumber, String?("z")))], [("b", (Int?(4), none))],
      ]
    ) { $0.fullOuterJoin($1) }
  }

  @Test func `a stream is joined with a table`() throws {
    let expected = [[("a", (1, true)), ("a", (3, true))], [], [(String, (Int, Bool))]()]
    try checkOperator(pairs, expected) { stream in
      let table = stream.context.sparkContext.parallelize([("a", true), ("z", false)])
      return stream.join(table)
    }
  }
}
