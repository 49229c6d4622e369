import MartletCore
import MartletRDD

extension DStream {
  /// Writes every batch as a folder of text files named `prefix-TIME`, or `prefix-TIME.suffix`, where TIME is the time of
  /// the batch in milliseconds since 1970. Each element is a line; each partition a file.
  ///
  /// `start()` refuses folders that the stream itself would read, because they match the pattern of its
  /// `textFileStream`.
  ///
  /// Guarantee: the folder of a batch appears complete and on disk, or not at all. A folder that already exists, or a
  /// full disk, fails the batch; `start()` refuses two operations with the same prefix and suffix. With a checkpoint,
  /// exactly once: a batch that runs again has the same time, and its folder replaces the previous one.
  public func saveAsTextFiles(
    _ prefix: String, _ suffix: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    save(prefix, suffix, OperatorSite("saveAsTextFiles", file, line)) { _ in .lines }
  }

  /// The same as `saveAsTextFiles(_:_:)`.
  public func saveAsTextFiles(
    _ prefix: String, suffix: String, file: StaticString = #fileID, line: UInt = #line
  ) {
    saveAsTextFiles(prefix, suffix, file: file, line: line)
  }

  /// Writes every batch as a folder of binary files for `MartletContext.objectFile`, with the same names as
  /// `saveAsTextFiles`.
  ///
  /// Guarantee: the same as for `saveAsTextFiles`.
  public func saveAsObjectFiles(
    _ prefix: String, _ suffix: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    save(prefix, suffix, OperatorSite("saveAsObjectFiles", file, line)) { try .objects($0) }
  }

  /// The same as `saveAsObjectFiles(_:_:)`.
  public func saveAsObjectFiles(
    _ prefix: String, suffix: String, file: StaticString = #fileID, line: UInt = #line
  ) {
    saveAsObjectFiles(prefix, suffix, file: file, line: line)
  }

  private func save(
    _ prefix: String, _ suffix: String?, _ site: OperatorSite,
    as format: @escaping @Sendable (OperatorSite) throws -> FileFormat<Element>
  ) {
    guard let folders = batchFolders(prefix, suffix, site) else { return }
    output(site, folders: folders) { [context] rdd, time in
      let batch = SinkBatch(time: time, journal: context.journal)
      let path = folders.path(at: time)
      let folder = try OutputFolder(
        path, isReplacing: batch.isRerun, staging: context.journal?.stagingFolder(in: parentFolder(path)), site)
      let write = BatchWrite(
        sink: FolderSink(folder: folder, format: try format(site)), batch: batch, division: .partitions, site: site,
        journal: context.journal, located: site.failure(_:))
      try write.run(rdd)
    }
  }

  /// The folders of the batches; `nil` if they are invalid, for which `start()` throws an error.
  private func batchFolders(_ prefix: String, _ suffix: String?, _ site: OperatorSite) -> BatchFolders? {
    do {
      guard !prefix.isEmpty else {
        throw site.invalidArgument("the prefix is empty. Pass a name for the folders, such as \"out/counts\".")
      }
      if let suffix, suffix.utf8.contains(UInt8(ascii: "/")) {
        throw site.invalidArgument("the suffix '\(suffix)' contains a slash. Add the folder to the prefix instead.")
      }
      try requireMilliseconds(site)
      return BatchFolders(prefix: try site.localPath(prefix), suffix: suffix)
    } catch {
      context.graph.fail(error)
      return nil
    }
  }

  /// Folders are named by milliseconds, so two batches must not have the same millisecond.
  private func requireMilliseconds(_ site: OperatorSite) throws {
    guard !slideDuration.isMultiple(of: .milliseconds(1)), slideDuration > .zero else { return }
    throw MartletError(
      .invalidConfiguration,
      """
      \(site) names folders by milliseconds, but the batches are \(slideDuration.text) \
      apart. Use a batch interval of whole milliseconds.
      """)
  }
}

/// Writes each partition of a batch to a file of a folder, which appears when all are complete.
private struct FolderSink<Element: Sendable>: Sink {
  let folder: OutputFolder
  let format: FileFormat<Element>

  /// An empty partition has an empty file.
  var takesEmptyParts: Bool { true }

  func begin(_ batch: SinkBatch) throws -> Bool {
    try folder.create()
    return true
  }

  func begin(_ part: BatchPart) throws -> Writer? { Writer(file: try folder.file(part.partition, format)) }
  func commit(_ batch: SinkBatch, parts: [BatchPart]) throws { try folder.publish() }
  func abort(_ batch: SinkBatch) { folder.remove() }

  struct Writer: SinkWriter {
    let file: PartFile<Element>

    func write(_ element: Element) throws { try file.write(element) }
    func write(contentsOf elements: PartitionIterator<Element>) throws { try file.write(elements.forEachChunk) }
    func commit() throws { try file.finish() }
  }
}

/// The folders that an output operation publishes, one for each batch.
package struct BatchFolders: Sendable {
  let prefix: String
  let suffix: String?

  func path(at time: Time) -> String { path("\(time.milliseconds)") }

  private func path(_ time: String) -> String {
    guard let suffix, !suffix.isEmpty else { return "\(prefix)-\(time)" }
    return "\(prefix)-\(time).\(suffix)"
  }

  /// The folder that contains them.
  package var parent: String { parentFolder(prefix) }

  /// The pattern of their names, without the time; normalized, however the program has written it.
  var pattern: String { normalizedPath(path("TIME")) }
}
