internal import MartletCore
internal import MartletDuckDB
private import Synchronization

/// The rows of a query, in batches, while the engine computes them.
final class EngineRows: RowBatches, @unchecked Sendable {
  // Sendable: one caller at a time, as `RowBatches` demands.
  let schema: StructType
  private let engine: SQLEngine
  /// Retains the tables in memory that the query reads, until its end.
  private var relation: Relation?
  private let site: OperatorSite
  private var connection: DuckConnection?
  private var result: DuckResult?

  init(_ relation: Relation, _ engine: SQLEngine, _ site: OperatorSite) throws {
    self.site = site
    schema = relation.schema
    self.relation = relation
    self.engine = engine
    let sql = relation.sql.text
    let connection = try engine.borrow(for: sql)
    do { result = try connection.query(sql) } catch {
      engine.giveBack(connection)
      throw error
    }
    self.connection = connection
  }

  deinit { close() }

  func next() throws -> [Row]? {
    guard let result else { return nil }
    do {
      guard let chunk = try result.nextChunk() else {
        close()
        return nil
      }
      return rows(chunk)
    } catch {
      close()
      throw site.query(error)
    }
  }

  private func close() {
    result?.close()
    result = nil
    relation = nil
    if let connection { engine.giveBack(connection) }
    connection = nil
  }

  private func rows(_ chunk: DuckChunk) -> [Row] {
    let vectors = schema.fields.indices.map { chunk[$0] }
    let types = schema.fields.map(\.type)
    return (0..<chunk.count).map { row in
      Row(values: vectors.indices.map { Value(vectors[$0], row, types[$0]) }, schema: schema)
    }
  }
}

extension Value {
  /// The value in a row of a vector.
  init(_ vector: DuckVector, _ row: Int, _ type: DataType) {
    guard vector.isValid(row) else {
      self = .null
      return
    }
    switch type {
    case .string: self = .string(vector.string(row))
    default: self = Value(vector.value(row), type)
    }
  }

  /// A value of the engine as one of a type.
  init(_ value: DuckValue, _ type: DataType) {
    switch (value, type) {
    case (.null, _): self = .null
    case (.bool(let value), _): self = .boolean(value)
    case (.int8(let value), .byte): self = .byte(value)
    case (.int16(let value), .short): self = .short(value)
    case (.int32(let value), .integer): self = .integer(value)
    case (.int64(let value), .long): self = .long(value)
    case (.float(let value), _): self = .float(value)
    case (.double(let value), _): self = .double(value)
    case (.decimal(let unscaled, _, let scale), _):
      self = SQLDecimal(unscaled: unscaled, scale: Int(scale)).map { .decimal($0) } ?? .null
    case (.string(let value), _): self = .string(value)
    case (.enumeration(let value), _): self = .string(value)
    case (.blob(let bytes), _): self = .binary(bytes)
    case (.date(let days), _): self = .date(SQLDate(days: days))
    case (.timestamp(let value, .microseconds), .timestampNTZ): self = .timestampNTZ(SQLTimestamp(microseconds: value))
    case (.timestamp(let value, .microseconds), _): self = .timestamp(SQLTimestamp(microseconds: value))
    case (.timestampTZ(let value), _): self = .timestamp(SQLTimestamp(microseconds: value))
    case (.interval(let months, let days, let microseconds), _):
      self = .interval(SQLInterval(months: months, days: days, microseconds: microseconds))
    case (.list(let elements), .array(let element)): self = .array(elements.map { Value($0, element) })
    case (.map(let entries), .map(let key, let item)):
      self = .map(entries.map { MapEntry(Value($0.key, key), Value($0.value, item)) })
    case (.structure(let fields), .struct(let type)):
      self = .row(Row(values: zip(fields, type.fields).map { Value($0.value, $1.type) }, schema: type))
    case (.int8(let value), _): self = .byte(value)
    case (.int16(let value), _): self = .short(value)
    case (.int32(let value), _): self = .integer(value)
    case (.int64(let value), _): self = .long(value)
    default: self = .string("\(value)")
    }
  }
}
