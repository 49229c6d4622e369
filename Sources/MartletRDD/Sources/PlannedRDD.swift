import MartletCore
import Synchronization

/// An RDD whose partitions are known once the first action has looked at what it reads.
class PlannedRDD<Part: Sendable, Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let parts = Mutex<[Part]?>(nil)
  private let plannedFiles = PlannedFiles.current

  final override var partitionCount: Int { parts.withLock { $0?.count ?? 0 } }

  final override func prepare() throws {
    try parts.withLock { parts in
      if parts == nil { parts = try plan() }
    }
  }

  final override func compute(partition: Int) throws -> ChunkReader<Element> {
    guard let part = parts.withLock({ $0?[partition] }) else { return ChunkReader() }
    return try read(part)
  }

  /// The files that `paths` name, those of a stream as it has found them.
  final func inputFiles(_ paths: InputPaths) throws -> [InputFile] {
    let files = try listInputFiles(paths, site)
    return plannedFiles.map { files.map($0.found) } ?? files
  }

  /// What each partition is to read.
  func plan() throws -> [Part] { [] }

  /// The elements of one partition.
  func read(_ part: Part) throws -> ChunkReader<Element> { ChunkReader() }
}
