// Unsafe code. Invariant: as in `ElementCodec`.

import Synchronization

extension ElementCodec {
  /// The approximate number of bytes of input that the texts in `count` elements keep alive, estimated from a few of
  /// them.
  package func pinnedBytes(_ base: UnsafePointer<Element>, _ count: Int, samples: Int = 64) -> Int {
    guard let (footprint, measured) = footprint(base, count, samples: samples) else { return 0 }
    // If every sample has a block of its own, the others probably do too.
    return footprint.blocks == measured ? footprint.pinned * (count / measured) : footprint.pinned
  }

  /// Copies of the elements, whose texts are in blocks that contain nothing else.
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

/// Copies texts in elements out of blocks that contain much other data.
package final class TextCompaction<Element>: Sendable {
  private let owner: TextOwnership?
  private let codec: ElementCodec<Element>?

  private init() {
    owner = textOwnership(of: Element.self)
    codec = owner == nil ? nil : ElementCodec<Element>.make()
  }

  /// The instance for this type of elements. It is created once, because inspecting types takes microseconds.
  package static var shared: TextCompaction<Element> {
    let type = ObjectIdentifier(Element.self)
    let known = textCompactions.withLock { $0[type] }
    // Only objects of this type are stored under its key.
    if let known { return unsafeDowncast(known, to: TextCompaction<Element>.self) }
    let made = TextCompaction<Element>()
    textCompactions.withLock { $0[type] = made }
    return made
  }

  /// Copies the texts to blocks of their own, if they keep alive more than twice what the elements need.
  package func compact(_ elements: ElementBuffer<Element>) {
    let (base, count) = (elements.base, elements.count)
    guard let owner, let codec, count > 0 else { return }
    let pinned = codec.pinnedBytes(base, count)
    guard pinned > 0, pinned > 2 * (count * MemoryLayout<Element>.stride + codec.pointedBytes(base, count, samples: 64))
    else { return }
    for i in 0..<count where owner.pins(base + i) { owner.compact(base + i) }
  }
}

/// The known compactions, by the type of the elements.
private let textCompactions = Mutex<[ObjectIdentifier: any AnyObject & Sendable]>([:])
