/// Columns in memory. Two tables are equal only if they are the same object.
public final class LocalTable: Hashable, Sendable {
  /// The columns.
  public let schema: StructType

  package init(schema: StructType) { self.schema = schema }

  public static func == (a: LocalTable, b: LocalTable) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
