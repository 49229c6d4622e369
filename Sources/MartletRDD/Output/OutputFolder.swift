#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

package import MartletCore
import Synchronization

/// How a folder of results is made to appear.
package struct FolderPublication: Sendable {
  package var path: String
  /// Whether what is at `path` already is exchanged for the new folder and removed, so that a batch can be run again.
  package var isReplacing: Bool
  /// The folder in which it is written first, on the same disk, which is there already; beside `path` if none is named.
  /// Whoever removes that folder keeps everything in it from appearing.
  package var staging: String?
  /// Called, by the task that has written it, when a file is complete.
  package var onFile: @Sendable () -> Void
  /// Called when the folder is complete, and when it has appeared.
  package var onStaged: @Sendable () -> Void
  package var onPublished: @Sendable () -> Void

  /// While a batch is run again, which may have made its folders before: those that it has made again. Where nothing else
  /// is said, a folder replaces what is there then.
  @TaskLocal package static var rerun: RepublishedFolders?

  package init(
    _ path: String, isReplacing: Bool = rerun != nil, staging: String? = nil,
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
  /// Runs a job that writes one file for each partition into a folder, which appears whole or not at all.
  ///
  /// The files are written into a hidden folder beside the final one and brought to the disk; then the folder is
  /// renamed. If anything fails it is removed. A process that is killed may leave it behind, under its hidden name.
  package func writeFolder(
    _ publication: FolderPublication, _ site: OperatorSite,
    _ write: @escaping @Sendable (ChunkReader<Element>, SystemFile) throws -> Void
  ) throws {
    try context.refuseInsideTask(site.name, site)
    guard !publication.path.isEmpty else {
      throw MartletError(.invalidArgument, "\(site): the path is empty.")
    }
    let target = withoutTrailingSlashes(try site.localPath(publication.path))
    let republished = publication.isReplacing ? FolderPublication.rerun : nil
    try republished?.refuse(target, site)
    if !publication.isReplacing, try Folder.nameIsTaken(target) {
      throw MartletError(
        .invalidState,
        "\(site): '\(target)' exists already. Remove it, or choose another path.")
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
      if let republished {
        try republished.replace(target, with: staging, site)
      } else if publication.isReplacing {
        try Folder.replace(target, with: staging)
      } else {
        try Folder.publish(staging, as: target)
      }
      publication.onPublished()
    } catch {
      // What went wrong first is what the caller must know.
      try? Folder.remove(staging)
      throw error
    }
  }
}

/// The folders that a batch which runs again has put in the place of others: none of them is replaced once more.
package final class RepublishedFolders: Sendable {
  /// As the system knows them, whatever they are called.
  private let known = Mutex<Set<FolderIdentity>>([])

  package init() {}

  /// Throws if the batch has made the folder `target` in this run.
  func refuse(_ target: String, _ site: OperatorSite) throws {
    try known.withLock { try refuse(target, $0, site) }
  }

  /// Puts the folder `source` in the place of what has the name `target`, unless the batch has made that in this run.
  func replace(_ target: String, with source: String, _ site: OperatorSite) throws {
    try known.withLock { known in
      // Another thread may have made it meanwhile.
      try refuse(target, known, site)
      let identity = FolderIdentity(try fileStatus(source))
      try Folder.replace(target, with: source)
      known.insert(identity)
    }
  }

  private func refuse(_ target: String, _ known: Set<FolderIdentity>, _ site: OperatorSite) throws {
    guard !known.isEmpty, try Folder.nameIsTaken(target), let status = try? fileStatus(target),
      known.contains(FolderIdentity(status))
    else { return }
    throw MartletError(
      .invalidState,
      """
      \(site): the batch, which is run again, has saved '\(target)' already, and a batch saves a \
      folder once. Give each its own path.
      """)
  }
}

private struct FolderIdentity: Hashable, Sendable {
  let device: UInt64
  let inode: UInt64

  init(_ status: stat) {
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(status.st_ino)
  }
}

/// The name of a partition's file: `part-00000`.
private func partFileName(_ partition: Int) -> String {
  let digits = String(partition)
  return "part-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
}
