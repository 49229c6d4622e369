/// The names of a table: of its schema, if it is given, and its own.
package struct TableName: Sendable, Hashable, CustomStringConvertible {
  let parts: [String]

  /// Takes a name such as `counts`, `shop.counts` or `"my table"` apart. Points inside double quotes or backticks belong
  /// to a name; a quote inside them is doubled.
  /// - Returns: `nil` if a part is empty, has a NUL in it, or a quote has no end.
  package init?(_ text: String) {
    var parts: [String] = []
    var rest = Substring(text)
    while true {
      var name = ""
      if let quote = rest.first, quote == "\"" || quote == "`" {
        rest.removeFirst()
        while true {
          guard let end = rest.firstIndex(of: quote) else { return nil }
          name += rest[..<end]
          rest = rest[rest.index(after: end)...]
          guard rest.first == quote else { break }
          name.append(quote)
          rest.removeFirst()
        }
      } else {
        let end = rest.firstIndex(of: ".") ?? rest.endIndex
        name = String(rest[..<end])
        rest = rest[end...]
      }
      guard !name.isEmpty, !name.utf8.contains(0) else { return nil }
      parts.append(name)
      if rest.isEmpty { break }
      guard rest.removeFirst() == "." else { return nil }
    }
    guard parts.count <= 3 else { return nil }
    self.parts = parts
  }

  init(parts: [String]) { self.parts = parts }

  /// Another table in the same schema.
  package func sibling(_ name: String) -> TableName { TableName(parts: parts.dropLast() + [name]) }

  /// The name without that of the schema.
  package var last: String { parts.last ?? "" }
  /// The schema, if it is given.
  var schema: String? { parts.count > 1 ? parts[parts.count - 2] : nil }

  package var description: String { parts.joined(separator: ".") }
}

/// Names in quotes, with commas between them.
func listed(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }

/// The name that is probably meant by another one: the same in lower case, or the nearest with at most two changes.
func nearest(to name: String, in names: [String]) -> String? {
  if let same = names.first(where: { $0.lowercased() == name.lowercased() }) { return same }
  let closest = names.map { (name: $0, distance: distance($0.lowercased(), name.lowercased())) }
    .min { $0.distance < $1.distance }
  return closest.flatMap { $0.distance <= min(2, name.count / 2) ? $0.name : nil }
}

/// The number of characters to insert, delete or replace to make one text of the other.
private func distance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a.unicodeScalars.prefix(64)), Array(b.unicodeScalars.prefix(64)))
  var row = Array(0...b.count)
  for (i, left) in a.enumerated() {
    var corner = row[0]
    row[0] = i + 1
    for (j, right) in b.enumerated() {
      (corner, row[j + 1]) = (row[j + 1], min(corner + (left == right ? 0 : 1), row[j] + 1, row[j + 1] + 1))
    }
  }
  return row[b.count]
}
