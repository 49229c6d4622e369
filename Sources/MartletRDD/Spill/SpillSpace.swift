package import MartletCore
import Synchronization

/// Room on disk for elements that memory has none for.
///
/// The file is made when the first run is written, in the folder `martlet.local.dir`. It has no name, so that it is gone
/// with this object, its readers, or the process, whatever ends that.
package final class SpillSpace<Element>: Sendable {
  /// Bytes that may be held in memory before they are written here.
  package let budget: Int
  private let directory: String
  private let codecOnce = Mutex<ElementCodec<Element>??>(nil)
  private let file = Mutex<SystemFile?>(nil)
  private let end = Atomic<Int>(0)
  /// So many bytes have been written since the disk was waited for.
  private let unwritten = Atomic<Int>(0)

  package init(_ context: MartletContext, budget: Int? = nil) {
    let settings = try? context.settings.get()
    self.budget = budget ?? settings?.taskMemoryBytes ?? .max
    directory = settings?.localDirectory ?? "."
  }

  /// Bytes that have been written.
  var size: Int { end.load(ordering: .relaxed) }

  /// The elements' codec; without one they stay in memory.
  package var codec: ElementCodec<Element>? {
    codecOnce.withLock { codec in
      if let codec { return codec }
      let made = ElementCodec<Element>.make()
      codec = .some(made)
      return made
    }
  }

  /// Writes `count` elements, which stay their owner's, behind those of `run`.
  func write(_ base: UnsafePointer<Element>, _ count: Int, to run: inout SpillRun) throws {
    guard count > 0, let codec else { return }
    let file = try openFile()
    let bytes = ByteBuffer()
    func append(_ bytes: UnsafeRawBufferPointer) throws {
      let offset = end.wrappingAdd(bytes.count, ordering: .relaxed).oldValue
      try explaining("Data that does not fit in memory cannot be written to \(folderText)") {
        try file.write(bytes, at: offset)
      }
      writeOut(bytes.count, file)
      run.add(offset..<offset + bytes.count)
    }
    try codec.appendFrames(base, count, to: bytes, write: append)
    try append(bytes.bytes)
    run.count += count
  }

  /// Waits for the disk now and then where a container limits the memory. What is written and not on the disk yet counts
  /// there as memory of the process, which is ended if it takes too much.
  private func writeOut(_ count: Int, _ file: SystemFile) {
    guard MachineLimits.isMemoryLimited else { return }
    guard unwritten.wrappingAdd(count, ordering: .relaxed).newValue >= 8 << 20 else { return }
    unwritten.store(0, ordering: .relaxed)
    file.writeOut()
  }

  /// A pass over what has been written to `run`.
  func reader(_ run: SpillRun) throws -> ChunkReader<Element> {
    guard run.count > 0, let codec else { return ChunkReader() }
    return FrameReader(try openFile(), run.ranges, codec)
  }

  private var folderText: String { "the folder '\(directory)' (the setting martlet.local.dir)" }

  private func openFile() throws -> SystemFile {
    try file.withLock { file in
      if let file { return file }
      let made = try explaining(
        "Cannot make a file for data that does not fit in memory in \(folderText)"
      ) {
        try Folder.create(directory)
        return try SystemFile.temporary(in: directory)
      }
      file = made
      return made
    }
  }
}

/// Where in a file elements have been written, in order.
package struct SpillRun: Sendable {
  /// How many elements there are.
  package var count = 0
  private(set) var ranges: [Range<Int>] = []

  mutating func add(_ range: Range<Int>) {
    if let last = ranges.last, last.upperBound == range.lowerBound {
      ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
    } else {
      ranges.append(range)
    }
  }
}

/// Adds up what elements take in memory, a chunk at a time: themselves, and a guess, by a few of them, at what they
/// point to.
package struct MemoryMeter<Element> {
  /// About how many bytes have been added.
  package private(set) var bytes = 0
  private let space: SpillSpace<Element>
  private var codec: ElementCodec<Element>?

  package init(_ space: SpillSpace<Element>) { self.space = space }

  /// Adds the elements of a chunk; true if there are more than the budget allows, and they can be written to disk.
  package mutating func add(_ chunk: Chunk<Element>) -> Bool {
    bytes += chunk.count * MemoryLayout<Element>.stride
    // Most jobs are small: they need not even know their codec.
    guard bytes > min(space.budget, 64 << 10) else { return false }
    if codec == nil { codec = space.codec }
    guard let codec else { return false }
    bytes += codec.pointedBytes(chunk.base, chunk.count)
    return bytes > space.budget
  }

  /// Starts again: what was added is on disk.
  package mutating func reset() { bytes = 0 }
}
