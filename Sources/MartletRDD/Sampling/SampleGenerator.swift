#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore

/// Random numbers that depend only on a seed and a partition (as in SplitMix64).
@frozen @usableFromInline
package struct SampleGenerator: RandomNumberGenerator, Sendable {
  @usableFromInline var state: UInt64

  package init(seed: Int, partition: Int) {
    state = partition.stableHash(seed: UInt64(bitPattern: Int64(seed)))
  }

  @inlinable
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
  }

  /// A number from 0 up to, but not including, 1.
  @inlinable
  package mutating func unit() -> Double { Double(next() &>> 11) * 0x1p-53 }

  /// The number of events that occur `mean` times on average.
  @usableFromInline
  package mutating func poisson(mean: Double) -> Int {
    // Knuth's method, in steps that are small enough for the exponential.
    var left = mean
    var count = 0
    while left > 0 {
      let limit = exp(-min(left, 16))
      var product = unit()
      while product > limit {
        count &+= 1
        product *= unit()
      }
      left -= 16
    }
    return count
  }

  /// The number of successes in `trials` with `probability`.
  @usableFromInline
  package mutating func binomial(_ trials: Int, probability: Double) -> Int {
    if probability >= 1 { return trials }
    if probability > 0.5 { return trials - binomial(trials, probability: 1 - probability) }
    guard probability > 0 else { return 0 }
    // By inversion, in steps that are small enough for the power.
    let step = 16 / probability
    let odds = probability / (1 - probability)
    var left = trials
    var count = 0
    while left > 0 {
      let size = Double(left) < step ? left : Int(step)
      left -= size
      var term = exp(Double(size) * log1p(-probability))
      var rest = unit() - term
      var successes = 0
      // Rounding may leave a remainder.
      while rest >= 0 && term > 0 && successes < size {
        term *= odds * Double(size - successes) / Double(successes + 1)
        successes += 1
        rest -= term
      }
      count += successes
    }
    return count
  }

  /// The number of marked items among `drawn` of `total` items without replacement, of which `marked` are marked.
  package mutating func hypergeometric(_ drawn: Int, among marked: Int, of total: Int) -> Int {
    // Both roles are equivalent: drawing the smaller number is faster.
    let draws = min(drawn, marked)
    var left = max(drawn, marked)
    for draw in 0..<draws where Int.random(in: 0..<total - draw, using: &self) < left { left -= 1 }
    return max(drawn, marked) - left
  }
}
