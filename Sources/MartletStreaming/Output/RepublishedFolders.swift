import MartletCore
import MartletRDD
import Synchronization

/// The folders that a batch which runs again has published in place of others: none of them is replaced again.
final class RepublishedFolders: FolderReplacement {
  /// By their identity, independent of their names.
  private let known = Mutex<Set<FolderIdentity>>([])

  /// Throws if the batch has already published the folder `target` in this run.
  func refuse(_ target: String, _ site: OperatorSite) throws {
    try known.withLock { try refuse(target, $0, site) }
  }

  /// Replaces the item at `target` with the folder `source`, unless the batch has published that in this run.
  func replace(_ target: String, with source: String, _ site: OperatorSite) throws {
    try known.withLock { known in
      // Another thread may have published it meanwhile.
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
      \(site.name) at \(site.callSite): the batch, which runs again, has already saved '\(target)', and a batch \
      saves a folder only once. Use a different path for each.
      """)
  }
}
