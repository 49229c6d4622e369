public import MartletCore
public import MartletRDD
public import MartletStreaming
import Synchronization

/// A stream into which a test pushes batches, one for each batch interval. A batch for which nothing was pushed is empty.
///
/// Each batch takes the first waiting one, whether or not it is computed: after a window, several are computed at once.
/// With a checkpoint, the input of a batch is in its log: a test that restarts gets it again, and pushes only later
/// batches.
public final class TestStream<Element: Sendable>: DStream<Element>, InputNode, @unchecked Sendable {
  // Sendable: `streamID` is set only in `init`, before other threads have the stream.
  private let numPartitions: Int
  private let state = Mutex(TestStreamState())
  private let empty: RDD<Element>
  package private(set) var streamID = -1

  init(_ context: StreamingContext, numPartitions: Int, _ site: OperatorSite) {
    self.numPartitions = numPartitions
    empty = context.sparkContext.parallelize([], numPartitions)
    super.init(context: context, site: site)
    streamID = context.graph.add(self)
  }

  /// Appends a batch to those that are waiting.
  public func push(_ batch: [Element]) { state.withLock { $0.batches.append(PushedBatch(batch)) } }

  /// The number of batches that have not been taken yet.
  public var waiting: Int { state.withLock { $0.batches.count } }

  package func start() {}
  package func stop() {}

  public override func compute(_ time: Time) throws -> RDD<Element>? {
    let batch = state.withLock { $0.batch(at: time) }
    if batch.count == 0 { return empty }
    return context.sparkContext.parallelize(batch.elements(of: Element.self), numPartitions)
  }
}

/// Not generic, so that an empty batch makes no types at run time.
private struct TestStreamState {
  var batches: [PushedBatch] = []
  /// The batches that have been assigned elements, for as long as they may be computed.
  var assigned: [(time: Time, batch: PushedBatch)] = []
  /// The last batch that was made.
  var lastTime: Time?
  /// Its elements.
  var last = PushedBatch.empty
  /// Batches from before a restart.
  var restored: [Time: PushedBatch] = [:]
  var untaken: [(time: Time, batch: PushedBatch)] = []
  var log: InputLog?

  /// Assigns elements to the batch at `time`, or finds those that it has.
  mutating func batch(at time: Time) -> PushedBatch {
    if time == lastTime { return last }
    if let planned = log?.plannedThrough, time <= planned { return restored[time] ?? .empty }
    if let lastTime, time <= lastTime { return assigned.first { $0.time == time }?.batch ?? .empty }
    lastTime = time
    last = batches.isEmpty ? .empty : batches.removeFirst()
    if last.count == 0 { return last }
    assigned.append((time, last))
    if log != nil { untaken.append((time, last)) }
    return last
  }

  /// Forgets the elements of batches before `time`.
  mutating func forget(before time: Time) {
    guard let oldest = assigned.first, oldest.time < time else { return }
    assigned.removeFirst(assigned.prefix { $0.time < time }.count)
  }
}

/// The elements that a test pushed for one batch.
private struct PushedBatch: Sendable {
  static let empty = PushedBatch(count: 0, elements: nil)

  let count: Int
  /// An array of the stream's elements; `nil` if there are none.
  private let elements: (any Sendable)?

  private init(count: Int, elements: (any Sendable)?) {
    self.count = count
    self.elements = elements
  }

  init<Element: Sendable>(_ elements: [Element]) {
    self.init(count: elements.count, elements: elements.isEmpty ? nil : elements)
  }

  func elements<Element: Sendable>(of type: Element.Type) -> [Element] {
    // A stream makes its batches from arrays of its own elements alone.
    elements.map { $0 as! [Element] } ?? []
  }
}

extension TestStream: DescribedInput {
  /// Called for every batch after it has been made, and before its plans are taken.
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
      throw MartletError(.invalidArgument, "\(site.name) at \(site.callSite): \(Element.self) has no codec.")
    }
    state.withLock { $0.log = log }
  }

  package func takePlans() throws -> [InputPlan] {
    let taken = state.withLock { state in
      defer { state.untaken = [] }
      return state.untaken
    }
    return try taken.map { time, pushed in
      let batch = pushed.elements(of: Element.self)
      let bytes = ByteBuffer()
      bytes.append(variable: UInt64(batch.count))
      try batch.withUnsafeBufferPointer { elements in
        guard let base = elements.baseAddress else { return }
        do { try ElementCodec<Element>.make()?.encode(base, batch.count, into: bytes) } catch {
          throw MartletError(
            .invalidArgument,
            """
            \(site.name) at \(site.callSite): a pushed batch of \(batch.count) elements cannot be written to the \
            checkpoint, because an element cannot be encoded: \(error). Push elements whose encode(to:) does not \
            throw, or test without a checkpoint.
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
    let batch = PushedBatch(Array(UnsafeBufferPointer(start: elements.base, count: count)))
    state.withLock { $0.restored[plan.time] = batch }
  }
}
