package import MartletCore

/// The way in which a folder of results is published.
package struct FolderPublication: Sendable {
  package var path: String
  /// Whether what is at `path` already is exchanged for the new folder and removed.
  package var isReplacing: Bool
  /// An existing folder on the same disk in which the new one is written first; by default the folder that contains
  /// `path`. Removing the staging folder prevents everything in it from being published.
  package var staging: String?
  /// Called by the task that has written a file when it is complete.
  package var onFile: @Sendable () -> Void
  /// Called when the folder is complete, and when it has been published.
  package var onStaged: @Sendable () -> Void
  package var onPublished: @Sendable () -> Void

  /// How folders replace what is there, if they do where nothing else is said.
  @TaskLocal package static var replacement: (any FolderReplacement)?

  package init(
    _ path: String, isReplacing: Bool = replacement != nil, staging: String? = nil,
    onFile: @escaping @Sendable () -> Void = {}, onStaged: @escaping @Sendable () -> Void = {},
    onPublished: @escaping @Sendable () -> Void = {}
  ) {
    self.path = path
    self.isReplacing = isReplacing
    self.staging = staging
    self.onFile = onFile
    self.onStaged = onStaged
    self.onPublished = onPublished
  }

  /// A new name for the folder while it is written.
  func stagingPath(_ target: String) -> String {
    staging.map { "\($0)/\(temporaryName(lastComponent(target)))" } ?? hiddenSibling(of: target)
  }
}

extension RDD {
  /// Runs a job that writes one file for each partition into a folder, which appears complete or not at all.
  ///
  /// The files are written into a hidden folder beside the final one and synced to disk; then the folder is renamed. If
  /// anything fails it is removed. A process that is killed may leave it behind, under its hidden name.
  package func writeFolder(
    _ publication: FolderPublication, _ site: OperatorSite,
    _ write: @escaping @Sendable (ChunkReader<Element>, SystemFile) throws -> Void
  ) throws {
    try context.refuseInsideTask(site.name, site)
    guard !publication.path.isEmpty else {
      throw MartletError(.invalidArgument, "\(site.name) at \(site.callSite): the path is empty.")
    }
    let target = withoutTrailingSlashes(try site.localPath(publication.path))
    let replacement = publication.isReplacing ? FolderPublication.replacement : nil
    try replacement?.refuse(target, site)
    if !publication.isReplacing, try Folder.nameIsTaken(target) {
      throw MartletError(
        .invalidState,
        "\(site.name) at \(site.callSite): '\(target)' already exists. Remove it, or choose another path.")
    }
    let staging = publication.stagingPath(target)
    if publication.staging == nil { try Folder.create(parentFolder(staging)) }
    try Folder.createOne(staging)
    do {
      _ = try context.runJob(self, site) { reader in
        let partition = TaskContext.current?.partitionID ?? 0
        let file = try SystemFile.create("\(staging)/\(partFileName(partition))")
        try write(reader, file)
        try file.synchronize()
        publication.onFile()
      }
      try SystemFile.create("\(staging)/_SUCCESS").synchronize()
      publication.onStaged()
      if let replacement {
        try replacement.replace(target, with: staging, site)
      } else if publication.isReplacing {
        try Folder.replace(target, with: staging)
      } else {
        try Folder.publish(staging, as: target)
      }
      publication.onPublished()
    } catch {
      // The caller must know the first error.
      try? Folder.remove(staging)
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

/// The name of a partition's file: `part-00000`.
private func partFileName(_ partition: Int) -> String {
  let digits = String(partition)
  return "part-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
}
