internal import MartletCore

/// A mistake in a query, found before it runs.
package struct AnalysisFault: Hashable, Sendable {
  /// Spark's name for the kind of mistake, such as `UNRESOLVED_COLUMN`.
  var kind: String
  var message: String
  /// The operation in which it is, and its line in the program.
  var site: String?

  package init(_ kind: String, _ message: String, site: String? = nil) {
    self.kind = kind
    self.message = message
    self.site = site
  }
}

/// The mistakes in a query.
package struct AnalysisError: Error, CustomStringConvertible {
  var faults: [AnalysisFault]

  package init(faults: [AnalysisFault]) { self.faults = faults }

  package var description: String {
    let lines = faults.map { fault in
      let kind = fault.kind.isEmpty ? "" : "[\(fault.kind)] "
      return "\(fault.site.map { "\($0): " } ?? "")\(kind)\(fault.message)"
    }
    if lines.count == 1 { return lines[0] }
    return "The query has \(lines.count) mistakes.\n" + lines.map { "- \($0)" }.joined(separator: "\n")
  }
}

extension AnalysisFault {
  static func unknownColumn(_ name: String, _ known: [String]) -> AnalysisFault {
    let near = nearest(to: name, in: known, count: 1)
    let advice =
      if let near = near.first { "Did you mean \(near)?" } else if known.isEmpty {
        "There are no columns."
      } else { "The columns are \(listed(known))." }
    let kind = known.isEmpty ? "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION" : "UNRESOLVED_COLUMN.WITH_SUGGESTION"
    return AnalysisFault(kind, "There is no column '\(name)'. \(advice)")
  }
}

/// The first names of a list.
package func listed(_ names: [String], limit: Int = 12) -> String {
  names.prefix(limit).joined(separator: ", ") + (names.count > limit ? ", … (\(names.count) in all)" : "")
}

/// The names that differ least from `name`, if they differ little.
package func nearest(to name: String, in names: [String], count: Int) -> [String] {
  // Names may be very long.
  let wanted = String(name.lowercased().prefix(64))
  let last = String((name.split(separator: ".").last ?? "").lowercased().prefix(64))
  let ranked = names.map { candidate -> (String, Int) in
    let other = String(candidate.lowercased().prefix(64))
    return (candidate, min(editDistance(wanted, other), last.isEmpty ? .max : editDistance(last, other)))
  }
  return ranked.filter { $0.1 <= max(1, min(wanted.utf8.count, 9) / 3) }.sorted { $0.1 < $1.1 }.prefix(count).map(\.0)
}
