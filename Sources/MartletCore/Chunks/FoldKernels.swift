/// Takes elements and folds them into a result.
@usableFromInline package typealias FoldKernel<Element, Result> =
  @Sendable (UnsafeMutablePointer<Element>, Int, inout Result) throws -> Void

@inlinable @inline(__always)
package func foldKernel<Element, Result>(
  _ update: @escaping @Sendable (inout Result, Element) throws -> Void
) -> FoldKernel<Element, Result> {
  { source, count, result in
    var i = 0
    do {
      while i < count {
        try update(&result, (source + i).move())
        i &+= 1
      }
    } catch {
      (source + (i &+ 1)).deinitialize(count: count &- i &- 1)
      throw error
    }
  }
}

/// Combines elements two at a time; the result is `nil` until the first element.
@inlinable @inline(__always)
package func reduceKernel<Element>(
  _ combine: @escaping @Sendable (Element, Element) throws -> Element
) -> FoldKernel<Element, Element?> {
  { source, count, result in
    var i = 0
    do {
      var value: Element
      if let known = result {
        value = known
      } else {
        value = source.move()
        i = 1
      }
      while i < count {
        value = try combine(value, (source + i).move())
        i &+= 1
      }
      result = value
    } catch {
      (source + (i &+ 1)).deinitialize(count: count &- i &- 1)
      throw error
    }
  }
}

/// Counts elements and discards them.
@inlinable @inline(__always)
package func countKernel<Element>() -> FoldKernel<Element, Int> {
  { source, count, result in
    source.deinitialize(count: count)
    result &+= count
  }
}

extension ChunkReader {
  /// Reads to the end and folds all elements into `zero`.
  package func fold<Result>(_ zero: Result, _ kernel: FoldKernel<Element, Result>) throws -> Result {
    var result = zero
    while let chunk = try next() { try kernel(chunk.base, chunk.count, &result) }
    return result
  }
}
