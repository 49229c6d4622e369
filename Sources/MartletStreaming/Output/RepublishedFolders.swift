import MartletCore
import MartletRDD
import Synchronization

/// The folders that a batch which runs again has put in the place of others: none of them is replaced once more.
final class RepublishedFolders: FolderReplacement {
  /// As the system knows them, whatever they are called.
  private let known = Mutex<Set<FolderIdentity>>([])

  /// Throws if the batch has made the folder `target` in this run.
  func refuse(_ target: String, _ site: OperatorSite) throws {
    try known.withLock { try refuse(target, $0, site) }
  }

  /// Puts the folder `source` in the place of what has the name `target`, unless the batch has made that in this run.
  func replace(_ target: String, with source: String, _ site: OperatorSite) throws {
    try known.withLock { known in
      // Another thread may have made it meanwhile.
      try refuse(target, known, site)
      let identity = FolderIdentity(source)
      try Folder.replace(target, with: source)
      if let identity { known.insert(identity) }
    }
  }

  private func refuse(_ target: String, _ known: Set<FolderIdentity>, _ site: OperatorSite) throws {
    guard !known.isEmpty, try Folder.nameIsTaken(target), let identity = FolderIdentity(target),
      known.contains(identity)
    else { return }
    throw MartletError(
      .invalidState,
      """
      \(site.name) at \(site.callSite): the batch, which is run again, has saved '\(target)' already, and a batch saves a \
      folder once. Give each its own path.
      """)
  }
}
