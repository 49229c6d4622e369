import MartletCore
import Synchronization

/// An RDD whose partitions are determined when the first action inspects its input.
class PlannedRDD<Part: Sendable, Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let parts = Mutex<[Part]?>(nil)

  final override var partitionCount: Int { parts.withLock { $0?.count ?? 0 } }
  final override var isKnownEmpty: Bool { parts.withLock { $0?.isEmpty ?? false } }

  final override func prepare() throws {
    try parts.withLock { parts in
      if parts == nil { parts = try plan() }
    }
  }

  final override func compute(partition: Int) throws -> ChunkReader<Element> {
    guard let part = parts.withLock({ $0?[partition] }) else { return ChunkReader() }
    return try read(part)
  }

  /// Returns the input of each partition.
  func plan() throws -> [Part] { [] }

  /// The elements of one partition.
  func read(_ part: Part) throws -> ChunkReader<Element> { ChunkReader() }
}
