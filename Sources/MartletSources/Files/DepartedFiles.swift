import MartletCore

/// Files that were read or skipped, and whose names no longer exist or belong to other files: they may reappear, under
/// other names or as copies.
///
/// The number remembered is the largest number of files that the folder has had at one time, but at least 1,000; then
/// the oldest are forgotten.
struct DepartedFiles: Sendable {
  /// The files, by the order in which they departed.
  private var entries: [Int: SeenFile] = [:]
  private var orderByPath: [FilePath: Int] = [:]
  private var orderByNumber: [FileNumber: Int] = [:]
  private var oldest = 0
  private var next = 0
  private var capacity = 1000

  /// The files, in the order in which they departed.
  var files: [SeenFile] { entries.sorted { $0.key < $1.key }.map(\.value) }

  mutating func expect(_ count: Int) { capacity = max(capacity, count) }

  mutating func insert(_ file: SeenFile) {
    entries[next] = file
    orderByPath[file.path] = next
    orderByNumber[file.facts.number] = next
    next += 1
    while entries.count > capacity {
      remove(oldest)
      oldest += 1
    }
  }

  /// The file that `found` is, if it is one of these; it is removed.
  mutating func take(_ found: SeenFile) -> (file: SeenFile, relation: FileRelation)? {
    for order in [orderByNumber[found.facts.number], orderByPath[found.path]] {
      guard let order, let before = entries[order] else { continue }
      let relation = found.facts.relation(to: before.facts, hasSameName: found.path == before.path)
      switch relation {
      case .other: continue
      // The file was gone, so its number may have been reused.
      case .grown where !found.facts.hasKnownBirth(before.facts),
        .changed where !found.facts.hasKnownBirth(before.facts):
        continue
      case .same, .copy, .grown, .changed:
        remove(order)
        return (before, relation)
      }
    }
    return nil
  }

  /// Forgets the last file that departed from this path.
  mutating func forget(_ path: FilePath) { if let order = orderByPath[path] { remove(order) } }

  private mutating func remove(_ order: Int) {
    guard let file = entries.removeValue(forKey: order) else { return }
    if orderByPath[file.path] == order { orderByPath[file.path] = nil }
    if orderByNumber[file.facts.number] == order { orderByNumber[file.facts.number] = nil }
  }
}
