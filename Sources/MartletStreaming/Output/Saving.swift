import MartletCore
import MartletRDD

extension DStream {
  /// Writes every batch as a folder of text files named `prefix-TIME`, or `prefix-TIME.suffix`, where TIME is the time of
  /// the batch in milliseconds since 1970. Each element is a line; each partition a file.
  ///
  /// Folders that the stream itself would read, because they match the pattern of its `textFileStream`, are refused by
  /// `start()`.
  ///
  /// Guarantee: a batch's folder appears whole or not at all, and what has appeared is on the disk. A folder that is
  /// there already, or a disk that is full, fails the batch; two operations with the same prefix and suffix are refused by
  /// `start()`. With a checkpoint, exactly once: a batch that is run again
  /// has the same time, and its folder replaces the one that it may have made before.
  public func saveAsTextFiles(
    _ prefix: String, _ suffix: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    let site = OperatorSite("saveAsTextFiles", file, line)
    guard let folders = batchFolders(prefix, suffix, site) else { return }
    output(site, folders: folders) { [context] rdd, time in
      try rdd.saveAsTextFile(context.publication(of: folders.path(at: time), at: time), site)
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
    guard let folders = batchFolders(prefix, suffix, site) else { return }
    output(site, folders: folders) { [context] rdd, time in
      try rdd.saveAsObjectFile(context.publication(of: folders.path(at: time), at: time), site)
    }
  }

  /// The folders of the batches; nil if there cannot be such, which `start()` throws.
  private func batchFolders(_ prefix: String, _ suffix: String?, _ site: OperatorSite) -> BatchFolders? {
    do {
      guard !prefix.isEmpty else {
        throw site.invalidArgument("the prefix is empty. Give the folders a name, such as \"out/counts\".")
      }
      if let suffix, suffix.utf8.contains(UInt8(ascii: "/")) {
        throw site.invalidArgument("the suffix '\(suffix)' has a slash in it. Write the folder in front of the prefix.")
      }
      try requireMilliseconds(site)
      return BatchFolders(prefix: try site.localPath(prefix), suffix: suffix)
    } catch {
      context.graph.fail(error)
      return nil
    }
  }

  /// As `saveAsObjectFiles(_:_:)`.
  public func saveAsObjectFiles(
    _ prefix: String, suffix: String, file: StaticString = #fileID, line: UInt = #line
  ) {
    saveAsObjectFiles(prefix, suffix, file: file, line: line)
  }

  /// Folders are named by milliseconds: two batches must not lie in the same one.
  private func requireMilliseconds(_ site: OperatorSite) throws {
    guard !slideDuration.isMultiple(of: .milliseconds(1)), slideDuration > .zero else { return }
    throw MartletError(
      .invalidConfiguration,
      """
      \(site) names folders by milliseconds, and the batches are \(slideDuration.text) \
      apart. Use a batch interval of whole milliseconds.
      """)
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

/// The folders that an output operation makes, one for each batch.
package struct BatchFolders: Sendable {
  let prefix: String
  let suffix: String?

  func path(at time: Time) -> String { path("\(time.milliseconds)") }

  private func path(_ time: String) -> String {
    guard let suffix, !suffix.isEmpty else { return "\(prefix)-\(time)" }
    return "\(prefix)-\(time).\(suffix)"
  }

  /// The folder in which they appear.
  var parent: String { parentFolder(prefix) }

  /// What they are called, but for the time: the same however the program has written it.
  var pattern: String { normalizedPath(path("TIME")) }
}
