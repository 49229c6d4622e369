import MartletCore
import MartletRDD
import Testing

/// Floating-point numbers are ordered as by Java's `Double.compare`: -0.0 before 0.0, NaN after everything.
@Suite(.timeLimit(.minutes(30))) struct NumberOrderTests {
  private let sc = MartletContext(master: "local[3]", appName: "test")
  private static let doubles = [3, .nan, 1, -0.0, 2, .nan, 0, .infinity, -1, 0.0, -.nan, -0.0, -.infinity]
  private static let inOrder = [-.infinity, -1, -0.0, -0.0, 0, 0, 1, 2, 3, .infinity, .nan, .nan, .nan]

  /// A description that distinguishes -0.0 from 0.0, and makes NaN equal to NaN.
  private func text<Number: FloatingPoint & CustomStringConvertible>(_ numbers: [Number]) -> [String] {
    numbers.map { $0.isNaN ? "nan" : "\($0)" }
  }

  @Test(arguments: 1...4) func `numbers are sorted with NaN after all others`(slices: Int) throws {
    let expected = text(Self.inOrder)
    let rdd = sc.parallelize(Self.doubles, slices)
    #expect(try text(rdd.sortBy { $0 }.collect()) == expected)
    #expect(try text(rdd.sortBy(ascending: false) { $0 }.collect()) == expected.reversed())
    #expect(try text(rdd.map { ($0, 1) }.sortByKey().keys().collect()) == expected)
    let floats = rdd.map { Float($0) }
    #expect(try text(floats.sortBy { $0 }.collect()) == expected)
    #expect(try text(floats.map { ($0, 1) }.sortByKey(ascending: false).keys().collect()) == expected.reversed())
    for count in [0, 2, 5, 13, 20] {
      #expect(try text(rdd.takeOrdered(count)) == Array(expected.prefix(count)))
      #expect(try text(rdd.top(count)) == Array(expected.reversed().prefix(count)))
      #expect(try text(floats.top(count, key: { $0 })) == Array(expected.reversed().prefix(count)))
    }
    #expect(try text([rdd.max(), rdd.min()]) == ["nan", "-inf"])
    #expect(try text([rdd.filter { $0 == 0 }.max(), rdd.filter { $0 == 0 }.min()]) == ["0.0", "-0.0"])
    #expect(try text([floats.max(), floats.min()]) == ["nan", "-inf"])
  }

  @Test func `many numbers with NaN among them are sorted over partitions, in memory and on disk`() throws {
    try withTemporaryFolder { (folder: String) throws in
      let numbers = (0..<20_000).map { $0 % 7 == 3 ? Double.nan : Double(($0 * 7919) % 20_011) }
      let expected = numbers.filter { !$0.isNaN }.sorted() + numbers.filter { $0.isNaN }
      for context in [roomyContext(), spillingContext(folder)] {
        let rdd = context.parallelize(numbers, 5)
        #expect(try text(rdd.sortBy { $0 }.collect()) == text(expected))
        #expect(try text(rdd.takeOrdered(3000)) == text(Array(expected.prefix(3000))))
      }
      // Otherwise both would have sorted in memory.
      #expect(
        code { try spillingContext("/proc/nowhere").parallelize(numbers, 5).sortBy { $0 }.count() } == .inputOutput)
    }
  }

  @Test func `pairs of numbers are sorted by both`() throws {
    let pairs = [Pair(1, Double.nan), Pair(0, 2), Pair(1, 3), Pair(0, .nan), Pair(0, 1), Pair(1, -0.0), Pair(1, 0)]
    let sorted = try sc.parallelize(pairs, 2).sortBy { $0 }.collect().map { "\($0)" }
    #expect(sorted == ["(0, 1.0)", "(0, 2.0)", "(0, nan)", "(1, -0.0)", "(1, 0.0)", "(1, 3.0)", "(1, nan)"])
    let swapped = try sc.parallelize(pairs, 2).map { Pair($0.second, $0.first) }.takeOrdered(10).map { "\($0)" }
    #expect(swapped == ["(-0.0, 1)", "(0.0, 1)", "(1.0, 0)", "(2.0, 0)", "(3.0, 1)", "(nan, 0)", "(nan, 1)"])
  }
}
