import MartletCore
import MartletRDD
import Testing

/// NaN is one key, whatever its bits and its place in the key.
@Suite(.timeLimit(.minutes(30))) struct NaNKeyTests {
  let sc = MartletContext(master: "local[3]", appName: "test")

  /// NaN, in different bits.
  static let nans = [0x7ff8 << 48, 0xfff8 << 48, 0x7ff0 << 48 | 1, 0x7ff8 << 48 | 0x1234].map {
    Double(bitPattern: $0)
  }

  struct Reading: Hashable {
    var value: Double
    var name = "a"
  }

  enum Cell: Hashable {
    case number(Double)
    case both(Float, String)
    case empty
  }

  final class Box: Hashable, Sendable {
    let value: Double

    init(_ value: Double) { self.value = value }
    static func == (a: Box, b: Box) -> Bool { a.value == b.value }
    func hash(into hasher: inout Hasher) { hasher.combine(value) }
  }

  enum Curve: Hashable {
    case points([Double])
    case none
  }

  final class Row: Hashable, Sendable {
    let values: [Double]

    init(_ values: [Double]) { self.values = values }
    static func == (a: Row, b: Row) -> Bool { a.values == b.values }
    func hash(into hasher: inout Hasher) { hasher.combine(values) }
  }

  struct NeverEqual: Hashable {
    var number: Int

    static func == (a: NeverEqual, b: NeverEqual) -> Bool { false }
    func hash(into hasher: inout Hasher) { hasher.combine(number) }
  }

  /// Counts keys made of NaN in all its bits, and of 1 and 2, in all available ways.
  private func expectOneKey<Key: Hashable & Sendable>(
    sourceLocation: SourceLocation = #_sourceLocation, _ make: @Sendable (Double) -> Key
  ) throws {
    let numbers: [Double] = (0..<40).flatMap { i -> [Double] in [1, Self.nans[i % Self.nans.count], 2] }
    let keys = sc.parallelize(numbers.map(make), 7)
    let pairs = keys.map { ($0, 1) }
    let nan = make(-.nan)
    func expect(_ counts: [Int], _ expected: [Int], _ comment: Comment) {
      #expect(counts.sorted() == expected, comment, sourceLocation: sourceLocation)
    }
    expect(try pairs.reduceByKey(+).values().collect(), [40, 40, 40], "reduceByKey")
    expect(try pairs.reduceByKey(+, 1).values().collect(), [40, 40, 40], "reduceByKey in one partition")
    expect(try pairs.groupByKey().values().collect().map { $0.count }, [40, 40, 40], "groupByKey")
    let partitions = try pairs.partitionBy(HashPartitioner<Key>(numPartitions: 1009)).glom().collect().map { $0.count }
    #expect(partitions.allSatisfy { $0 % 40 == 0 } && partitions.reduce(0, +) == 120, sourceLocation: sourceLocation)
    expect([try keys.distinct().count()], [3], "distinct")
    expect(try Array(keys.countByValue().values), [40, 40, 40], "countByValue")
    expect(try Array(pairs.countByKey().values), [40, 40, 40], "countByKey")
    expect(try Array(pairs.reduceByKeyLocally(+).values), [40, 40, 40], "reduceByKeyLocally")
    expect([try pairs.collectAsMap().count], [3], "collectAsMap")
    expect([try pairs.lookup(nan).count, try pairs.reduceByKey(+).lookup(nan).count], [1, 40], "lookup")
    let other = sc.parallelize([make(Self.nans[3]), make(3)], 2)
    let others = other.map { ($0, "x") }
    expect([try keys.subtract(other).count(), try pairs.subtractByKey(others).count()], [80, 80], "subtract")
    expect([try keys.intersection(other).count()], [1], "intersection")
    expect([try pairs.join(others).count(), try pairs.leftOuterJoin(others).count()], [40, 120], "join")
    expect([try pairs.cogroup(others).count()], [4], "cogroup")
    let fractions = Dictionary([(make(1), 0.0), (make(2), 0), (make(.nan), 1)]) { first, _ in first }
    expect([try pairs.sampleByKey(withReplacement: false, fractions: fractions).count()], [40], "sampleByKey")
    expect([try pairs.sampleByKeyExact(withReplacement: false, fractions: fractions).count()], [40], "sampleByKeyExact")
  }

  @Test func `NaN is one key as a number of any type`() throws {
    try expectOneKey { $0 }
    try expectOneKey { Float($0) }
    #if !(os(macOS) && arch(x86_64))
      try expectOneKey { Float16($0) }
    #endif
  }

  @Test func `NaN is one key in every part of a key`() throws {
    try expectOneKey { Reading(value: $0) }
    try expectOneKey { Pair("a", $0) }
    try expectOneKey { Pair(Reading(value: $0), Pair(1, Float($0))) }
    try expectOneKey { Optional($0) }
    try expectOneKey { Optional(Reading(value: $0)) }
    try expectOneKey { [1, $0, 3] }
    try expectOneKey { Cell.number($0) }
    try expectOneKey { Cell.both(Float($0), "b") }
    try expectOneKey { ["a": $0, "b": 2] }
    try expectOneKey { Set([7, $0]) }
    try expectOneKey { Box($0) }
    try expectOneKey { ContiguousArray([1, $0]) }
    try expectOneKey { [1, $0][...] }
    try expectOneKey { SIMD2($0, 1) }
    try expectOneKey { Pair("a", SIMD2($0, 1)) }
  }

  indirect enum Tree: Hashable, Sendable {
    case leaf([Double])
    case node(Tree, Tree)
  }

  enum Value: Hashable {
    case null
    case number(Double)
    case text(String)
    case list([Value])
    case table([String: Value])
  }

  enum Only: Hashable { case points([Double], String) }

  enum Generic<Item: Hashable & Sendable>: Hashable, Sendable {
    case one(Item)
    case many([Item], first: Item)
    case none
  }

  /// The numbers do not count.
  enum Named: Hashable {
    case points([Double], String)

    static func == (a: Named, b: Named) -> Bool { a.name == b.name }
    func hash(into hasher: inout Hasher) { hasher.combine(name) }
    var name: String {
      switch self {
      case .points(_, let name): name
      }
    }
  }

  @Test func `NaN is one key in arrays that cases of enumerations carry`() throws {
    try expectOneKey { Curve.points([1, $0]) }
    try expectOneKey { Pair("a", Curve.points([1, $0])) }
    try expectOneKey { [Optional(Curve.points([$0]))] }
    try expectOneKey { Only.points([$0, 7], "a name of more than fifteen bytes") }
    try expectOneKey { Generic.many([1, $0], first: 1) }
    try expectOneKey { Generic.many([Curve.points([$0])], first: .none) }
    try expectOneKey { Value.list([.null, .number($0), .text("a")]) }
    try expectOneKey { Value.table(["a": .list([.list([.number($0)])]), "b": .number(2)]) }
    let named = sc.parallelize(Self.nans.map { (Named.points([$0, 1], "a"), 1) } + [(.points([2], "a"), 1)], 3)
    #expect(try named.reduceByKey(+).values().collect() == [5])
  }

  @Test func `NaN with the same bits is one key in arrays that objects and indirect cases hold`() throws {
    func count<Key: Hashable & Sendable>(_ make: @Sendable (Double) -> Key) throws -> [Int] {
      let keys = sc.parallelize((0..<90).map { make($0 % 3 == 0 ? .nan : 1) }, 7)
      #expect(try keys.distinct().count() == 2)
      #expect(try keys.countByValue().values.sorted() == [30, 60])
      return try keys.map { ($0, 1) }.reduceByKey(+).values().collect().sorted()
    }
    #expect(try count { Curve.points([1, $0]) } == [30, 60])
    #expect(try count { Pair("a", Curve.points([1, $0])) } == [30, 60])
    #expect(try count { [Optional(Curve.points([$0]))] } == [30, 60])
    #expect(try count { Row([$0, 2]) } == [30, 60])
    #expect(try count { Tree.node(.leaf([1, $0]), .leaf([2])) } == [30, 60])
    // The time grows with their number, not with its square.
    let many = sc.range(0, 40_000).map { _ in (Curve.points([.nan]), 1) }
    #expect(try many.reduceByKey(+).values().collect() == [40_000])
  }

  @Test func `NaN is one part of keys that are tuples`() throws {
    let pairs = sc.parallelize((0..<20).map { ((Self.nans[$0 % 4], $0 % 2), 1) }, 3)
    #expect(try pairs.reduceByKey(+).values().collect() == [10, 10])
    #expect(try pairs.countByKey() == [Pair(.nan, 0): 10, Pair(.nan, 1): 10])
    #expect(try pairs.keys().distinct().count() == 2)
    #expect(try pairs.keys().countByValue() == [Pair(.nan, 0): 10, Pair(.nan, 1): 10])
  }

  @Test func `Keys that are not equal to themselves are distinguished by their parts`() throws {
    let keys: [Reading] = [.init(value: .nan), .init(value: .nan, name: "b"), .init(value: 1), .init(value: -.nan)]
    #expect(try sc.parallelize(keys, 2).map { ($0, 1) }.reduceByKey(+).values().collect().sorted() == [1, 1, 2])
    let cells: [Cell] = [.number(.nan), .both(.nan, "a"), .empty, .both(.nan, "b"), .empty]
    #expect(try sc.parallelize(cells, 2).map { ($0, 1) }.reduceByKey(+).values().collect().sorted() == [1, 1, 1, 2])
    let strange = sc.parallelize((0..<1000).map { NeverEqual(number: $0 % 10) }, 4)
    #expect(try strange.map { ($0, 1) }.reduceByKey(+).values().collect() == Array(repeating: 100, count: 10))
  }

  @Test func `Zero and minus zero are one key`() throws {
    #expect(try sc.parallelize([0.0, -0.0], 2).map { ($0, 1) }.reduceByKey(+).values().collect() == [2])
    #expect(try sc.parallelize([[0.0], [-0.0]], 2).map { ($0, 1) }.reduceByKey(+).values().collect() == [2])
  }

  @Test(.timeLimit(.minutes(30))) func `Very many keys that are NaN take no longer than others`() throws {
    let numbers = sc.range(0, 400_000).map { _ in (Double.nan, 1) }
    #expect(try numbers.reduceByKey(+).collect().map(\.1) == [400_000])
    #expect(try numbers.collectAsMap().count == 1)
    let readings = sc.range(0, 40_000).map { (Reading(value: .nan, name: "\($0 % 2)"), 1) }
    #expect(try readings.reduceByKey(+).collect().map(\.1) == [20_000, 20_000])
    let strange = sc.range(0, 40_000).map { (NeverEqual(number: $0 % 2), 1) }
    #expect(try strange.reduceByKey(+).collect().map(\.1) == [20_000, 20_000])
  }
}
