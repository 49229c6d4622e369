public import MartletCore

/// Takes groups from the front and appends their joined pairs, until the output is full enough. The last argument is
/// how many of the first group's left values have been taken before; returns how many groups were taken whole.
@usableFromInline package typealias JoinKernel<Key, Left, Right, Output> =
  @Sendable (UnsafeMutablePointer<(Key, ([Left], [Right]))>, Int, ElementBuffer<Output>, inout Int) -> Int

/// The pairs of each key's left and right values. A side that is kept appears with `nil` where the other has no value.
@inlinable @inline(__always)
package func joinKernel<Key, Left, Right, Output>(
  keepsLeft: Bool, keepsRight: Bool, _ make: @escaping @Sendable (Key, Left?, Right?) -> Output
) -> JoinKernel<Key, Left, Right, Output> {
  { source, count, output, taken in
    var base = output.base
    var capacity = output.capacity
    var made = output.count
    var i = 0
    while i < count && made < chunkCapacity {
      let key = (source + i).pointee.0
      let lefts = (source + i).pointee.1.0
      let rights = (source + i).pointee.1.1
      let rows = lefts.isEmpty ? (keepsRight ? 1 : 0) : rights.isEmpty && !keepsLeft ? 0 : lefts.count
      let columns = max(1, rights.count)
      while taken < rows && made < chunkCapacity {
        let left = lefts.isEmpty ? nil : lefts[taken]
        for column in 0..<columns {
          if made == capacity {
            base = output.grow(count: made)
            capacity = output.capacity
          }
          (base + made).initialize(to: make(key, left, rights.isEmpty ? nil : rights[column]))
          made &+= 1
        }
        taken &+= 1
      }
      if taken < rows { break }
      (source + i).deinitialize(count: 1)
      taken = 0
      i &+= 1
    }
    output.count = made
    return i
  }
}

/// The loops of a join of two RDDs.
@usableFromInline
package struct JoinKernels<Key: Hashable & Sendable, Left: Sendable, Right: Sendable, Output: Sendable>: Sendable {
  @usableFromInline let group: CoGroupKernels<Key, Left, Right>
  @usableFromInline let expand: JoinKernel<Key, Left, Right, Output>

  @inlinable
  package init(_ group: CoGroupKernels<Key, Left, Right>, _ expand: @escaping JoinKernel<Key, Left, Right, Output>) {
    self.group = group
    self.expand = expand
  }
}

/// The pairs of values that share a key.
@inlinable @inline(__always)
package func innerJoinKernels<Key: Hashable & Sendable, Left: Sendable, Right: Sendable>()
  -> JoinKernels<Key, Left, Right, (Key, (Left, Right))>
{
  // Both values are there, since neither side is kept without the other.
  JoinKernels(
    coGroupKernels(),
    joinKernel(keepsLeft: false, keepsRight: false) { ($0, ($1.unsafelyUnwrapped, $2.unsafelyUnwrapped)) })
}

/// Every value of the left side, with `nil` where the right side has none.
@inlinable @inline(__always)
package func leftOuterJoinKernels<Key: Hashable & Sendable, Left: Sendable, Right: Sendable>()
  -> JoinKernels<Key, Left, Right, (Key, (Left, Right?))>
{
  // The left value is there, since the right side is not kept without it.
  JoinKernels(
    coGroupKernels(), joinKernel(keepsLeft: true, keepsRight: false) { ($0, ($1.unsafelyUnwrapped, $2)) })
}

/// Every value of the right side, with `nil` where the left side has none.
@inlinable @inline(__always)
package func rightOuterJoinKernels<Key: Hashable & Sendable, Left: Sendable, Right: Sendable>()
  -> JoinKernels<Key, Left, Right, (Key, (Left?, Right))>
{
  // The right value is there, since the left side is not kept without it.
  JoinKernels(
    coGroupKernels(), joinKernel(keepsLeft: false, keepsRight: true) { ($0, ($1, $2.unsafelyUnwrapped)) })
}

/// Every value of both sides, with `nil` where the other has none.
@inlinable @inline(__always)
package func fullOuterJoinKernels<Key: Hashable & Sendable, Left: Sendable, Right: Sendable>()
  -> JoinKernels<Key, Left, Right, (Key, (Left?, Right?))>
{
  JoinKernels(coGroupKernels(), joinKernel(keepsLeft: true, keepsRight: true) { ($0, ($1, $2)) })
}
