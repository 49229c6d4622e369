import MartletCore
import TestSupport
import Testing

@Suite struct AggregationTableTests {
  /// Adds 1 to each key.
  private func count(_ keys: [Int], _ table: inout AggregationTable<Int, Int>) throws {
    var pairs = keys.map { ($0, 1) }
    try pairs.withUnsafeMutableBufferPointer { pairs in
      guard let base = pairs.baseAddress else { return }
      // Plain numbers: the table moves the pairs out, and the array remains valid.
      try table.merge(base, pairs.count, create: { $0 }, update: { $0 += $1 })
    }
  }

  @Test(arguments: [0, 1, 1000, 1025, 100_000]) func `A table counts correctly, however many keys were expected`(
    expected: Int
  ) throws {
    var random = TestRandom(seed: UInt64(expected))
    let keys = (0..<30_000).map { _ in Int.random(in: 0..<5000, using: &random) }
    var table = AggregationTable<Int, Int>(expectedCount: expected)
    for start in stride(from: 0, to: keys.count, by: 1000) { try count(Array(keys[start..<start + 1000]), &table) }
    let counts = (0..<table.count).map { table.entries[$0] }
    #expect(Dictionary(uniqueKeysWithValues: counts) == Dictionary(keys.map { ($0, 1) }, uniquingKeysWith: +))
    var seen: Set<Int> = []
    #expect(counts.map(\.0) == keys.filter { seen.insert($0).inserted }, "keys are in their order of arrival")
  }

  @Test func `A table with a large hint is small with few keys, and large enough as soon as it must grow`()
    throws
  {
    var table = AggregationTable<Int, Int>(expectedCount: 100_000)
    try count(Array(0..<100), &table)
    #expect(table.capacity <= 2048)
    try count(Array(0..<3000), &table)
    let capacity = table.capacity
    #expect((100_000..<200_000).contains(capacity))
    try count(Array(0..<100_000), &table)
    #expect(table.capacity == capacity && table.count == 100_000)
    try count(Array(0..<300_000), &table)
    #expect(table.count == 300_000, "more keys than were expected")
  }
}
