// Unsafe code. Invariant: as in `Chunk.swift`: what is handed out is the caller's, what is copied stays its owner's.

// Readers of elements that are there already.

/// Reads buffers that others will read again: hands out copies.
package final class BufferReader<Element>: ChunkReader<Element> {
  private let buffers: [ElementBuffer<Element>]
  private var buffer = 0
  private var position: Int
  /// Where the last buffer ends.
  private let end: Int
  private let copies = ElementBuffer<Element>()

  package init(_ buffers: [ElementBuffer<Element>]) {
    self.buffers = buffers
    position = 0
    end = buffers.last?.count ?? 0
  }

  /// Reads a part of a buffer.
  package init(_ buffer: ElementBuffer<Element>, _ part: Range<Int>) {
    buffers = [buffer]
    position = part.lowerBound
    end = part.upperBound
  }

  package override func next() throws -> Chunk<Element>? {
    while buffer < buffers.count {
      let source = buffers[buffer]
      let size = min(chunkCapacity, (buffer == buffers.count - 1 ? end : source.count) - position)
      if size > 0 {
        copies.reserve(size)
        source.copy(position..<position + size, to: copies.base)
        position += size
        return Chunk(copies.base, size)
      }
      buffer += 1
      position = 0
    }
    return nil
  }
}

/// Hands out copies of a part of an array.
package final class ArrayReader<Element>: ChunkReader<Element> {
  private let elements: [Element]
  private var left: Range<Int>
  private let copies = ElementBuffer<Element>()

  package init(_ elements: [Element], _ range: Range<Int>) {
    self.elements = elements
    left = range
  }

  package convenience init(_ elements: [Element]) { self.init(elements, elements.indices) }

  package override func next() throws -> Chunk<Element>? {
    let size = min(chunkCapacity, left.count)
    guard size > 0 else { return nil }
    copies.reserve(size)
    elements.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { copies.base.initialize(from: base + left.lowerBound, count: size) }
    }
    left = left.lowerBound + size..<left.upperBound
    return Chunk(copies.base, size)
  }
}

/// Hands out the elements of a buffer that nobody else reads.
package final class DrainingReader<Element>: ChunkReader<Element> {
  private let buffer: ElementBuffer<Element>
  private var left: Chunk<Element>

  package init(_ buffer: ElementBuffer<Element>) {
    self.buffer = buffer
    left = buffer.takeAll()
  }

  deinit { left.discard() }

  package override func next() throws -> Chunk<Element>? {
    let size = min(chunkCapacity, left.count)
    guard size > 0 else { return nil }
    defer { left = left.dropFirst(size) }
    return Chunk(left.base, size)
  }
}

/// Reads several readers one after the other; each is made when its turn comes.
package final class ConcatenatedReader<Element>: ChunkReader<Element> {
  private var remaining: Range<Int>
  private let make: (Int) throws -> ChunkReader<Element>
  private var current: ChunkReader<Element>?

  package init(_ numbers: Range<Int>, _ make: @escaping (Int) throws -> ChunkReader<Element>) {
    remaining = numbers
    self.make = make
  }

  /// A reader that is made when its first elements are asked for, since that may fail.
  package convenience init(later make: @escaping () throws -> ChunkReader<Element>) {
    self.init(0..<1) { _ in try make() }
  }

  package override func next() throws -> Chunk<Element>? {
    while true {
      if let chunk = try current?.next() { return chunk }
      guard let number = remaining.popFirst() else { return nil }
      current = try make(number)
    }
  }
}
