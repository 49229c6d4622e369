// Unsafe code. Invariant: the first five words of a `Hasher` are overwritten only if `hasherIsAsExpected` has found
// that they are the plain words of a SipHash-1-3, so that the result is a state that `Hasher` itself could have.

/// A `Hasher` with the same initial state in every process, for keys without a stable hash of their own.
///
/// Swift seeds the hashers of each process with a random number. The input that a value feeds to a hasher, however,
/// depends only on the value, and equal values feed the same input; so a hasher with a fixed seed is a stable hash of
/// any `Hashable` type. The exceptions are values that contain a `Set` or a `Dictionary`: these feed hashes of their
/// elements that use the seed of the process.
enum FixedSeedHasher {
  /// True if this version of `Hasher` can be seeded. If not, `hash(_:)` is stable only within one process.
  static let isAvailable: Bool = hasherIsAsExpected()

  /// The hash of `value`.
  static func hash(_ value: some Hashable) -> UInt64 {
    var hasher = Hasher()
    if isAvailable { setSeed(&hasher) }
    value.hash(into: &hasher)
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }

  /// An empty tail, then the state of a SipHash whose key is zero: "somepseudorandomlygeneratedbytes".
  private typealias Words = (UInt64, UInt64, UInt64, UInt64, UInt64)
  private static let start: Words = (
    0, 0x736f_6d65_7073_6575, 0x646f_7261_6e64_6f6d, 0x6c79_6765_6e65_7261, 0x7465_6462_7974_6573
  )

  private static func setSeed(_ hasher: inout Hasher) {
    withUnsafeMutableBytes(of: &hasher) { $0.storeBytes(of: start, as: Words.self) }
  }

  /// Returns true if a hasher whose first words are overwritten returns the SipHash-1-3 of its input.
  private static func hasherIsAsExpected() -> Bool {
    guard _isPOD(Hasher.self), MemoryLayout<Hasher>.size >= MemoryLayout<Words>.size else { return false }
    var hasher = Hasher()
    setSeed(&hasher)
    // 25 bytes: whole words, and a tail that does not begin at a word boundary.
    hasher.combine(UInt8(1))
    for word: UInt64 in [0x0908_0706_0504_0302, 0x1110_0f0e_0d0c_0b0a, 0x1918_1716_1514_1312] { hasher.combine(word) }
    return UInt64(bitPattern: Int64(hasher.finalize())) == 0xec7d_5907_1f56_b6ba
  }
}

/// True if the partition of every key is the same in every process, as far as Swift's `Hasher` permits.
package var partitionsAreStable: Bool { FixedSeedHasher.isAvailable }
