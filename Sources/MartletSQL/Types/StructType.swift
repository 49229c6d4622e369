/// The columns of a table, or the fields of a struct.
///
/// ```swift
/// let schema = StructType([StructField("name", .string), StructField("age", .integer)])
/// let same = try StructType(ddl: "name STRING, age INT")
/// ```
public struct StructType: Hashable, Sendable {
  public var fields: [StructField]

  public init(_ fields: [StructField] = []) { self.fields = fields }

  /// The same type with one more field.
  public func add(_ name: String, _ type: DataType, nullable: Bool = true) -> StructType {
    StructType(fields + [StructField(name, type, nullable: nullable)])
  }

  /// The names of the fields.
  public var names: [String] { fields.map(\.name) }
}

/// A column of a table, or a field of a struct.
public struct StructField: Hashable, Sendable {
  public var name: String
  public var type: DataType
  /// A Boolean value that indicates whether the column may contain `NULL`.
  public var nullable: Bool

  public init(_ name: String, _ type: DataType, nullable: Bool = true) {
    self.name = name
    self.type = type
    self.nullable = nullable
  }
}
