import Foundation
import MartletCore
import Synchronization
import Testing

@testable import MartletSQL

/// A session without an engine: it notes the plans that it gets, and has the same rows for each.
final class FakeRuntime: DataFrameRuntime {
  let schema: StructType
  let batches: [[Row]]
  private let noted = Mutex<(plans: [Plan], views: [TemporaryView], persisted: [Bool], async: Int)>(([], [], [], 0))

  init(_ schema: StructType = StructType(), _ batches: [[Row]] = []) {
    self.schema = schema
    self.batches = batches
  }

  var plans: [Plan] { noted.withLock { $0.plans } }
  var views: [TemporaryView] { noted.withLock { $0.views } }
  var persisted: [Bool] { noted.withLock { $0.persisted } }
  var asyncActions: Int { noted.withLock { $0.async } }

  /// Only what needs an engine asks for it, and these tests have none.
  var spark: SparkSession { preconditionFailure("The fake session has no engine.") }

  /// The table `people`.
  var people: DataFrame { DataFrame(self, .table(["people"]), OperatorSite("table", #fileID, #line)) }

  func schema(of plan: Plan, _ site: OperatorSite) throws -> StructType {
    noted.withLock { $0.plans.append(plan) }
    return schema
  }

  func rows(of plan: Plan, _ site: OperatorSite) throws -> any RowBatches {
    noted.withLock { $0.plans.append(plan) }
    if case .limit(let count, _) = plan {
      return FakeBatches(schema, [Array(batches.joined().prefix(count))])
    }
    return FakeBatches(schema, batches)
  }

  func explanation(of plan: Plan, _ mode: ExplainMode, _ site: OperatorSite) throws -> String { "\(mode)" }

  func register(_ view: TemporaryView, _ site: OperatorSite) throws { noted.withLock { $0.views.append(view) } }

  func setPersisted(_ isPersisted: Bool, _ frame: DataFrame) { noted.withLock { $0.persisted.append(isPersisted) } }

  func secondsFromUTC(at time: SQLTimestamp) -> Int { 0 }

  func running<Result: Sendable>(
    _ site: OperatorSite, _ action: @escaping @Sendable () throws -> Result
  ) async throws
    -> Result
  {
    noted.withLock { $0.async += 1 }
    return try action()
  }
}

private final class FakeBatches: RowBatches {
  let schema: StructType
  private let rest: Mutex<[[Row]]>

  init(_ schema: StructType, _ batches: [[Row]]) {
    self.schema = schema
    self.rest = Mutex(batches)
  }

  func next() throws -> [Row]? {
    rest.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }
}

/// The message of the `MartletError` that `body` throws.
func message(_ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) -> String {
  do {
    try body()
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    return ""
  } catch {
    return "\(error)"
  }
}
