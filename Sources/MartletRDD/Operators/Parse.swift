package import MartletCore

/// A record that a parser refused, and why.
public struct RejectedRecord<Record: Sendable>: Sendable, CustomStringConvertible {
  /// The record as it came.
  public let record: Record
  /// What the parser threw, in words.
  public let reason: String

  init(record: Record, reason: String) {
    self.record = record
    self.reason = reason
  }

  public var description: String { "\(record): \(reason)" }
}

extension RejectedRecord: Equatable where Record: Equatable {}

extension RejectedRecord: Error {}

/// What `parse` makes of an RDD: the good records, and the others.
public struct ParsedRDD<Record: Sendable, Value: Sendable>: Sendable {
  /// What the parser made of the records that it accepted.
  public let accepted: RDD<Value>
  /// The records that the parser refused, with the reasons.
  public let rejected: RDD<RejectedRecord<Record>>
}

/// The loop that parses records, and keeps those for which `parser` throws.
package func parseKernel<Record, Value>(
  _ parser: @escaping @Sendable (Record) throws -> Value
) -> MapKernel<Record, Result<Value, RejectedRecord<Record>>> {
  mapKernel { record in
    do { return .success(try parser(record)) } catch {
      return .failure(RejectedRecord(record: record, reason: "\(error)"))
    }
  }
}

/// The loop that takes the values out of what was parsed.
package func acceptedKernel<Record, Value>() -> FlatMapKernel<Result<Value, RejectedRecord<Record>>, Value> {
  compactMapKernel { if case .success(let value) = $0 { value } else { nil } }
}

/// The loop that takes the refused records out of what was parsed.
package func rejectedKernel<Record, Value>() -> FlatMapKernel<
  Result<Value, RejectedRecord<Record>>, RejectedRecord<Record>
> {
  compactMapKernel { if case .failure(let rejected) = $0 { rejected } else { nil } }
}

extension RDD {
  /// Parses every record. Those for which `parser` throws fail nothing and do not vanish: they come out of an RDD of
  /// their own, with the reason.
  ///
  /// ```swift
  /// let cities = sc.textFile("cities.csv").parse { line in try City(line) }
  /// let table = cities.accepted.keyBy { $0.name }.cache()
  /// for refused in try cities.rejected.take(10) { print(refused) }
  /// ```
  /// Each action parses the records that it reads, as actions do with all closures: `cache()` keeps the results.
  public func parse<Value: Sendable>(
    _ parser: @escaping @Sendable (Element) throws -> Value, file: StaticString = #fileID, line: UInt = #line
  ) -> ParsedRDD<Element, Value> {
    let site = OperatorSite("parse", file, line)
    let parsed = mapped(parseKernel(parser), site)
    return ParsedRDD(
      accepted: parsed.flatMapped(acceptedKernel(), site), rejected: parsed.flatMapped(rejectedKernel(), site))
  }
}
