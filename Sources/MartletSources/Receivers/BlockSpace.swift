// Unsafe code. Invariant: a buffer is shared only once it has been filled; decoded data has the same length as when it
// was written.

import MartletCore
package import MartletRDD
import Synchronization

/// Disk space for blocks that do not fit in memory. Its files have no names: they disappear with the last block in
/// them, or the process.
package final class BlockSpace: Sendable {
  private let directory: String
  private let current = Mutex<(file: SystemFile, size: Int)?>(nil)
  /// The size at which a file is full. Each file uses a descriptor, so it should not be small.
  private let fileSize: Int

  package init(_ context: MartletContext, fileSize: Int = 256 << 20) {
    directory = (try? context.settings.get())?.localDirectory ?? "."
    self.fileSize = fileSize
  }

  /// Writes the records of a block; returns where they are then.
  ///
  /// - Throws: an error if the disk is full, or the elements cannot be written.
  func write<Element>(_ content: BlockContent<Element>) throws -> BlockContent<Element> {
    switch content {
    case .lines(let buffer, let range):
      let block = try withExtendedLifetime(buffer) {
        try write(UnsafeRawBufferPointer(start: buffer.base + range.lowerBound, count: range.count))
      }
      return .spilledLines(block, range)
    case .elements(let elements):
      guard let codec = ElementCodec<Element>.make() else { throw NotWritable() }
      let bytes = ByteBuffer()
      try codec.encode(elements.base, elements.count, into: bytes)
      return .spilledElements(try write(bytes.bytes), elements.count)
    case .logged, .spilledElements, .spilledLines: throw NotWritable()
    }
  }

  private struct NotWritable: Error {}

  private func write(_ bytes: UnsafeRawBufferPointer) throws -> SpilledBlock {
    let (file, offset) = try current.withLock { current in
      if current.map({ $0.size >= fileSize }) ?? true {
        try Folder.create(directory)
        current = (try SystemFile.temporary(in: directory), 0)
      }
      defer { current?.size += bytes.count }
      // It has just been created, if there was none.
      return (current.unsafelyUnwrapped.file, current.unsafelyUnwrapped.size)
    }
    if !bytes.isEmpty { try file.write(bytes, at: offset) }
    return SpilledBlock(file: file, range: offset..<offset + bytes.count)
  }
}

/// The position of a block's records on disk.
package struct SpilledBlock: Sendable {
  let file: SystemFile
  let range: Range<Int>

  /// A range of the bytes.
  func bytes(_ part: Range<Int>) throws -> TextBuffer {
    let buffer = TextBuffer(capacity: part.count)
    try read(range.lowerBound + part.lowerBound, part.count, to: UnsafeMutableRawPointer(buffer.base))
    return buffer
  }

  /// The elements, of which there are `count`.
  func elements<Element>(_ count: Int) throws -> ElementBuffer<Element> {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, range.count), alignment: 16)
    defer { bytes.deallocate() }
    if let base = bytes.baseAddress { try read(range.lowerBound, range.count, to: base) }
    let elements = ElementBuffer<Element>(capacity: count)
    try ElementCodec<Element>.make()?.decode(
      UnsafeRawBufferPointer(rebasing: bytes[..<range.count]), count, to: elements.base)
    elements.count = count
    return elements
  }

  private func read(_ offset: Int, _ count: Int, to target: UnsafeMutableRawPointer) throws {
    guard count > 0 else { return }
    let done = try file.read(target, count: count, at: offset)
    guard done == count else {
      throw MartletError(
        .inputOutput,
        "The file '\(file.path)', for data that does not fit in memory, is shorter than the data written to it.")
    }
  }
}
