// Unsafe code. Invariant: each source owns `left`, the part of its chunk that has not been returned.

package import MartletCore

/// Merges sorted readers into one; of equal elements, those of the earlier reader come first.
package final class MergeReader<Element>: ChunkReader<Element> {
  private let areInIncreasingOrder: (Element, Element) throws -> Bool
  private var sources: [Source]
  /// The numbers of the sources that have elements left, as a binary heap.
  private var heap: [Int] = []
  private let output = ElementBuffer<Element>(capacity: chunkCapacity)
  private var isStarted = false

  private struct Source {
    let reader: ChunkReader<Element>
    var left: Chunk<Element>?
  }

  package init(
    _ readers: [ChunkReader<Element>], by areInIncreasingOrder: @escaping (Element, Element) throws -> Bool
  ) {
    self.areInIncreasingOrder = areInIncreasingOrder
    sources = readers.map { Source(reader: $0, left: nil) }
  }

  deinit { for source in sources { source.left?.discard() } }

  package override func next() throws -> Chunk<Element>? {
    if !isStarted { try start() }
    while let first = heap.first, let left = sources[first].left, output.count < chunkCapacity {
      (output.base + output.count).moveInitialize(from: left.base, count: 1)
      output.count += 1
      sources[first].left = left.count > 1 ? left.dropFirst(1) : nil
      if left.count == 1, try !refill(first) {
        let last = heap.removeLast()
        if heap.isEmpty { break }
        heap[0] = last
      }
      try siftDown(0)
    }
    return output.count > 0 ? output.takeAll() : nil
  }

  private func start() throws {
    isStarted = true
    for i in sources.indices where try refill(i) { heap.append(i) }
    for i in heap.indices.reversed() { try siftDown(i) }
  }

  /// Takes the next chunk of a source whose last one is used up; returns `false` at its end.
  private func refill(_ source: Int) throws -> Bool {
    guard let chunk = try sources[source].reader.next() else { return false }
    sources[source].left = chunk
    return true
  }

  private func siftDown(_ start: Int) throws {
    var parent = start
    while true {
      var child = 2 * parent + 1
      guard child < heap.count else { return }
      if child + 1 < heap.count, try precedes(heap[child + 1], heap[child]) { child += 1 }
      guard try precedes(heap[child], heap[parent]) else { return }
      heap.swapAt(child, parent)
      parent = child
    }
  }

  private func precedes(_ a: Int, _ b: Int) throws -> Bool {
    guard let x = sources[a].left?.base.pointee, let y = sources[b].left?.base.pointee else { return false }
    return a < b ? try !areInIncreasingOrder(y, x) : try areInIncreasingOrder(x, y)
  }
}
