import MartletCore
import Synchronization

/// The way in which the elements of an RDD are stored by a checkpoint.
enum WantedCheckpoint: Sendable {
  /// In files, in a new subfolder of this folder.
  case files(String, OperatorSite)
  /// In memory and, if there is no space, on disk.
  case local(OperatorSite)

  /// Stores the elements: returns an RDD that reads them, and the folder with the files.
  func take<Element: Sendable>(_ computed: ComputedRDD<Element>) throws -> (RDD<Element>, String?) {
    switch self {
    case .local(let site):
      let kept = KeptRDD(computed, UnwritableElements(), site)
      try kept.makeReady()
      return (kept, nil)
    case .files(let folder, let site):
      let path = "\(folder)/rdd-\(computed.id)-\(UInt32.random(in: .min ... .max))"
      try computed.save(.objects(site), in: OutputFolder(path, isReplacing: false, site), site)
      let files: RDD<Element> = computed.context.objectFile(path)
      try files.makeReady()
      guard files.knownPartitionCount == computed.knownPartitionCount else {
        throw MartletError(
          .corruptData,
          """
          \(site): '\(path)' has \(files.knownPartitionCount) readable files, but \
          \(computed.knownPartitionCount) were written.
          """)
      }
      return (files, path)
    }
  }
}

/// The elements of an RDD as it computes them, ignoring stored ones. It belongs to the preparation of that RDD.
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
  /// Writes the elements to files during the next job that reads this RDD, or an RDD derived from it that has not been
  /// read before. Then the lineage of this RDD is released.
  ///
  /// A chain in which each RDD is derived from the previous one, such as a table that grows with every batch, can
  /// therefore grow without limit:
  /// ```swift
  /// totals = totals.union(news).reduceByKey(+)
  /// try totals.checkpoint()
  /// ```
  /// From then on the elements are read from the files, also by RDDs that have already been derived from this one. The
  /// files have the format of `saveAsObjectFile`. They belong to you: nothing removes them, and a later process does
  /// not look for them. An RDD that is already checkpointed does not change.
  /// - Parameter folder: the folder in which a subfolder for the files is created; by default that of
  ///   `setCheckpointDir(_:)`.
  /// - Throws: `MartletError(.invalidState)` if there is no folder.
  public final func checkpoint(
    _ folder: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    let site = OperatorSite("checkpoint", file, line)
    guard let folder = folder ?? context.getCheckpointDir else {
      throw MartletError(
        .invalidState,
        """
        checkpoint at \(site.callSite): there is no checkpoint folder. Call setCheckpointDir(_:) on the context, or \
        checkpoint(_:) with a folder, or localCheckpoint(), which needs none.
        """)
    }
    want(.files(folder, site))
  }

  /// Stores the elements during the next job that reads this RDD, or an RDD derived from it that has not been read
  /// before. Then the lineage of this RDD is released.
  ///
  /// The same as `checkpoint()`, but in memory and, if there is no space, on disk, for the lifetime of this RDD.
  @discardableResult
  public final func localCheckpoint(file: StaticString = #fileID, line: UInt = #line) -> Self {
    want(.local(OperatorSite("localCheckpoint", file, line)))
    return self
  }
}

extension MartletContext {
  /// Sets the folder in which `checkpoint()` creates its folders. It is created if it is missing.
  public func setCheckpointDir(_ folder: String) { checkpointFolder.withLock { $0 = folder } }

  /// The folder set with `setCheckpointDir(_:)`.
  public var getCheckpointDir: String? { checkpointFolder.withLock { $0 } }
}
