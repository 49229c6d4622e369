// Unsafe code. Invariant: `state` is open from `init` to `deinit`, and so is the database, which this object retains.

import CDuckDB

/// The tasks of a database's running queries, for threads that the caller provides.
package final class DuckTasks: @unchecked Sendable {
  // Sendable: DuckDB's task states may be used by many threads, and the pointer does not change.
  private let database: DuckDatabase
  private let state: duck_task_state?

  package init(_ database: DuckDatabase) {
    self.database = database
    state = duck_create_task_state(database.handle)
  }

  deinit { duck_destroy_task_state(state) }

  /// Runs one task to its end; returns false if there is none.
  package func runOne() -> Bool { duck_execute_n_tasks_state(state, 1) > 0 }
}
