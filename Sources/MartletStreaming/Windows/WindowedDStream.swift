import MartletCore
package import MartletRDD
import Synchronization

/// `window`: the elements of all batches in a window, oldest first.
package final class WindowedDStream<Element: Sendable>: DStream<Element>, WindowNode, ElementHolder,
  @unchecked Sendable
{
  private let parent: DStream<Element>
  private let span: WindowSpan
  private let nothing: RDD<Element>
  /// The last batch before a restart, until what was given to those in the window has been taken.
  private let restartedAfter = Mutex<Time?>(nil)

  init(_ parent: DStream<Element>, _ window: Duration, _ slide: Duration?, _ site: OperatorSite) {
    self.parent = parent
    span = WindowSpan(window, slide, over: parent, parent.context.graph, site)
    nothing = EmptyRDD(parent.context.sparkContext, site)
    super.init(context: parent.context, site: site)
  }

  package override var dependencies: [any StreamNode] { [parent] }
  package override var slideDuration: Duration { span.slide }
  package override var parentRememberDuration: Duration {
    rememberDuration > .zero ? rememberDuration + span.window : .zero
  }
  /// A window is made of what its parent has stored.
  package var windowDuration: Duration { span.window }

  package func keepParents() {
    guard span.window > span.parentSlide || keepDuration > .zero else { return }
    (parent as any KeepingNode).keep(for: self, keepDuration + span.window)
  }

  package func needsLater(_ time: Time, _ zero: Time) -> Bool { span.isInLaterWindow(time, zero) }

  /// Windows among the parents have made nothing yet, and must begin before the first batch. Others give the first batch
  /// what there is to take, which fails if it is not there any more.
  package func recall(_ time: Time) throws {
    guard isComputed(from: { $0 is any WindowNode }) else { return restartedAfter.withLock { $0 = time } }
    try take(through: time)
  }

  package func takeRecalled() throws {
    guard let time = restartedAfter.withLock({ $0 }) else { return }
    try take(through: time)
    restartedAfter.withLock { $0 = nil }
  }

  private func take(through time: Time) throws {
    guard let zero = zeroTime else { return }
    let last = time.floor(span.parentSlide, zero)
    for time in span.times(endingAt: last, zero) { _ = try parent.rdd(at: time) }
  }

  package override func compute(_ time: Time) throws -> RDD<Element>? {
    guard let zero = zeroTime else { return nil }
    let rdds = try span.times(endingAt: time, zero).compactMap { try parent.rdd(at: $0) }.filter { !$0.isKnownEmpty }
    return rdds.isEmpty ? nothing : context.sparkContext.unioned(rdds, site)
  }
}

extension DStream {
  /// The elements of all batches of the last `windowDuration`, oldest batch first; a new window begins with every batch.
  ///
  /// The first windows hold the batches that there are. Each element is processed again in every window that it is in:
  /// `reduceByKeyAndWindow` and `reduceByWindow` are cheaper where they can do the job.
  ///
  /// The elements of each batch are stored for as long as a window needs them, and what they were computed from is
  /// released: a window after a filter keeps what has passed the filter. What is stored counts against
  /// `martlet.memory.bytes`, and goes to disk (`martlet.local.dir`) beyond that. Elements that cannot be written (objects
  /// of classes, and what is neither `Codable` nor made of such) stay in memory, and the log warns when they exceed it. A
  /// batch of which the output operations have not read all is computed to its end when they are done.
  /// - Parameter windowDuration: a whole number of this stream's slides, else `start()` throws.
  public func window(
    _ windowDuration: Duration, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    WindowedDStream(self, windowDuration, nil, OperatorSite("window", file, line))
  }

  /// As `window`, with a new window every `slideDuration`, a whole number of this stream's slides too.
  public func window(
    _ windowDuration: Duration, _ slideDuration: Duration, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    WindowedDStream(self, windowDuration, slideDuration, OperatorSite("window", file, line))
  }
}
