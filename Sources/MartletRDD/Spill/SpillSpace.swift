package import MartletCore
import Synchronization

/// Disk space for elements that do not fit in memory.
///
/// The file is created when the first run is written, in the folder `martlet.local.dir`. It has no name, so it
/// disappears with this object, its readers, or the process.
package final class SpillSpace<Element>: Sendable {
  /// The number of bytes that may be in memory before they are written here.
  package let budget: Int
  private let directory: String
  private let events: EventBus
  private let codecOnce = Mutex<ElementCodec<Element>??>(nil)
  private let file = Mutex<SystemFile?>(nil)
  private let end = Atomic<Int>(0)
  /// The number of bytes written since the last wait for the disk.
  private let unwritten = Atomic<Int>(0)

  package init(_ context: MartletContext, budget: Int? = nil) {
    events = context.eventBus
    let settings = try? context.settings.get()
    self.budget = budget ?? settings?.taskMemoryBytes ?? .max
    directory = settings?.localDirectory ?? "."
  }

  /// The number of bytes written.
  var size: Int { end.load(ordering: .relaxed) }

  /// The elements' codec; elements without one stay in memory.
  package var codec: ElementCodec<Element>? {
    codecOnce.withLock { codec in
      if let codec { return codec }
      let made = ElementCodec<Element>.make()
      codec = .some(made)
      return made
    }
  }

  /// Appends `count` elements, which remain their owner's, to `run`.
  func write(_ base: UnsafePointer<Element>, _ count: Int, to run: inout SpillRun) throws {
    guard count > 0, let codec else { return }
    let file = try openFile()
    let bytes = ByteBuffer()
    var written = 0
    func append(_ bytes: UnsafeRawBufferPointer) throws {
      let offset = end.wrappingAdd(bytes.count, ordering: .relaxed).oldValue
      try explaining("Data that does not fit in memory cannot be written to \(folderText)") {
        try file.write(bytes, at: offset)
      }
      writeOut(bytes.count, file)
      written += bytes.count
      run.add(offset..<offset + bytes.count)
    }
    try codec.appendFrames(base, count, to: bytes, write: append)
    try append(bytes.bytes)
    run.count += count
    if events.isActive { report(written) }
  }

  private func report(_ bytes: Int) {
    if let task = TaskContext.current?.taskRun { return task.addSpilled(bytes: bytes) }
    events.post(DataSpilled(time: .now, bytes: bytes, jobID: nil, stageID: nil, partition: nil))
  }

  /// Waits for the disk occasionally if a container limits the memory: there, data that is not on disk yet counts as
  /// memory of the process, which is killed if it uses too much.
  private func writeOut(_ count: Int, _ file: SystemFile) {
    guard MachineLimits.isMemoryLimited else { return }
    guard unwritten.wrappingAdd(count, ordering: .relaxed).newValue >= 8 << 20 else { return }
    unwritten.store(0, ordering: .relaxed)
    file.writeOut()
  }

  /// A pass over the elements of `run`.
  func reader(_ run: SpillRun) throws -> ChunkReader<Element> {
    guard run.count > 0, let codec else { return ChunkReader() }
    return FrameReader(try openFile(), run.ranges, codec)
  }

  private var folderText: String { "the folder '\(directory)' (the setting \(MartletConf.Key.localDirectory))" }

  private func openFile() throws -> SystemFile {
    try file.withLock { file in
      if let file { return file }
      let made = try explaining(
        "Cannot create a file for data that does not fit in memory, in \(folderText)"
      ) {
        try Folder.create(directory)
        return try SystemFile.temporary(in: directory)
      }
      file = made
      return made
    }
  }
}

/// The positions of elements in a file, in order.
package struct SpillRun: Sendable {
  /// The number of elements.
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

/// Adds up the memory of elements, one chunk at a time: their own size, and an estimate of the memory that they point
/// to.
package struct MemoryMeter<Element> {
  /// The approximate number of bytes added.
  package private(set) var bytes = 0
  private let space: SpillSpace<Element>
  private var codec: ElementCodec<Element>?

  package init(_ space: SpillSpace<Element>) { self.space = space }

  /// Adds the elements of a chunk; returns `true` if the budget is exceeded and they can be written to disk.
  package mutating func add(_ chunk: Chunk<Element>) -> Bool {
    bytes += chunk.count * MemoryLayout<Element>.stride
    // Most jobs are small and do not even need their codec.
    guard bytes > min(space.budget, 64 << 10) else { return false }
    if codec == nil { codec = space.codec }
    guard let codec else { return false }
    bytes += codec.pointedBytes(chunk.base, chunk.count)
    return bytes > space.budget
  }

  /// Starts again: the previous elements are on disk.
  package mutating func reset() { bytes = 0 }
}
