import MartletCore
public import MartletRDD
public import MartletStreaming
import Synchronization

/// A stream into which a test pushes batches, one for each batch interval. A batch for which nothing was pushed is empty.
///
/// Each batch takes what waits first, whether or not it is computed: behind a window, several are computed at once. With a
/// checkpoint, what a batch was given is in its log: a test that starts again gets it again, and pushes what comes after.
public final class TestStream<Element: Sendable>: DStream<Element>, InputNode, @unchecked Sendable {
  // Sendable: `streamID` is set in `init` alone, before there are other threads that have the stream.
  private let numPartitions: Int
  private let state = Mutex(State())
  package private(set) var streamID = -1

  private struct State {
    var batches: [[Element]] = []
    /// What batches were given, for as long as they may be computed.
    var given: [(time: Time, batch: [Element])] = []
    /// The last batch that was given something, or nothing.
    var lastTime: Time?
    /// What it was given.
    var last: [Element] = []
    /// Of batches before a restart.
    var restored: [Time: [Element]] = [:]
    var untaken: [(time: Time, batch: [Element])] = []
    var log: InputLog?

    /// What the batch at `time` is given.
    mutating func batch(at time: Time) -> [Element] {
      if time == lastTime { return last }
      if let planned = log?.plannedThrough, time <= planned { return restored[time] ?? [] }
      if let lastTime, time <= lastTime { return given.first { $0.time == time }?.batch ?? [] }
      lastTime = time
      last = batches.isEmpty ? [] : batches.removeFirst()
      let batch = last
      if batch.isEmpty { return batch }
      given.append((time, batch))
      if log != nil { untaken.append((time, batch)) }
      return batch
    }

    /// Forgets what batches before `time` were given.
    mutating func forget(before time: Time) {
      guard let oldest = given.first, oldest.time < time else { return }
      given.removeFirst(given.prefix { $0.time < time }.count)
    }
  }

  init(_ context: StreamingContext, numPartitions: Int, _ site: OperatorSite) {
    self.numPartitions = numPartitions
    super.init(context: context, site: site)
    streamID = context.graph.add(self)
  }

  /// Adds a batch after those that are waiting.
  public func push(_ batch: [Element]) { state.withLock { $0.batches.append(batch) } }

  /// Batches that have not been taken yet.
  public var waiting: Int { state.withLock { $0.batches.count } }

  package func start() {}
  package func stop() {}

  public override func compute(_ time: Time) throws -> RDD<Element>? {
    context.sparkContext.parallelize(state.withLock { $0.batch(at: time) }, numPartitions)
  }
}

extension TestStream: DescribedInput {
  /// Called for every batch when it has been made, and before its plans are taken.
  package func info(_ time: Time) -> StreamInputInfo? {
    let oldest = time - rememberDuration - slideDuration
    let records = state.withLock { state in
      let batch = state.batch(at: time)
      state.forget(before: oldest)
      return batch.count
    }
    return StreamInputInfo(inputStreamID: streamID, numRecords: records)
  }

  package func recordsRead(_ time: Time) -> Int? { nil }
}

extension TestStream: RecoverableInput {
  package var inputIdentity: String { site.name }

  package func keepPlans(_ log: InputLog) throws {
    guard ElementCodec<Element>.make() != nil else {
      throw MartletError(.invalidArgument, "\(site): \(Element.self) has no codec.")
    }
    state.withLock { $0.log = log }
  }

  package func takePlans() throws -> [InputPlan] {
    let taken = state.withLock { state in
      defer { state.untaken = [] }
      return state.untaken
    }
    return try taken.map { time, batch in
      let bytes = ByteBuffer()
      bytes.append(variable: UInt64(batch.count))
      try batch.withUnsafeBufferPointer { elements in
        guard let base = elements.baseAddress else { return }
        do { try ElementCodec<Element>.make()?.encode(base, batch.count, into: bytes) } catch {
          throw MartletError(
            .invalidArgument,
            """
            \(site): a batch of \(batch.count) that was pushed cannot be written to the \
            checkpoint, since an element cannot be encoded: \(error). Push elements whose encode(to:) does not throw, or \
            test without a checkpoint.
            """, underlying: error)
        }
      }
      return InputPlan(time: time, records: batch.count, bytes: bytes)
    }
  }

  package func progress() -> ByteBuffer { ByteBuffer() }

  package func restore(progress bytes: UnsafeRawBufferPointer) {}

  package func restore(plan: InputPlan) throws {
    var reader = ByteReader(plan.bytes.bytes)
    let count = try reader.count()
    let elements = ElementBuffer<Element>(capacity: count)
    try ElementCodec<Element>.make()?.decode(try reader.take(reader.left), count, to: elements.base)
    elements.count = count
    state.withLock { $0.restored[plan.time] = Array(UnsafeBufferPointer(start: elements.base, count: count)) }
  }
}
