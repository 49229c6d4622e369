/// Two values that together can be a key: Swift's tuples cannot be `Hashable`.
///
/// A pair with NaN is equal to itself as a key, and to every pair with NaN in the same place.
/// ```swift
/// visits.map { (Pair($0.page, $0.country), 1) }.reduceByKey(+)
/// ```
@frozen
public struct Pair<First, Second> {
  public var first: First
  public var second: Second

  @inlinable
  public init(_ first: First, _ second: Second) {
    self.first = first
    self.second = second
  }
}

extension Pair: Sendable where First: Sendable, Second: Sendable {}
extension Pair: Equatable where First: Equatable, Second: Equatable {
  @inlinable @inline(__always)
  public static func == (a: Pair, b: Pair) -> Bool {
    areSameParts(a.first, b.first) && areSameParts(a.second, b.second)
  }
}
extension Pair: Encodable where First: Encodable, Second: Encodable {}
extension Pair: Decodable where First: Decodable, Second: Decodable {}

extension Pair: Hashable where First: Hashable, Second: Hashable {
  @inlinable
  public func hash(into hasher: inout Hasher) {
    hashPart(first, into: &hasher)
    hashPart(second, into: &hasher)
  }

  /// Not part of the API: lets tables hash pairs as fast as their parts.
  @inlinable @inline(__always)
  public func _rawHashValue(seed: Int) -> Int {
    var pair = self
    let hash = slotHash(&pair.first, seed: UInt64(truncatingIfNeeded: seed))
    return Int(truncatingIfNeeded: slotHash(&pair.second, seed: hash))
  }
}

extension Pair: StableHashable where First: StableHashable, Second: StableHashable {
  @inlinable @inline(__always)
  public func stableHash(seed: UInt64) -> UInt64 { second.stableHash(seed: first.stableHash(seed: seed)) }
}

extension Pair: Comparable where First: Comparable, Second: Comparable {
  /// Compares the first values, then the second. NaN is the greatest floating-point number, as in sorted RDDs.
  @inlinable
  public static func < (a: Pair, b: Pair) -> Bool {
    precedes(a.first, b.first) || (!precedes(b.first, a.first) && precedes(a.second, b.second))
  }
}

extension Pair: CustomStringConvertible {
  /// The same text as for a tuple.
  public var description: String { "\((first, second))" }
}
