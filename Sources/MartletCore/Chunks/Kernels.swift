// A kernel is the loop of one operator over one chunk. It is made where the user's closure is known and captures that
// closure alone: this is what lets the compiler carry the closure's body into the loop. Everything around it, the
// readers of this folder, runs once a chunk and need not be inlined.
//
// Kernels keep the invariant of `Chunk` also when the user's closure throws: elements not yet read, and results
// already made, are deinitialised or left where their owner finds them.

/// Takes `count` elements at the first pointer, writes as many at the second.
public typealias MapKernel<Input, Output> =
  @Sendable (UnsafeMutablePointer<Input>, Int, UnsafeMutablePointer<Output>) throws -> Void

/// Takes `count` elements and leaves those that pass at the front; returns how many.
public typealias FilterKernel<Element> = @Sendable (UnsafeMutablePointer<Element>, Int) throws -> Int

/// Takes elements from the front until the output is full enough or all are taken; returns how many it took.
public typealias FlatMapKernel<Input, Output> =
  @Sendable (UnsafeMutablePointer<Input>, Int, ElementBuffer<Output>) throws -> Int

@inlinable @inline(__always)
package func mapKernel<Input, Output>(
  _ transform: @escaping @Sendable (Input) throws -> Output
) -> MapKernel<Input, Output> {
  { source, count, target in
    var i = 0
    do {
      while i < count {
        try (target + i).initialize(to: transform((source + i).move()))
        i &+= 1
      }
    } catch {
      (source + (i &+ 1)).deinitialize(count: count &- i &- 1)
      target.deinitialize(count: i)
      throw error
    }
  }
}

@inlinable @inline(__always)
package func filterKernel<Element>(
  _ isIncluded: @escaping @Sendable (Element) throws -> Bool
) -> FilterKernel<Element> {
  { source, count in
    var i = 0
    var kept = 0
    do {
      while i < count {
        let ownsNothing = ownsNothing(source + i)
        let element = (source + i).move()
        let isKept = try isIncluded(element)
        // Writing over what owns nothing ends it, without a call, and without a branch that is hard to predict.
        if isKept || ownsNothing {
          (source + kept).initialize(to: element)
          kept &+= isKept ? 1 : 0
        }
        i &+= 1
      }
    } catch {
      (source + (i &+ 1)).deinitialize(count: count &- i &- 1)
      source.deinitialize(count: kept)
      throw error
    }
    return kept
  }
}

/// Whether the element is known to have nothing that has to be released.
@inlinable @inline(__always)
func ownsNothing<Element>(_ element: UnsafeMutablePointer<Element>) -> Bool {
  if Element.self == Text.self {
    // Safe: the types are the same, as the condition says.
    return UnsafeMutableRawPointer(element).assumingMemoryBound(to: Text.self).pointee.isInline
  }
  return _isPOD(Element.self)
}

/// Calls `body` with the segment that `make` returns, in memory that is no value afterwards: `body` ends the segment.
///
/// As a value it would be copied on the way, and what it holds counted.
@inlinable @inline(__always)
func withSegment<Segment>(
  _ make: () throws -> Segment, _ body: (UnsafeMutablePointer<TextSplit>) -> Void
) rethrows {
  try withUnsafeTemporaryAllocation(of: Segment.self, capacity: 1) { place in
    // Safe: there is one place.
    let address = place.baseAddress.unsafelyUnwrapped
    address.initialize(to: try make())
    body(UnsafeMutableRawPointer(address).assumingMemoryBound(to: TextSplit.self))
  }
}

@inlinable @inline(__always)
package func flatMapKernel<Input, Segment: Sequence & SendableMetatype>(
  _ transform: @escaping @Sendable (Input) throws -> Segment
) -> FlatMapKernel<Input, Segment.Element> where Segment.Iterator: SendableMetatype {
  { source, count, output in
    var cursor = OutputCursor(output)
    var released = ReleasedTexts()
    var i = 0
    do {
      while i < count {
        if Segment.self == TextSplit.self {
          // Safe: the types are the same, as the condition says, so `Output` is `Text`.
          try withSegment({ try transform((source + i).move()) }) { split in
            withUnsafeMutablePointer(to: &cursor) { cursor in
              TextSplit.appendPieces(
                of: split, to: &UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: OutputCursor<Text>.self).pointee
              )
            }
            released.take(split)
          }
        } else {
          for element in try transform((source + i).move()) { cursor.append(element) }
        }
        i &+= 1
        if cursor.count >= chunkCapacity { break }
      }
    } catch {
      (source + (i &+ 1)).deinitialize(count: count &- i &- 1)
      cursor.finish()
      released.finish()
      throw error
    }
    cursor.finish()
    released.finish()
    return i
  }
}

@inlinable @inline(__always)
package func compactMapKernel<Input, Output>(
  _ transform: @escaping @Sendable (Input) throws -> Output?
) -> FlatMapKernel<Input, Output> {
  { source, count, output in
    // At most one result for each element: no further look at the room is needed.
    var cursor = OutputCursor(output)
    cursor.makeRoom(for: count)
    var i = 0
    do {
      while i < count {
        if let element = try transform((source + i).move()) {
          cursor.end.initialize(to: element)
          cursor.end += 1
        }
        i &+= 1
      }
    } catch {
      (source + (i &+ 1)).deinitialize(count: count &- i &- 1)
      cursor.finish()
      throw error
    }
    cursor.finish()
    return count
  }
}
