// Tuples cannot be Equatable, and most streams by key are streams of tuples.

/// Returns a Boolean value that indicates whether two tables of pairs are equal.
public func == <A: Equatable, B: Equatable>(x: [[(A, B)]], y: [[(A, B)]]) -> Bool {
  x.elementsEqual(y) { $0.elementsEqual($1) { $0 == $1 } }
}

/// Returns a Boolean value that indicates whether two tables of triples are equal.
public func == <A: Equatable, B: Equatable, C: Equatable>(x: [[(A, B, C)]], y: [[(A, B, C)]]) -> Bool {
  x.elementsEqual(y) { $0.elementsEqual($1) { $0 == $1 } }
}

/// Returns a Boolean value that indicates whether two tables of keys with pairs of values, such as the results of
/// joins, are equal.
public func == <A: Equatable, B: Equatable, C: Equatable>(x: [[(A, (B, C))]], y: [[(A, (B, C))]]) -> Bool {
  x.elementsEqual(y) { $0.elementsEqual($1) { $0.0 == $1.0 && $0.1 == $1.1 } }
}

extension Array {
  /// The batches with their elements sorted, independent of the original order.
  public func sortedBatches<T: Comparable>() -> [[T]] where Element == [T] { map { $0.sorted() } }

  /// The batches with their elements sorted by key, and by the printed form of their values.
  public func sortedBatches<Key: Comparable, Value>() -> [[(Key, Value)]] where Element == [(Key, Value)] {
    map { $0.sorted { $0.0 != $1.0 ? $0.0 < $1.0 : "\($0.1)" < "\($1.1)" } }
  }

  /// The batches with their elements sorted by their printed form.
  @_disfavoredOverload
  public func sortedBatches<T>() -> [[T]] where Element == [T] { map { $0.sorted { "\($0)" < "\($1)" } } }
}
