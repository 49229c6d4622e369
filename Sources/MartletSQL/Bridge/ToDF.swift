public import MartletCore
internal import MartletDuckDB
public import MartletRDD

/// The type of a column that is made from the elements of an RDD.
@usableFromInline struct ColumnForm: Sendable {
  let type: DataType
  let nullable: Bool

  @usableFromInline init<Element: ColumnValue>(_ type: Element.Type) {
    self.type = type.dataType
    nullable = type.isNullable
  }
}

/// Appends the elements of a chunk to columns, and destroys them.
@usableFromInline typealias ColumnsKernel<Element> =
  @Sendable (UnsafeMutablePointer<Element>, Int, inout [ColumnWriter]) -> Void

/// Appends one part of each element of a chunk to a column.
@inlinable @inline(__always)
func append<Element, Part: ColumnValue>(
  _ base: UnsafeMutablePointer<Element>, _ count: Int, to column: inout ColumnWriter, _ part: (Element) -> Part
) {
  // A variable of its own, which the loop keeps in registers.
  var writer = column
  for i in 0..<count { part(base[i]).append(to: &writer) }
  column = writer
}

extension RDD {
  /// A table whose columns the kernel fills: one piece for each partition, by one job.
  @usableFromInline
  func columns(
    _ names: [String], _ forms: [ColumnForm], _ kernel: @escaping ColumnsKernel<Element>, _ site: OperatorSite
  ) throws -> DataFrame {
    guard names.isEmpty || names.count == forms.count else {
      throw MartletError(
        .invalidArgument,
        "\(site): there are \(forms.count) columns, but \(names.count) names: \(names.joined(separator: ", ")).")
    }
    let names = !names.isEmpty ? names : forms.count == 1 ? ["value"] : forms.indices.map { "_\($0 + 1)" }
    let schema = StructType(Swift.zip(names, forms).map { StructField($0, $1.type, nullable: $1.nullable) })
    return try table(schema, site) { reader, types in
      var writers = types.map { ColumnWriter($0) }
      try reader.forEachChunk { kernel($0.base, $0.count, &writers) }
      return writers.map { $0.builder }
    }
  }

  /// A table whose columns `fill` builds for each partition, in a task.
  func table(
    _ schema: StructType, _ site: OperatorSite,
    _ fill: @escaping @Sendable (ChunkReader<Element>, [ColumnType]) throws -> [ColumnBuilder]
  ) throws -> DataFrame {
    let spark = try SparkSession(context)
    let types = try schema.fields.map { field in
      guard let type = field.type.columnType else {
        throw MartletError(
          .invalidArgument, "\(site): the column '\(field.name)' has the type \(field.type), which toDF cannot store.")
      }
      return type
    }
    let pieces = try context.runJob(self, site, skipsNothing: true) { reader in
      do { return try ColumnPiece(try fill(reader, types).map { $0.finish() }) } catch {
        throw site.failure(ofSource: error)
      }
    }
    let columns = types.enumerated().map { TableColumn("c\($0)", $1) }
    let table = LocalTable(try ColumnTable(columns, pieces), schema: schema, in: spark.state.engine.database)
    return DataFrame(spark, .local(table), site)
  }
}

extension SparkSession {
  /// The number of tables in the program's memory that a frame, view or query of the context refers to.
  package var registeredTables: Int { state.engine.database.registeredTables }

  /// The bytes of memory that the engine occupies for tables and queries.
  package var engineMemory: Int {
    get throws {
      try state.engine.withConnection { connection in
        let sum = try connection.query("SELECT CAST(sum(memory_usage_bytes) AS BIGINT) FROM duckdb_memory()").scalar()
        return Int(sum?.number ?? 0)
      }
    }
  }
}
