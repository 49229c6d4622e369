import MartletCore
import MartletRDD
import Testing

@Suite struct CollectedTextTests {
  private let sc = MartletContext(master: "local[2]", appName: "test")

  /// Lines in one block.
  private func lines(_ count: Int) -> RDD<Text> {
    let block = Text((0..<count).map { "line \($0) of a block that all of them lie in" }.joined(separator: "\n"))
    return sc.parallelize([block], 1).flatMap { $0.split(separator: "\n") }
  }

  @Test func `a few collected texts of a large block do not retain it`() throws {
    let all = lines(20_000)
    let few = try all.filter { $0.hasPrefix("line 77") }.collect()
    #expect(few.count == 111)
    #expect(few.first == "line 77 of a block that all of them lie in")
    let pinned = pinnedBytes(few)
    #expect(pinned > 0 && pinned < 40_000)
    // The same within tuples, optional values and arrays.
    let values = try all.filter { $0.hasPrefix("line 77") }.map { ($0, ([Optional($0)], 1)) }.collect()
    #expect(values.map(\.0) == few && values.map(\.1.0) == few.map { [$0] })
    #expect(pinnedBytes(values) < 80_000)
  }

  @Test func `single texts that are taken, or added to a collection, do not retain their block`() throws {
    let all = lines(20_000)
    #expect(pinnedBytes(try all.take(5)) < 2000)
    #expect(pinnedBytes([try all.first()]) < 500)
    let kept = sc.collectionAccumulator(of: (Text, Int).self)
    try all.filter { $0.hasPrefix("line 77") }.foreach { kept.add(($0, 1)) }
    #expect(kept.value.count == 111)
    #expect(kept.value.contains { $0.0 == "line 77 of a block that all of them lie in" })
    #expect(pinnedBytes(kept.value) < 40_000)
  }

  @Test func `texts that fill most of their block are collected unchanged`() throws {
    let texts = try lines(1000).collect()
    #expect(texts.count == 1000)
    let block = try #require(texts.first?.owner)
    #expect(texts.allSatisfy { $0.owner === block })
  }
}

/// The approximate number of bytes that the texts in `values` keep alive.
func pinnedBytes<Value>(_ values: [Value]) -> Int {
  guard let codec = ElementCodec<Value>.make() else { return 0 }
  return values.withUnsafeBufferPointer { $0.baseAddress.map { codec.pinnedBytes($0, values.count) } ?? 0 }
}
