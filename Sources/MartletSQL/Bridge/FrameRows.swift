internal import MartletCore
internal import MartletDuckDB
public import MartletRDD

/// The rows of a query, as the source of an RDD with one partition, which the engine computes while they are read.
private struct FrameRows<Element: Sendable>: PartitionedSource {
  let site: OperatorSite
  /// The session and the plan, when the first action asks for it.
  let frame: @Sendable () throws -> (SparkSession, Plan)
  let conversion: @Sendable (StructType) -> @Sendable (Row) throws -> Element

  struct Partition: Sendable {
    let relation: Relation
    let engine: SQLEngine
  }

  func partitions() throws -> [Partition] {
    let (session, plan) = try frame()
    return [Partition(relation: try session.relation(plan, site, computes: true), engine: session.state.engine)]
  }

  func makeReader(_ partition: Partition) throws -> Reader {
    do {
      let rows = try EngineRows(partition.relation, partition.engine, site)
      return Reader(rows: rows, convert: conversion(rows.schema))
    } catch {
      throw site.query(error)
    }
  }

  struct Reader: PartitionReader {
    let rows: EngineRows
    let convert: @Sendable (Row) throws -> Element

    mutating func read(into writer: inout ElementWriter<Element>) throws -> Bool {
      while !writer.isFull {
        guard let batch = try rows.next() else { return false }
        for row in batch { writer.append(try convert(row)) }
      }
      return true
    }
  }
}

extension DataFrame {
  /// The rows as an RDD with one partition.
  ///
  /// An action of the RDD resolves the frame once, and reports its faults. The engine computes the rows, with all of its
  /// threads, each time that the partition is read; only some are in memory. Use `repartition(_:)` to process them in
  /// parallel.
  public var rdd: RDD<Row> { rows(id.site) { _ in { $0 } } }

  /// The rows as an RDD of values of a type whose properties have the names of the columns: see ``RowDecoder``.
  ///
  /// ```swift
  /// struct Person: Codable { var name: String, age: Int? }
  /// let people = df.rdd(as: Person.self)
  /// ```
  public func rdd<Result: Decodable & Sendable>(
    as type: Result.Type, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Result> {
    rows(OperatorSite("rdd", file, line)) { schema in
      let decoder = RowDecoder(schema)
      return { try decoder.decode(Result.self, from: $0) }
    }
  }

  private func rows<Element: Sendable>(
    _ site: OperatorSite, _ conversion: @escaping @Sendable (StructType) -> @Sendable (Row) throws -> Element
  ) -> RDD<Element> {
    let (session, plan) = (session.spark, input)
    return session.sparkContext.rdd(
      from: FrameRows(site: site, frame: { (session, plan) }, conversion: conversion), site)
  }
}

extension RDD {
  /// The rows of a query of a table that is made from this RDD, and has the name `batch` only there.
  func queried(
    _ query: Result<Plan, any Error>, _ site: OperatorSite,
    _ table: @escaping @Sendable (RDD<Element>) throws -> DataFrame
  ) -> RDD<Row> {
    let source = FrameRows<Row>(
      site: site,
      frame: {
        let frame = try table(self)
        return (frame.session.spark, .frame(FrameID(site), .with([NamedPlan("batch", frame.input)], try query.get())))
      }, conversion: { _ in { $0 } })
    return context.rdd(from: source, site)
  }
}
