import MartletCore

/// The folders in which an owner stages outputs before they are renamed: one beside each output folder, so that a
/// rename is sufficient.
///
/// Their names contain the owner's epoch. A later owner removes them; from then on the previous one cannot publish
/// anything.
struct StagingFolders: Sendable {
  let paths: [String]

  /// - Parameter parents: the folders that contain outputs.
  init(_ parents: Set<FilePath>, checkpointID: UInt64, epoch: Int) {
    paths = parents.sorted().map { "\($0)/.martlet-\(String(checkpointID, radix: 16))-\(epoch)" }
  }

  func create() throws {
    for path in paths { try Folder.create(path) }
  }

  func remove() throws {
    for path in paths { try Folder.remove(path) }
  }

  /// The staging folder for outputs in `parent`.
  func folder(in parent: String) -> String? {
    paths.first { FilePath($0).parent == FilePath(parent) }
  }

  /// Removes the staging folders of all owners before `epoch`, in one step each.
  ///
  /// - Parameter known: those of one of them.
  static func revoke(_ known: [String], before epoch: Int) throws {
    for folder in known {
      let parent = parentFolder(folder)
      // Owners that have not written a header may also have left one.
      let stem = lastComponent(folder).split(separator: "-").dropLast().joined(separator: "-")
      for name in (try? Folder.names(parent)) ?? [] where name.hasPrefix(stem + "-") {
        guard let former = Int(name.dropFirst(stem.count + 1)), former < epoch else {
          if name.hasSuffix(".revoked") { try Folder.remove("\(parent)/\(name)") }
          continue
        }
        let aside = "\(parent)/\(name).revoked"
        try Folder.remove(aside)
        try Folder.rename("\(parent)/\(name)", to: aside)
        try Folder.remove(aside)
      }
    }
  }
}
