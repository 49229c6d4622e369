package import MartletCore

/// Returns copies of the elements of buffers that others will read again.
package final class BufferReader<Element>: ChunkReader<Element> {
  private let buffers: [ElementBuffer<Element>]
  private var buffer = 0
  private var position = 0
  private let copies = ElementBuffer<Element>()

  package init(_ buffers: [ElementBuffer<Element>]) { self.buffers = buffers }

  package override func next() throws -> Chunk<Element>? {
    while buffer < buffers.count {
      let source = buffers[buffer]
      let size = min(chunkCapacity, source.count - position)
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
