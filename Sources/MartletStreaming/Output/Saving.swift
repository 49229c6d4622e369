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
    let site = OperatorSite("saveAsTextFiles", file, line)
    guard let folders = batchFolders(prefix, suffix, site) else { return }
    output(site, folders: folders) { [context] rdd, time in
      try rdd.saveAsTextFile(context.publication(of: folders.path(at: time), at: time), site)
    }
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
    let site = OperatorSite("saveAsObjectFiles", file, line)
    guard let folders = batchFolders(prefix, suffix, site) else { return }
    output(site, folders: folders) { [context] rdd, time in
      try rdd.saveAsObjectFile(context.publication(of: folders.path(at: time), at: time), site)
    }
  }

  /// The folders of the batches; `nil` if they are invalid, for which `start()` throws an error.
  private func batchFolders(_ prefix: String, _ suffix: String?, _ site: OperatorSite) -> BatchFolders? {
    do {
      guard !prefix.isEmpty else {
        throw site.refuses("the prefix is empty. Pass a name for the folders, such as \"out/counts\".")
      }
      if let suffix, suffix.utf8.contains(UInt8(ascii: "/")) {
        throw site.refuses("the suffix '\(suffix)' contains a slash. Add the folder to the prefix instead.")
      }
      try requireMilliseconds(site)
      return BatchFolders(prefix: try site.localPath(prefix), suffix: suffix)
    } catch {
      context.graph.fail(error)
      return nil
    }
  }

  /// The same as `saveAsObjectFiles(_:_:)`.
  public func saveAsObjectFiles(
    _ prefix: String, suffix: String, file: StaticString = #fileID, line: UInt = #line
  ) {
    saveAsObjectFiles(prefix, suffix, file: file, line: line)
  }

  /// Folders are named by milliseconds, so two batches must not have the same millisecond.
  private func requireMilliseconds(_ site: OperatorSite) throws {
    guard !slideDuration.isMultiple(of: .milliseconds(1)), slideDuration > .zero else { return }
    throw MartletError(
      .invalidConfiguration,
      """
      \(site.name) at \(site.callSite) names folders by milliseconds, but the batches are \(slideDuration.text) \
      apart. Use a batch interval of whole milliseconds.
      """)
  }
}

extension StreamingContext {
  /// The way in which a batch publishes a folder.
  fileprivate func publication(of folder: String, at time: Time) -> FolderPublication {
    guard let checkpoint = journal else { return FolderPublication(folder, isReplacing: false) }
    return FolderPublication(
      folder, isReplacing: checkpoint.isRerun(time), staging: checkpoint.stagingFolder(in: parentFolder(folder)),
      onFile: { checkpoint.note(.outputFileWritten) }, onStaged: { checkpoint.note(.outputStaged) },
      onPublished: { checkpoint.note(.outputPublished) })
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

  /// The pattern of their names, without the time; normalised, however the program has written it.
  var pattern: String { normalizedPath(path("TIME")) }
}
