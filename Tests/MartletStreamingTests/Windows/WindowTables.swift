import MartletTesting

/// The contents of each window over a table of batches, one second apart: a plain computation.
///
/// - Parameters:
///   - window: the length in batches.
///   - slide: the slide in batches.
func plainWindows<Element>(_ batches: [[Element]], _ window: Int, _ slide: Int) -> [[Element]] {
  stride(from: slide, through: batches.count, by: slide).map { end in
    batches[max(0, end - window)..<end].flatMap { $0 }
  }
}

/// The values of each key, combined in their order.
func plainReduce<Value>(_ pairs: [(String, Value)], _ combine: (Value, Value) -> Value) -> [(String, Value)] {
  Dictionary(pairs, uniquingKeysWith: combine).map { ($0.key, $0.value) }
}

/// A small pseudorandom generator, which gives the same numbers in every run.
struct NumberSequence {
  var state: UInt64

  /// A number below `limit`.
  mutating func next(_ limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }
}
