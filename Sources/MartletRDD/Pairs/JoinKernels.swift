public import MartletCore

/// Takes groups from the front and appends their joined pairs, until the output is full enough. The last argument is
/// the number of the first group's left values that have already been taken; returns the number of groups that were
/// taken completely.
@usableFromInline package typealias JoinKernel<Key, Left, Right, Output> =
  @Sendable (UnsafeMutablePointer<(Key, ([Left], [Right]))>, Int, ElementBuffer<Output>, inout Int) -> Int

/// The pairs of each key's left and right values. A retained side appears with `nil` if the other has no value.
@inlinable @inline(__always)
package func joinKernel<Key, Left, Right, Output>(
  keepsLeft: Bool, keepsRight: Bool, _ make: @escaping @Sendable (Key, Left?, Right?) -> Output
) -> JoinKernel<Key, Left, Right, Output> {
  { source, count, output, taken in
    var cursor = OutputCursor(output)
    var i = 0
    while i < count && cursor.count < chunkCapacity {
      let key = (source + i).pointee.0
      let lefts = (source + i).pointee.1.0
      let rights = (source + i).pointee.1.1
      let rows = lefts.isEmpty ? (keepsRight ? 1 : 0) : rights.isEmpty && !keepsLeft ? 0 : lefts.count
      let columns = max(1, rights.count)
      while taken < rows && cursor.count < chunkCapacity {
        let left = lefts.isEmpty ? nil : lefts[taken]
        for column in 0..<columns {
          cursor.append(make(key, left, rights.isEmpty ? nil : rights[column]))
        }
        taken &+= 1
      }
      if taken < rows { break }
      (source + i).deinitialize(count: 1)
      taken = 0
      i &+= 1
    }
    cursor.finish()
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

/// The pairs of values with the same key.
@inlinable @inline(__always)
package func innerJoinKernels<Key: Hashable & Sendable, Left: Sendable, Right: Sendable>()
  -> JoinKernels<Key, Left, Right, (Key, (Left, Right))>
{
  // Both values exist, because neither side is retained without the other.
  JoinKernels(
    coGroupKernels(),
    joinKernel(keepsLeft: false, keepsRight: false) { ($0, ($1.unsafelyUnwrapped, $2.unsafelyUnwrapped)) })
}

/// Every value of the left side, with `nil` if the right side has none.
@inlinable @inline(__always)
package func leftOuterJoinKernels<Key: Hashable & Sendable, Left: Sendable, Right: Sendable>()
  -> JoinKernels<Key, Left, Right, (Key, (Left, Right?))>
{
  // The left value exists, because the right side is not retained without it.
  JoinKernels(
    coGroupKernels(), joinKernel(keepsLeft: true, keepsRight: false) { ($0, ($1.unsafelyUnwrapped, $2)) })
}

/// Every value of the right side, with `nil` if the left side has none.
@inlinable @inline(__always)
package func rightOuterJoinKernels<Key: Hashable & Sendable, Left: Sendable, Right: Sendable>()
  -> JoinKernels<Key, Left, Right, (Key, (Left?, Right))>
{
  // The right value exists, because the left side is not retained without it.
  JoinKernels(
    coGroupKernels(), joinKernel(keepsLeft: false, keepsRight: true) { ($0, ($1, $2.unsafelyUnwrapped)) })
}

/// Every value of both sides, with `nil` if the other side has none.
@inlinable @inline(__always)
package func fullOuterJoinKernels<Key: Hashable & Sendable, Left: Sendable, Right: Sendable>()
  -> JoinKernels<Key, Left, Right, (Key, (Left?, Right?))>
{
  JoinKernels(coGroupKernels(), joinKernel(keepsLeft: true, keepsRight: true) { ($0, ($1, $2)) })
}
