import MartletCore
public import MartletRDD
public import MartletStreaming
import Synchronization

/// RDDs to be streamed, one per batch; more can be appended while the stream runs.
public final class RDDQueue<Element: Sendable>: Sendable {
  /// The type of the elements is not part of the type, because looking up types created at run time takes long for a
  /// queue that is mostly empty. Only RDDs of this type are stored here.
  private let rdds: Mutex<[AnyObject]>

  /// Creates a queue of these RDDs, in order.
  public init(_ rdds: [RDD<Element>] = []) { self.rdds = Mutex(rdds) }

  /// Appends an RDD.
  public func append(_ rdd: RDD<Element>) { rdds.withLock { $0.append(rdd) } }

  /// The number of RDDs that wait.
  public var count: Int { rdds.withLock { $0.count } }

  func takeFirst() -> RDD<Element>? {
    guard let first = rdds.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return nil }
    return unsafeDowncast(first, to: RDD<Element>.self)
  }

  func takeAll() -> [RDD<Element>] {
    let all = rdds.withLock { rdds in
      defer { rdds = [] }
      return rdds
    }
    return all.map { unsafeDowncast($0, to: RDD<Element>.self) }
  }
}

final class QueueInput<Element: Sendable>: DStream<Element>, DescribedInput, @unchecked Sendable {
  // Sendable: `streamID` is set only in `init`, before other threads have the stream.
  private let queue: RDDQueue<Element>
  private let oneAtATime: Bool
  private let defaultRDD: RDD<Element>
  /// The numbers of records read by batches that are not done.
  private let counts = Mutex<[(time: Time, count: ReadCount)]>([])
  private(set) var streamID = -1

  init(
    _ queue: RDDQueue<Element>, oneAtATime: Bool, defaultRDD: RDD<Element>?, _ context: StreamingContext,
    _ site: OperatorSite
  ) {
    self.queue = queue
    self.oneAtATime = oneAtATime
    self.defaultRDD = defaultRDD ?? EmptyRDD(context.sparkContext, site)
    super.init(context: context, site: site)
    streamID = context.graph.add(self)
  }

  func start() {}
  func stop() {}

  var hasMore: Bool { queue.count > 0 }

  override func compute(_ time: Time) throws -> RDD<Element>? {
    let rdd = takeRDD()
    if rdd.isKnownEmpty { return rdd }
    let count = ReadCount()
    counts.withLock { $0.append((time, count)) }
    return rdd.counted(by: count, site)
  }

  private func takeRDD() -> RDD<Element> {
    if oneAtATime { return queue.takeFirst() ?? defaultRDD }
    let taken = queue.takeAll()
    if taken.isEmpty { return defaultRDD }
    return taken.count == 1 ? taken[0] : context.sparkContext.union(taken)
  }

  func info(_ time: Time) -> StreamInputInfo? {
    let isGiven = counts.withLock { counts in counts.contains { $0.time == time } }
    return isGiven ? StreamInputInfo(inputStreamID: streamID, numRecords: 0) : nil
  }

  func recordsRead(_ time: Time) -> Int? {
    counts.withLock { counts in
      let count = counts.last { $0.time == time }?.count
      counts.removeAll { $0.time <= time }
      return count?.total
    }
  }
}

final class ConstantInput<Element: Sendable>: DStream<Element>, RecoverableInput, @unchecked Sendable {
  // Sendable: `streamID` is set only in `init`, before other threads have the stream.
  private let rdd: RDD<Element>
  private(set) var streamID = -1

  init(_ rdd: RDD<Element>, _ context: StreamingContext, _ site: OperatorSite) {
    self.rdd = rdd
    super.init(context: context, site: site)
    streamID = context.graph.add(self)
  }

  func start() {}
  func stop() {}

  override func compute(_ time: Time) throws -> RDD<Element>? { rdd }

  // The program creates the RDD again, so nothing need be stored.
  var inputIdentity: String { site.name }
  func keepPlans(_ log: InputLog) {}
  func takePlans() -> [InputPlan] { [] }
  func progress() -> ByteBuffer { ByteBuffer() }
  func restore(progress bytes: UnsafeRawBufferPointer) {}
  func restore(plan: InputPlan) {}
}

extension StreamingContext {
  /// A stream of the RDDs of a queue, for experiments. It cannot be recovered from a checkpoint, because RDDs that were
  /// taken from the queue are lost.
  ///
  /// - Parameters:
  ///   - oneAtATime: true if a batch gets one RDD; otherwise, it gets all waiting RDDs.
  ///   - defaultRDD: the RDD of a batch for which none waits; empty by default.
  public func queueStream<Element: Sendable>(
    _ queue: RDDQueue<Element>, oneAtATime: Bool = true, defaultRDD: RDD<Element>? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    QueueInput(
      queue, oneAtATime: oneAtATime, defaultRDD: defaultRDD, self, OperatorSite("queueStream", file, line))
  }

  /// A stream of these RDDs.
  public func queueStream<Element: Sendable>(
    _ rdds: [RDD<Element>], oneAtATime: Bool = true, defaultRDD: RDD<Element>? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<Element> {
    queueStream(RDDQueue(rdds), oneAtATime: oneAtATime, defaultRDD: defaultRDD, file: file, line: line)
  }

  /// A stream with the same RDD in every batch.
  public func constantStream<Element: Sendable>(
    _ rdd: RDD<Element>, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    ConstantInput(rdd, self, OperatorSite("constantStream", file, line))
  }
}
