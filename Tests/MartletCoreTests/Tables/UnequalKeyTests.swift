import MartletCore
import Testing

@Suite struct UnequalKeyTests {
  private struct Point: Hashable, Codable {
    var x: Double
    var name: String
  }

  @Test func `Only types that may hold NaN are checked for it`() {
    #expect(keyWatch(Text.self) == nil && keyWatch(Int.self) == nil && keyWatch(String.self) == nil)
    #expect(keyWatch(Pair<Text, Pair<Int, String?>>.self) == nil && keyWatch([String: [Int]].self) == nil)
    #expect(keyWatch(Event.self) == nil && keyWatch(Generic<Text, Int>.self) == nil)
    #expect(
      keyWatch(Point.self) != nil && keyWatch([Point?].self) != nil && keyWatch(Pair<Text, Set<Float>>.self) != nil)
    #expect(keyWatch(Generic<Text, Point>.self) != nil && keyWatch(Tree.self) != nil)
    #expect(keyWatch(AnyHashable.self) != nil, "it may hold any value")
  }

  private enum Event: Hashable {
    case word(Text)
    case numbers(Int, [UInt8])
    case nothing
  }

  private enum Generic<First: Hashable, Second: Hashable>: Hashable {
    case first(First, [Second])
    case second(Second?)
  }

  private indirect enum Tree: Hashable {
    case node(Tree, Int)
    case leaf
  }

  @Test func `Pairs with NaN in the same place are equal and have equal hashes`() {
    let keys = nanBits.map { Pair(Double(bitPattern: $0), Pair(1, Float.nan)) }
    #expect(Set(keys).count == 1)
    #expect(keys.contains(Pair(.nan, Pair(1, .nan))) && !keys.contains(Pair(.nan, Pair(2, .nan))))
    #expect(Pair(0.0, 1) == Pair(-0.0, 1))
    #expect(Set(keys.map { $0.stableHash(seed: 7) }).count == 1)
  }

  private let nanBits: [UInt64] = [
    Double.nan.bitPattern, (-Double.nan).bitPattern, Double.signalingNaN.bitPattern, 0x7ff8_0000_0000_1234,
  ]
}
