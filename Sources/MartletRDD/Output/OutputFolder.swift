package import MartletCore

/// A folder of results while it is written.
///
/// The files are written into a hidden folder beside the final one, and synced to disk. Then the folder is renamed, so
/// that it appears complete or not at all. A process that is killed may leave it under its hidden name.
package struct OutputFolder: Sendable {
  private let target: String
  private let hidden: String
  private let site: OperatorSite
  private let isStagedElsewhere: Bool
  private let isReplacing: Bool
  private let replacement: (any FolderReplacement)?

  /// How folders replace existing ones, if they do unless stated otherwise.
  @TaskLocal package static var replacement: (any FolderReplacement)?

  /// - Parameters:
  ///   - isReplacing: true if an existing item at `path` is exchanged for the new folder and removed.
  ///   - staging: an existing folder on the same disk in which the new one is written; by default the folder that
  ///     contains `path`. Removing the staging folder prevents everything in it from being published.
  package init(
    _ path: String, isReplacing: Bool = replacement != nil, staging: String? = nil, _ site: OperatorSite
  ) throws {
    guard !path.isEmpty else { throw MartletError(.invalidArgument, "\(site): the path is empty.") }
    target = withoutTrailingSlashes(try site.localPath(path))
    hidden = staging.map { [target] in "\($0)/\(temporaryName(lastComponent(target)))" } ?? hiddenSibling(of: target)
    self.site = site
    self.isReplacing = isReplacing
    isStagedElsewhere = staging != nil
    replacement = isReplacing ? Self.replacement : nil
  }

  /// Creates the hidden folder, unless the final one may not appear.
  package func create() throws {
    try replacement?.refuse(target, site)
    if !isReplacing, try Folder.nameIsTaken(target) {
      throw MartletError(.invalidState, "\(site): '\(target)' already exists. Remove it, or choose another path.")
    }
    if !isStagedElsewhere { try Folder.create(parentFolder(hidden)) }
    try Folder.createOne(hidden)
  }

  /// Creates the file of a partition.
  package func file<Element>(_ partition: Int, _ format: FileFormat<Element>) throws -> PartFile<Element> {
    let digits = String(partition)
    let name = "part-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    return try PartFile(SystemFile.create("\(hidden)/\(name)"), format)
  }

  /// Makes the folder appear, when its files are complete.
  package func publish() throws {
    try SystemFile.create("\(hidden)/_SUCCESS").synchronize()
    if let replacement {
      try replacement.replace(target, with: hidden, site)
    } else if isReplacing {
      try Folder.replace(target, with: hidden)
    } else {
      try Folder.publish(hidden, as: target)
    }
  }

  /// Removes a folder that has not been published.
  package func remove() {
    // The caller has an error already, which is the cause.
    try? Folder.remove(hidden)
  }
}

extension RDD {
  /// Runs a job that writes one file for each partition into `folder`, which appears complete or not at all.
  package func save(_ format: FileFormat<Element>, in folder: OutputFolder, _ site: OperatorSite) throws {
    try context.refuseInsideTask(site.name, site)
    try folder.create()
    do {
      _ = try context.runJob(self, site) { reader in
        let file = try folder.file(TaskContext.current?.partitionID ?? 0, format)
        try file.write(reader.forEachChunk)
        try file.finish()
      }
      try folder.publish()
    } catch {
      folder.remove()
      throw error
    }
  }
}

/// Puts the folders that a program saves in the place of those that have their names.
package protocol FolderReplacement: Sendable {
  /// Throws if nothing may take the place of the folder `target`.
  func refuse(_ target: String, _ site: OperatorSite) throws

  /// Puts the folder `source` in the place of what has the name `target`.
  func replace(_ target: String, with source: String, _ site: OperatorSite) throws
}
