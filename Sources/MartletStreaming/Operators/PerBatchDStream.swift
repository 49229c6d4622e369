package import MartletCore
package import MartletRDD
import Synchronization

/// A stream in which each RDD is made from the RDD of its parent for the same batch: the basis of all operators that
/// only look at one batch.
package final class PerBatchDStream<Input: Sendable, Output: Sendable>: DStream<Output>, SteadyReader,
  @unchecked Sendable
{
  private let parent: DStream<Input>
  private let transform: @Sendable (RDD<Input>, Time) throws -> RDD<Output>
  private let makesNothingOfNothing: Bool
  /// The result for an empty batch.
  private let empty = Mutex<EmptyBatch?>(nil)

  /// - Parameter makesNothingOfNothing: true if an empty RDD always results in an empty RDD, whatever the time, so that
  ///   empty batches share one.
  init(
    _ parent: DStream<Input>, _ site: OperatorSite, makesNothingOfNothing: Bool,
    _ transform: @escaping @Sendable (RDD<Input>, Time) throws -> RDD<Output>
  ) {
    self.parent = parent
    self.transform = transform
    self.makesNothingOfNothing = makesNothingOfNothing
    super.init(context: parent.context, site: site)
  }

  package override var dependencies: [any StreamNode] { [parent] }

  package override func compute(_ time: Time) throws -> RDD<Output>? {
    guard let rdd = try parent.rdd(at: time) else { return nil }
    if makesNothingOfNothing && rdd.isKnownEmpty { return try ofNothing(rdd, time) }
    do { return try transform(rdd, time) } catch { throw site.failure(error) }
  }

  private func ofNothing(_ rdd: RDD<Input>, _ time: Time) throws -> RDD<Output> {
    let partitions = rdd.partitionCount
    // Only RDDs of this stream are stored here.
    if let known = empty.withLock({ $0?.rdd(partitions) }) { return unsafeDowncast(known, to: RDD<Output>.self) }
    let made = try transform(rdd, time)
    guard made.isKnownEmpty else { return made }
    let shared = EmptyRDD<Output>(
      context.sparkContext, site, partitions: made.partitionCount, partitioner: made.partitioner)
    empty.withLock { $0 = EmptyBatch(parentPartitions: partitions, rdd: shared) }
    return shared
  }

  package override func isShared(_ rdd: RDD<Output>) -> Bool {
    makesNothingOfNothing && empty.withLock { $0?.rdd === rdd }
  }
}

/// The result for an empty batch with this number of partitions. The type of the elements is not part of the type: see
/// `StreamState`.
private struct EmptyBatch {
  var parentPartitions: Int
  var rdd: AnyObject

  func rdd(_ partitions: Int) -> AnyObject? { parentPartitions == partitions ? rdd : nil }
}

extension DStream {
  /// A stream whose RDDs are made from those of this one, batch by batch.
  package func perBatch<Output: Sendable>(
    _ site: OperatorSite, makesNothingOfNothing: Bool = false,
    _ transform: @escaping @Sendable (RDD<Element>, Time) throws -> RDD<Output>
  ) -> DStream<Output> {
    PerBatchDStream(self, site, makesNothingOfNothing: makesNothingOfNothing, transform)
  }
}
