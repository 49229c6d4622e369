internal import MartletCore

/// Finds the fields of records that belong to columns, by their names.
struct JSONFieldFinder {
  /// For each column, the value in the record that was searched last, or -1.
  private(set) var values: [Int]
  private let columns: [String: Int]
  /// The names of the fields of the last record in their order, and their columns: those of the next are probably the same.
  private var fields: [(name: Text, column: Int)] = []

  /// - Parameter names: the names of the columns; `nil` for those that are no fields.
  init(_ names: [String?]) {
    values = Array(repeating: -1, count: names.count)
    var columns: [String: Int] = [:]
    for (index, name) in names.enumerated() { if let name { columns[name] = index } }
    self.columns = columns
  }

  /// Sets `values`; returns `false` if the record is no object.
  @inline(__always)
  mutating func find(in record: JSONRecord) -> Bool {
    for column in values.indices { values[column] = -1 }
    guard record[0].kind == .object else { return false }
    let end = record[0].end
    var position = 0
    var key = 1
    while key < end {
      if position < fields.count, record.isName(key, fields[position].name) {
        let column = fields[position].column
        if column >= 0 { values[column] = key &+ 1 }
        position &+= 1
      } else if !record.isShadowed(key) {
        let column = learn(record, key, position)
        if column >= 0 { values[column] = key &+ 1 }
        position &+= 1
      }
      key = record.index(after: key &+ 1)
    }
    return true
  }

  @inline(never)
  private mutating func learn(_ record: JSONRecord, _ key: Int, _ position: Int) -> Int {
    let name = record.string(key)
    let column = columns[name] ?? -1
    let field = (Text(name), column)
    if position < fields.count {
      fields[position] = field
    } else if position == fields.count, position < 1000 {
      fields.append(field)
    }
    return column
  }
}
