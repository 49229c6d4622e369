import MartletCore
public import MartletRDD
public import MartletStreaming
import Synchronization

/// A stream into which a test pushes batches, one for each batch interval. A batch for which nothing was pushed is empty.
public final class TestStream<Element: Sendable>: DStream<Element>, InputNode, @unchecked Sendable {
  private let numPartitions: Int
  private let batches = Mutex<[[Element]]>([])
  private let lastTime = Mutex<Time?>(nil)
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
    let last = lastTime.withLock { last in
      defer { last = time }
      return last ?? zeroTime ?? time - slideDuration
    }
    // Nobody wanted the batches in between: a window slides by more than its length.
    let skipped = last.until(time, slideDuration).count - 1
    let batch = batches.withLock { batches -> [Element] in
      batches.removeFirst(min(max(0, skipped), batches.count))
      return batches.isEmpty ? [] : batches.removeFirst()
    }
    return context.sparkContext.parallelize(batch, numPartitions)
  }
}
