import MartletCore
public import MartletRDD
public import MartletStreaming
import Synchronization

/// A stream into which a test pushes batches, one for each batch interval. A batch for which nothing was pushed is empty.
public final class TestStream<Element: Sendable>: DStream<Element>, InputNode, @unchecked Sendable {
  private let numPartitions: Int
  private let batches = Mutex<[[Element]]>([])
  package private(set) var streamID = -1

  init(_ context: StreamingContext, numPartitions: Int, _ site: OperatorSite) {
    self.numPartitions = numPartitions
    super.init(context: context, site: site)
    streamID = context.graph.add(self)
  }

  /// Adds a batch behind those that wait.
  public func push(_ batch: [Element]) { batches.withLock { $0.append(batch) } }

  /// Batches that have not been taken yet.
  public var waiting: Int { batches.withLock { $0.count } }

  package func start() {}
  package func stop() {}

  public override func compute(_ time: Time) throws -> RDD<Element>? {
    let batch = batches.withLock { $0.isEmpty ? [] : $0.removeFirst() }
    return context.sparkContext.parallelize(batch, numPartitions)
  }
}
