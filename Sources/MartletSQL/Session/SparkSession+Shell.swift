internal import MartletCore
internal import MartletDuckDB

// The parts of a session that only a shell needs.

extension SparkSession {
  /// Ends all queries of the context that run now with an error of the code `cancelled`.
  package func interruptQueries() { state.engine.interrupt() }

  /// Makes `queryProgress` available for queries that begin later.
  package func trackProgress() { state.engine.trackProgress() }

  /// The part of the running query that is done, from 0 to 1; `nil` if none runs, or if it is unknown.
  package var queryProgress: Double? { state.engine.progress }

  /// The text of values, with timestamps in the time zone of the session.
  package var valueText: ValueText { ValueText { [self] in secondsFromUTC(at: $0) } }

  /// The views that SQL text can name, those of all sessions with `global_temp.` before them.
  package var relationNames: [String] { state.relationNames }

  /// The columns of a view; `nil` if there is none of this name.
  package func columns(ofView name: String) -> StructType? {
    let parts = name.hasPrefix("global_temp.") ? ["global_temp", String(name.dropFirst(12))] : [name]
    return state.view(parts)?.relation.schema
  }

  /// The names of functions, in lower case and sorted.
  package static var functionNames: [String] { FunctionRegistry.names }

  /// The keywords of the grammar, in upper case.
  package static var keywords: [String] { SQLKeyword.allCases.map(\.text) }
}
