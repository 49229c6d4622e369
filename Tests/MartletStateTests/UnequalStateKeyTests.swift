import MartletState
import Testing

@Suite struct UnequalStateKeyTests {
  private struct Point: Hashable, Codable {
    var x: Double
    var name: String
  }

  @Test func `A state table keeps one state for all that is not a number, and removes it`() throws {
    var table = StateTable<Double, Int>()
    for (number, bits) in nanBits.enumerated() { try table.put(Double(bitPattern: bits), number) }
    try table.put(1, 10)
    #expect(table.count == 2)
    #expect(table.get(.nan) == nanBits.count - 1 && table.get(1) == 10)
    #expect(try table.remove(.signalingNaN))
    #expect(table.count == 1 && table.get(.nan) == nil)
  }

  @Test(arguments: [1, 8, 8192]) func `Structures with NaN in them are found wherever the table has put them`(
    limit: Int
  ) throws {
    var table = StateTable<Point, Int>(limit: limit)
    for round in 0..<2 {
      for i in 0..<300 {
        try table.put(Point(x: Double(bitPattern: nanBits[(i + round) % nanBits.count]), name: "\(i)"), i)
        try table.put(Point(x: Double(i), name: "n"), i)
      }
    }
    #expect(table.count == 600)
    for i in 0..<300 {
      #expect(table.get(Point(x: .nan, name: "\(i)")) == i)
      if i % 2 == 0 { #expect(try table.remove(Point(x: -.nan, name: "\(i)"))) }
    }
    for i in 0..<300 { #expect(table.get(Point(x: .nan, name: "\(i)")) == (i % 2 == 0 ? nil : i)) }
    #expect(table.count == 450)
  }

  private struct Labelled: Hashable {
    var label: Int
    var values: [Double]
    static func == (a: Labelled, b: Labelled) -> Bool { a.label == b.label }
    func hash(into hasher: inout Hasher) { hasher.combine(label) }
  }

  @Test func `NaN in a part of a key that does not count makes no difference`() throws {
    var table = StateTable<Labelled, Int>()
    try table.put(Labelled(label: 1, values: [1]), 1)
    try table.put(Labelled(label: 1, values: [.nan]), 2)
    #expect(table.count == 1 && table.get(Labelled(label: 1, values: [2, .nan])) == 2)
  }

  @Test func `Arrays and dictionaries with NaN in them are found though they share their memory or do not`() throws {
    var table = StateTable<[[Double]], Int>()
    for bits in nanBits { try table.put([[1, Double(bitPattern: bits)], []], 1) }
    #expect(table.count == 1 && table.get([[1, .nan], []]) == 1 && table.get([[.nan, 1], []]) == nil)
    var others = StateTable<[String: [Float]], Int>()
    for name in ["a", "b", "a"] { try others.put([name: [.nan], "c": [1]], 1) }
    #expect(others.count == 2 && others.get(["c": [1], "b": [-.nan]]) == 1)
  }

  private let nanBits: [UInt64] = [
    Double.nan.bitPattern, (-Double.nan).bitPattern, Double.signalingNaN.bitPattern, 0x7ff8_0000_0000_1234,
  ]
}
