/// The way in which the rows of a sink change its table.
public struct WriteMode: Sendable, Hashable {
  /// The columns whose values identify the row that a new one replaces; empty to append.
  let keys: [String]

  /// Adds every row. A key that is there already is an error.
  public static let append = WriteMode(keys: [])

  /// Replaces the row that has the same values in the columns `keys`, or adds the row if there is none. Of several rows
  /// with the same keys, the last one stays.
  ///
  /// The columns must be those of a primary key or a unique index of the table. Columns that are not written keep their
  /// values.
  public static func upsert(_ keys: String...) -> WriteMode { WriteMode(keys: keys) }

  /// `upsert`, for names in an array, which must not be empty.
  public static func upsert(keys: [String]) -> WriteMode { WriteMode(keys: keys) }
}
