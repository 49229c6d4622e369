internal import MartletDuckDB
private import Synchronization

/// A table of the engine with rows that a query has computed. It is dropped when this object is released.
final class EngineTable: Sendable {
  let database: DuckDatabase
  let name: String

  private static let count = Atomic<Int>(0)

  /// Runs a query and stores its rows.
  init(_ query: String, in engine: SQLEngine) throws {
    database = engine.database
    name = "martlet_stored_\(Self.count.add(1, ordering: .relaxed).newValue)"
    try engine.withConnection { try $0.execute("CREATE TABLE \(name) AS \(query)") }
  }

  deinit {
    // The database that refuses this is closed, and its tables with it.
    try? database.connect().execute("DROP TABLE IF EXISTS \(name)")
  }
}

/// The frames whose rows are to be stored by the first action that needs them.
final class StoredFrames: Sendable {
  private final class Entry: Sendable {
    let stored = Mutex<Stored?>(nil)
  }

  /// The relation that reads the stored rows, and the tables of the warehouse as they were when the rows were computed.
  private struct Stored {
    var relation: Relation
    var tables: [TableVersion]

    /// True if no table has been written since.
    func isCurrent(in engine: SQLEngine) -> Bool { tables.allSatisfy { engine.warehouse.version($0.name) == $0 } }
  }

  private let entries = Mutex<[FrameID: Entry]>([:])

  func add(_ frame: FrameID) { entries.withLock { if $0[frame] == nil { $0[frame] = Entry() } } }

  func remove(_ frame: FrameID) {
    // The table is dropped without the lock.
    let entry = entries.withLock { $0.removeValue(forKey: frame) }
    withExtendedLifetime(entry) {}
  }

  func removeAll() {
    // The tables are dropped without the lock.
    let removed = entries.withLock { entries in
      defer { entries = [:] }
      return entries
    }
    withExtendedLifetime(removed) {}
  }

  /// Drops the stored rows of a frame; the next action that needs them stores them again.
  func refresh(_ frame: FrameID) {
    guard let entry = entries.withLock({ $0[frame] }) else { return }
    let old = entry.stored.withLock { stored in
      defer { stored = nil }
      return stored
    }
    withExtendedLifetime(old) {}
  }

  func contains(_ frame: FrameID) -> Bool { entries.withLock { $0[frame] != nil } }

  /// The relation that reads the stored rows of a frame; `nil` if they are not stored, or a table of the warehouse from
  /// which they were computed has changed.
  func relation(_ frame: FrameID, in engine: SQLEngine) -> Relation? {
    guard let entry = entries.withLock({ $0[frame] }), let stored = entry.stored.withLock({ $0 }),
      stored.isCurrent(in: engine)
    else { return nil }
    return another(stored.relation)
  }

  /// Stores the rows of a frame, unless another action has done so meanwhile, and returns the relation that reads them.
  func store(_ frame: FrameID, _ relation: Relation, in engine: SQLEngine) throws -> Relation? {
    guard let entry = entries.withLock({ $0[frame] }), !relation.columns.isEmpty else { return nil }
    // Before the query, which may see later changes: then its rows are computed again.
    let tables = Set(relation.locals.compactMap(\.tableVersion?.name)).map { engine.warehouse.version($0) }
    var old: Stored?
    let current = try entry.stored.withLock { stored in
      if let stored, stored.isCurrent(in: engine) { return stored.relation }
      let table = LocalTable(try EngineTable(relation.sql.text, in: engine), schema: relation.schema)
      var result = relation
      result.sql = "SELECT * FROM \(table.sql)"
      result.locals = [table] + relation.locals.filter { $0.tableVersion != nil }
      result.selection = nil
      old = stored
      stored = Stored(relation: result, tables: tables)
      return result
    }
    // Its table is dropped without the lock.
    withExtendedLifetime(old) {}
    return another(current)
  }

  /// The relation with columns that are distinct from those of other uses, as if the frame were resolved again. The frames
  /// below still have names for them.
  private func another(_ stored: Relation) -> Relation {
    var relation = Analyzer.fresh(stored)
    let columns = Dictionary(Swift.zip(stored.columns.map(\.id), relation.columns)) { first, _ in first }
    relation.frames = stored.frames.mapValues { $0.map { columns[$0.id] ?? $0 } }
    return relation
  }
}
