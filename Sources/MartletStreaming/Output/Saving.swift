import MartletCore
import MartletRDD

extension DStream {
  /// Writes every batch as a folder of text files named `prefix-TIME`, or `prefix-TIME.suffix`, where TIME is the time of
  /// the batch in milliseconds since 1970. Each element is a line; each partition a file.
  ///
  /// Guarantee: a batch's folder appears whole or not at all, and what has appeared is on the disk. A folder that is
  /// there already, or a disk that is full, fails the batch; two operations with the same prefix and suffix are refused by
  /// `start()`. With a checkpoint, exactly once: a batch that is run again
  /// has the same time, and its folder replaces the one that it may have made before.
  public func saveAsTextFiles(
    _ prefix: String, _ suffix: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    let site = OperatorSite("saveAsTextFiles", file, line)
    requireMilliseconds(site)
    output(site, stagingParent: parentFolder(prefix), folderPattern: folderPattern(prefix, suffix)) {
      [context] rdd, time in
      try rdd.saveAsTextFile(context.publication(of: batchFolder(prefix, time, suffix), at: time), site)
    }
  }

  /// As `saveAsTextFiles(_:_:)`.
  public func saveAsTextFiles(
    _ prefix: String, suffix: String, file: StaticString = #fileID, line: UInt = #line
  ) {
    saveAsTextFiles(prefix, suffix, file: file, line: line)
  }

  /// Writes every batch as a folder of binary files, named as `saveAsTextFiles` names them, for
  /// `MartletContext.objectFile` to read.
  ///
  /// Guarantee: as `saveAsTextFiles`.
  public func saveAsObjectFiles(
    _ prefix: String, _ suffix: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    let site = OperatorSite("saveAsObjectFiles", file, line)
    requireMilliseconds(site)
    output(site, stagingParent: parentFolder(prefix), folderPattern: folderPattern(prefix, suffix)) {
      [context] rdd, time in
      try rdd.saveAsObjectFile(context.publication(of: batchFolder(prefix, time, suffix), at: time), site)
    }
  }

  /// As `saveAsObjectFiles(_:_:)`.
  public func saveAsObjectFiles(
    _ prefix: String, suffix: String, file: StaticString = #fileID, line: UInt = #line
  ) {
    saveAsObjectFiles(prefix, suffix, file: file, line: line)
  }

  /// Folders are named by milliseconds: two batches must not lie in the same one.
  private func requireMilliseconds(_ site: OperatorSite) {
    guard !slideDuration.isMultiple(of: .milliseconds(1)), slideDuration > .zero else { return }
    context.graph.fail(
      MartletError(
        .invalidConfiguration,
        """
        \(site.name) at \(site.callSite) names folders by milliseconds, and the batches are \(slideDuration.text) \
        apart. Use a batch interval of whole milliseconds.
        """))
  }
}

extension StreamingContext {
  /// How a batch makes a folder appear.
  fileprivate func publication(of folder: String, at time: Time) -> FolderPublication {
    guard let checkpoint = activeCheckpoint else { return FolderPublication(folder, isReplacing: false) }
    return FolderPublication(
      folder, isReplacing: checkpoint.isRerun(time), staging: checkpoint.stagingFolder(in: parentFolder(folder)),
      onFile: { checkpoint.note(.outputFileWritten) }, onStaged: { checkpoint.note(.outputStaged) },
      onPublished: { checkpoint.note(.outputPublished) })
  }
}

private func batchFolder(_ prefix: String, _ time: Time, _ suffix: String?) -> String {
  folder(prefix, "\(time.milliseconds)", suffix)
}

private func folder(_ prefix: String, _ time: String, _ suffix: String?) -> String {
  guard let suffix, !suffix.isEmpty else { return "\(prefix)-\(time)" }
  return "\(prefix)-\(time).\(suffix)"
}

/// The folders of all batches, whose path is the same however the program has written it.
private func folderPattern(_ prefix: String, _ suffix: String?) -> String {
  normalizedPath(folder(prefix, "TIME", suffix))
}
