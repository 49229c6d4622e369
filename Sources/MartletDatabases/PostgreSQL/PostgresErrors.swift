/// The kinds of PostgreSQL's errors.
enum PostgresErrors {
  /// The kind for an SQLSTATE.
  static func kind(_ state: String) -> DatabaseError.Kind {
    switch state {
    case "42P01", "3F000": return .missingTable
    case "42703": return .missingColumn
    case "3D000": return .missingDatabase
    case "42501", "25006": return .permission
    case "40001", "40P01", "55P03": return .conflict
    case "53300": return .unreachable
    case "53100": return .full
    case "42804": return .data
    default: break
    }
    switch state.prefix(2) {
    // Those of the class 25 end a transaction that takes too long, and its connection.
    case _ where ["25P03", "25P04"].contains(state): return .connectionLost
    case "08", "57": return state == "57014" ? .other : .connectionLost
    case "22": return .data
    case "23": return .constraint
    case "28": return .authentication
    default: return .other
    }
  }

  /// A message of libpq in one line.
  static func firstLines(_ message: String) -> String {
    message.split(separator: "\n").map { line in
      var line = line.drop { $0 == " " || $0 == "\t" }
      for prefix in ["ERROR:  ", "FATAL:  "] where line.hasPrefix(prefix) { line = line.dropFirst(prefix.count) }
      return String(line)
    }.joined(separator: " ")
  }
}
