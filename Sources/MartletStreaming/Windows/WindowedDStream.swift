import MartletCore
package import MartletRDD

/// `window`: the elements of all batches in a window, oldest first.
package final class WindowedDStream<Element: Sendable>: DStream<Element>, WindowNode, @unchecked Sendable {
  private let parent: DStream<Element>
  private let span: WindowSpan
  private let nothing: RDD<Element>

  init(_ parent: DStream<Element>, _ window: Duration, _ slide: Duration?, _ site: OperatorSite) {
    self.parent = parent
    span = WindowSpan(window, slide, over: parent, parent.context.graph, site)
    nothing = EmptyRDD(parent.context.sparkContext, site)
    super.init(context: parent.context, site: site)
    // Each batch is read by several windows. What a receiver has stored is in memory as it is.
    if span.window > span.slide && !(parent is any ReceiverNode) { parent.persistByDefault(.memoryOnly) }
  }

  package override var dependencies: [any StreamNode] { [parent] }
  package override var slideDuration: Duration { span.slide }
  package override var parentRememberDuration: Duration { rememberDuration + span.window }
  package var windowDuration: Duration { span.window }

  /// The parents remember all that there is to take. But windows among them remember what they have made, and have made
  /// nothing yet.
  package func recall(_ time: Time) throws {
    guard let zero = zeroTime, isComputed(from: { $0 is any WindowNode }) else { return }
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
  /// `reduceByKeyAndWindow` and `reduceByWindow` are cheaper where they can do the job. The batches are kept in memory
  /// for as long as a window needs them, unless `persist` says otherwise.
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
