#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore

/// Random numbers that depend on a seed and a partition alone (the construction of SplitMix64).
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

  /// A number from 0 up to, and without, 1.
  @inlinable
  package mutating func unit() -> Double { Double(next() &>> 11) * 0x1p-53 }

  /// How often something happens that happens `mean` times on average.
  @usableFromInline
  package mutating func poisson(mean: Double) -> Int {
    // Knuth's method, in steps small enough for the exponential.
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
}
