/// Two values that can be a key together: Swift's tuples cannot be `Hashable`.
///
/// As a key is one, a pair with NaN in it is equal to itself, and to every pair with NaN in the same place.
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

  /// Not part of the API: lets tables hash pairs of the fast keys as fast as those.
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
  /// By the first values, then by the second. Of floating-point numbers NaN is the greatest, as where RDDs are sorted.
  @inlinable
  public static func < (a: Pair, b: Pair) -> Bool {
    precedes(a.first, b.first) || (!precedes(b.first, a.first) && precedes(a.second, b.second))
  }
}

extension Pair: CustomStringConvertible {
  /// As a tuple prints.
  public var description: String { "\((first, second))" }
}
