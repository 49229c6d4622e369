// A kernel is the loop of one operator over one chunk. It is created where the user's closure is known and captures
// only that closure, so that the compiler can inline the closure into the loop. Everything around it, such as the
// readers in this folder, runs once per chunk and need not be inlined.
//
// Kernels keep the invariant of `Chunk` also when the user's closure throws: elements not yet read, and results already
// made, are deinitialized or left for their owner.

/// Takes `count` elements from the first pointer, and writes the same number to the second.
@usableFromInline package typealias MapKernel<Input, Output> =
  @Sendable (UnsafeMutablePointer<Input>, Int, UnsafeMutablePointer<Output>) throws -> Void

/// Takes `count` elements and moves those that pass to the front; returns their number.
@usableFromInline package typealias FilterKernel<Element> = @Sendable (UnsafeMutablePointer<Element>, Int) throws -> Int

/// Takes elements from the front until the output is full enough or all are taken; returns the number taken.
@usableFromInline package typealias FlatMapKernel<Input, Output> =
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
        // Overwriting an element that owns nothing destroys it without a call, and without a branch that is hard to
        // predict.
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

/// Returns true if the element is known to hold nothing that must be released.
@inlinable @inline(__always)
func ownsNothing<Element>(_ element: UnsafeMutablePointer<Element>) -> Bool {
  if Element.self == Text.self {
    // Safe: the condition shows that the types are the same.
    return UnsafeMutableRawPointer(element).assumingMemoryBound(to: Text.self).pointee.isInline
  }
  return _isPOD(Element.self)
}

/// Calls `body` with the segment that `make` returns, in memory that holds no value afterwards: `body` destroys the
/// segment.
///
/// As a value it would be copied on the way, with reference counting for its contents.
@inlinable @inline(__always)
func withSegment<Segment>(
  _ make: () throws -> Segment, _ body: (UnsafeMutablePointer<TextSplit>) -> Void
) rethrows {
  try withUnsafeTemporaryAllocation(of: Segment.self, capacity: 1) { place in
    // Safe: the buffer has one element.
    let address = place.baseAddress.unsafelyUnwrapped
    address.initialize(to: try make())
    body(UnsafeMutableRawPointer(address).assumingMemoryBound(to: TextSplit.self))
  }
}

/// Passes each element to `body`, which takes it, until `body` returns `false` or all are taken; if it throws, the
/// remaining elements are deinitialized. Returns the number taken.
@inlinable @inline(__always)
package func takeEach<Input, Output>(
  _ source: UnsafeMutablePointer<Input>, _ count: Int, _ cursor: inout OutputCursor<Output>,
  _ body: (UnsafeMutablePointer<Input>, inout OutputCursor<Output>) throws -> Bool
) throws -> Int {
  var i = 0
  do {
    while i < count {
      let goesOn = try body(source + i, &cursor)
      i &+= 1
      if !goesOn { break }
    }
  } catch {
    (source + (i &+ 1)).deinitialize(count: count &- i &- 1)
    cursor.finish()
    throw error
  }
  cursor.finish()
  return i
}

@inlinable @inline(__always)
package func flatMapKernel<Input, Segment: Sequence & SendableMetatype>(
  _ transform: @escaping @Sendable (Input) throws -> Segment
) -> FlatMapKernel<Input, Segment.Element> where Segment.Iterator: SendableMetatype {
  { source, count, output in
    var cursor = OutputCursor(output)
    var released = ReleasedTexts()
    defer { released.finish() }
    return try takeEach(source, count, &cursor) { element, cursor in
      if Segment.self == TextSplit.self {
        // Safe: the condition shows that the types are the same, so `Output` is `Text`.
        try withSegment({ try transform(element.move()) }) { split in
          withUnsafeMutablePointer(to: &cursor) { cursor in
            TextSplit.appendPieces(
              of: split, to: &UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: OutputCursor<Text>.self).pointee
            )
          }
          released.take(split)
        }
      } else {
        for element in try transform(element.move()) { cursor.append(element) }
      }
      return cursor.count < chunkCapacity
    }
  }
}

@inlinable @inline(__always)
package func compactMapKernel<Input, Output>(
  _ transform: @escaping @Sendable (Input) throws -> Output?
) -> FlatMapKernel<Input, Output> {
  { source, count, output in
    // There is at most one result per element, so no further check for space is needed.
    var cursor = OutputCursor(output)
    cursor.makeRoom(for: count)
    return try takeEach(source, count, &cursor) { element, cursor in
      if let result = try transform(element.move()) {
        cursor.end.initialize(to: result)
        cursor.end += 1
      }
      return true
    }
  }
}
