// Unsafe code. Invariant: as in `ElementCodec`.

extension ElementCodec {
  /// About how many bytes of input the texts in `count` elements keep alive, judged by a few of them.
  package func pinnedBytes(_ base: UnsafePointer<Element>, _ count: Int, samples: Int = 64) -> Int {
    guard let (footprint, measured) = footprint(base, count, samples: samples) else { return 0 }
    // Where every sample has a block of its own, so may all the others.
    return footprint.blocks == measured ? footprint.pinned * (count / measured) : footprint.pinned
  }

  /// Copies of the elements, whose texts lie in blocks that hold nothing else.
  package func copies(of elements: ElementBuffer<Element>) throws -> ElementBuffer<Element> {
    let copies = ElementBuffer<Element>(capacity: elements.count)
    let bytes = ByteBuffer()
    while copies.count < elements.count {
      let size = min(chunkCapacity, elements.count - copies.count)
      bytes.removeAll()
      try encode(elements.base + copies.count, size, into: bytes)
      try decode(bytes.bytes, size, to: copies.base + copies.count)
      copies.count += size
    }
    return copies
  }
}
