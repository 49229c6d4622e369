internal import MartletCore
private import Synchronization

/// A table or view that `CACHE TABLE` names.
enum CachedTable: Hashable, Sendable {
  case view(String)
  case globalView(String)
  case table(TableName)

  static func view(_ name: String, isGlobal: Bool) -> CachedTable {
    isGlobal ? .globalView(name.lowercased()) : .view(name.lowercased())
  }
}

/// The tables and views of a session whose rows are to be stored, each as a frame.
final class CachedTables: Sendable {
  private let frames = Mutex<[CachedTable: FrameID]>([:])

  subscript(table: CachedTable) -> FrameID? { frames.withLock { $0[table] } }

  /// The frame of a table, which is new unless the table is cached already.
  func add(_ table: CachedTable, _ site: OperatorSite) -> FrameID {
    frames.withLock { frames in
      if let frame = frames[table] { return frame }
      let frame = FrameID(site)
      frames[table] = frame
      return frame
    }
  }

  func remove(_ table: CachedTable) -> FrameID? { frames.withLock { $0.removeValue(forKey: table) } }
  func removeAll() { frames.withLock { $0 = [:] } }
}

extension SessionState {
  /// The table or view that a name means; `nil` if there is none.
  func cachedTable(_ name: [String]) throws -> CachedTable? {
    if view(name) != nil { return .view(name[name.count - 1], isGlobal: name.count == 2) }
    guard let table = tableName(name), try engine.warehouse.table(table) != nil else { return nil }
    return .table(table)
  }

  func cachedFrame(_ name: [String]) -> FrameID? {
    if view(name) != nil { return cachedTables[.view(name[name.count - 1], isGlobal: name.count == 2)] }
    return tableName(name).flatMap { cachedTables[.table($0)] }
  }

  /// Lets go of the stored rows of a table or view, and does not store them again.
  func uncache(_ table: CachedTable) {
    if let frame = cachedTables.remove(table) { storedFrames.remove(frame) }
  }

  func uncacheAll() {
    cachedTables.removeAll()
    storedFrames.removeAll()
  }
}
