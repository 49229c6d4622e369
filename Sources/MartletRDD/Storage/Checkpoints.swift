import MartletCore
import Synchronization

/// How the elements of an RDD are to be put aside.
enum WantedCheckpoint: Sendable {
  /// In files in a new folder in this one.
  case files(String, OperatorSite)
  /// In memory and, as far as that has no room, on disk.
  case local(OperatorSite)

  /// Puts the elements aside: what reads them, and the folder with the files.
  func take<Element: Sendable>(_ computed: ComputedRDD<Element>) throws -> (RDD<Element>, String?) {
    switch self {
    case .local(let site):
      let kept = KeptRDD(computed, UnwritableElements(), site)
      try kept.prepareLineage()
      return (kept, nil)
    case .files(let folder, let site):
      let path = "\(folder)/rdd-\(computed.id)-\(UInt32.random(in: .min ... .max))"
      try computed.saveAsObjectFile(FolderPublication(path, isReplacing: false), site)
      let files: RDD<Element> = computed.context.objectFile(path)
      try files.prepareLineage()
      guard files.knownPartitionCount == computed.knownPartitionCount else {
        throw MartletError(
          .corruptData,
          """
          \(site): '\(path)' has \(files.knownPartitionCount) files that can be read; \
          \(computed.knownPartitionCount) were written.
          """)
      }
      return (files, path)
    }
  }
}

/// The elements of an RDD as it computes them, whatever has been kept of them. It belongs to the preparation of that RDD.
final class ComputedRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let rdd: RDD<Element>

  init(_ rdd: RDD<Element>) {
    self.rdd = rdd
    super.init(context: rdd.context, site: rdd.site)
  }

  override var needsPreparation: Bool { false }
  override var readerDepth: Int { rdd.readerDepth }
  override var partitionCount: Int { rdd.knownPartitionCount }
  override var partitioner: AnyPartitioner? { rdd.partitioner }
  override func compute(partition: Int) throws -> ChunkReader<Element> { try rdd.compute(partition: partition) }
}

extension RDD {
  /// Writes the elements to files during the next job that reads this RDD, or an RDD made of it that has not been read
  /// before. Then the RDDs that this one was made of are released.
  ///
  /// So a chain in which each RDD is made of the one before, such as a table that grows with every batch, can grow
  /// without limit:
  /// ```swift
  /// totals = totals.union(news).reduceByKey(+)
  /// try totals.checkpoint()
  /// ```
  /// From then on the elements are read from the files, also by RDDs that have been made of this one before. The elements
  /// are written in the form that `saveAsObjectFile` writes. The files belong to you: nothing removes them, and a later
  /// process does not look for them. An RDD that is checkpointed already stays as it is.
  /// - Parameter folder: where to make a folder for the files; that of `setCheckpointDir(_:)` if none is given.
  /// - Throws: `MartletError(.invalidState)` if there is neither.
  public final func checkpoint(
    _ folder: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    let site = OperatorSite("checkpoint", file, line)
    guard let folder = folder ?? context.getCheckpointDir else {
      throw MartletError(
        .invalidState,
        """
        checkpoint at \(site.callSite): there is no folder for it. Call setCheckpointDir(_:) on the context, or \
        checkpoint(_:) with one; or localCheckpoint(), which needs none.
        """)
    }
    want(.files(folder, site))
  }

  /// Keeps the elements during the next job that reads this RDD, or an RDD made of it that has not been read before.
  /// Then the RDDs that this one was made of are released.
  ///
  /// As `checkpoint()`, but in memory and, as far as that has no room, on disk, for as long as this RDD lives.
  @discardableResult
  public final func localCheckpoint(file: StaticString = #fileID, line: UInt = #line) -> Self {
    want(.local(OperatorSite("localCheckpoint", file, line)))
    return self
  }
}

extension MartletContext {
  /// Names the folder in which `checkpoint()` makes its folders. It is made if it is missing.
  public func setCheckpointDir(_ folder: String) { checkpointFolder.withLock { $0 = folder } }

  /// The folder that `setCheckpointDir(_:)` has named.
  public var getCheckpointDir: String? { checkpointFolder.withLock { $0 } }
}
