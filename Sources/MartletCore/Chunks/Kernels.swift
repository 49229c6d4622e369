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
        let element = (source + i).move()
        if try isIncluded(element) {
          (source + kept).initialize(to: element)
          kept &+= 1
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

@inlinable @inline(__always)
package func flatMapKernel<Input, Segment: Sequence & SendableMetatype>(
  _ transform: @escaping @Sendable (Input) throws -> Segment
) -> FlatMapKernel<Input, Segment.Element> where Segment.Iterator: SendableMetatype {
  { source, count, output in
    var cursor = OutputCursor(output)
    var i = 0
    do {
      while i < count {
        let elements = try transform((source + i).move())
        if Segment.self == TextSplit.self {
          // Safe: the types are the same, as the condition says.
          let pieces = unsafeBitCast(elements, to: TextSplit.self)
          withUnsafeMutablePointer(to: &cursor) { cursor in
            pieces.append(to: &UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: OutputCursor<Text>.self).pointee)
          }
        } else {
          for element in elements { cursor.append(element) }
        }
        i &+= 1
        if cursor.count >= chunkCapacity { break }
      }
    } catch {
      (source + (i &+ 1)).deinitialize(count: count &- i &- 1)
      cursor.finish()
      throw error
    }
    cursor.finish()
    return i
  }
}
