import MartletCore

extension InsertTarget {
  /// The columns of a table for those of elements.
  /// - Throws: `MartletError` if a column is missing, the keys are not those of a unique index, or no transaction can
  ///   protect the table.
  package init(
    _ names: [String], _ mode: WriteMode, _ table: TableName, _ found: TableDescription, place: String
  ) throws {
    if let flaw = found.flaw {
      throw MartletError(.invalidArgument, "\(place) cannot be written exactly once, because \(flaw).")
    }
    let all = found.columns.map(\.name)
    func resolved(_ name: String) throws -> String {
      if all.contains(name) { return name }
      let same = all.filter { $0.lowercased() == name.lowercased() }
      if same.count == 1 { return same[0] }
      let near = nearest(to: name, in: all).map { "Did you mean '\($0)'?" } ?? "It has \(listed(all))."
      throw DatabaseError(.missingColumn, "it has no column '\(name)'. \(near)").located("\(place) cannot be written")
    }
    let columns = try names.map(resolved)
    let keys = try mode.keys.map(resolved)
    if let twice = columns.enumerated().first(where: { columns[..<$0.offset].contains($0.element) }) {
      throw MartletError(.invalidArgument, "\(place) cannot be written: the column '\(twice.element)' is named twice.")
    }
    if let other = keys.first(where: { !columns.contains($0) }) {
      throw MartletError(
        .invalidArgument,
        "\(place) cannot be written: the key '\(other)' of the upsert is not one of the columns, \(listed(columns)).")
    }
    if !keys.isEmpty, let unique = found.uniqueKeys {
      guard unique.contains(where: { Set($0) == Set(keys) }) else {
        throw MartletError(
          .invalidArgument,
          "\(place) cannot be written: the keys of the upsert, \(listed(keys)), are not those of a primary key or unique index. Create a unique index of them."
        )
      }
      if let other = unique.first(where: { Set($0) != Set(keys) && Set($0).isSubset(of: columns) }) {
        throw MartletError(
          .invalidArgument,
          "\(place) cannot be written: it also has a unique index of \(listed(other)), and MariaDB would replace rows by that one. Drop the index, or write another table."
        )
      }
    }
    self.init(table: table, columns: columns, keys: keys)
  }
}
