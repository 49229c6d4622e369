import MartletCore
import Testing

@Suite struct StableHashTests {
  @Test(arguments: ["", "a", "hello", "exactly fifteen", "a string of more than sixteen bytes, and then some more"])
  func `a string and a text with the same bytes have the same hash`(_ string: String) {
    #expect(string.stableHash(seed: 7) == Text(string).stableHash(seed: 7))
  }

  @Test func `equal strings have the same hash`() {
    for (a, b) in [("Caf\u{E9}", "Cafe\u{301}"), ("K", "\u{212A}"), (";", "\u{37E}")] {
      #expect(a == b)
      #expect(a.stableHash(seed: 1) == b.stableHash(seed: 1))
    }
  }

  @Test func `hashes are the same in every process and release`() {
    #expect(1.stableHash(seed: 0) == 1.stableHash(seed: 0))
    #expect(UInt8(1).stableHash(seed: 0) == Int(1).stableHash(seed: 0))
    #expect((0.0).stableHash(seed: 3) == (-0.0).stableHash(seed: 3))
    #expect(Pair(1, "a").stableHash(seed: 0) != Pair(2, "a").stableHash(seed: 0))
  }

  @Test func `values of different lengths and seeds have different hashes`() {
    var seen: Set<UInt64> = []
    for count in 0..<100 { seen.insert(String(repeating: "x", count: count).stableHash(seed: 0)) }
    for seed in 1..<100 { seen.insert("x".stableHash(seed: UInt64(seed))) }
    #expect(seen.count == 199)
  }
}
