public import MartletRDD
import MartletCore

extension DStream {
  /// The RDDs that the closure makes of this stream's. It is called on the driver, once a batch, and can use all
  /// operations of RDD, such as a join with a table that was computed once.
  ///
  /// ```swift
  /// let clean = wordCounts.transform { rdd in rdd.join(spamInfo).filter { !$0.1.1 } }
  /// ```
  public func transform<Output: Sendable>(
    _ transform: @escaping @Sendable (RDD<Element>) throws -> RDD<Output>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<Output> {
    perBatch(OperatorSite("transform", file, line)) { rdd, _ in try transform(rdd) }
  }

  /// As `transform`, with the time of the batch.
  public func transform<Output: Sendable>(
    _ transform: @escaping @Sendable (RDD<Element>, Time) throws -> RDD<Output>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<Output> {
    perBatch(OperatorSite("transform", file, line), transform)
  }

  /// The RDDs that the closure makes of this stream's and another's of the same batch. A batch for which one of the
  /// two has no RDD gets none.
  public func transformWith<Other: Sendable, Output: Sendable>(
    _ other: DStream<Other>, _ transform: @escaping @Sendable (RDD<Element>, RDD<Other>) throws -> RDD<Output>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    transformWith(other, { a, b, _ in try transform(a, b) }, file: file, line: line)
  }

  /// As `transformWith`, in the order of Python.
  public func transformWith<Other: Sendable, Output: Sendable>(
    _ transform: @escaping @Sendable (RDD<Element>, RDD<Other>) throws -> RDD<Output>, _ other: DStream<Other>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    transformWith(other, transform, file: file, line: line)
  }

  /// As `transformWith`, with the time of the batch.
  public func transformWith<Other: Sendable, Output: Sendable>(
    _ other: DStream<Other>, _ transform: @escaping @Sendable (RDD<Element>, RDD<Other>, Time) throws -> RDD<Output>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    TwoParentDStream(self, other, OperatorSite("transformWith", file, line), transform)
  }
}

/// A stream each of whose RDDs is made from those that two parents have for the same batch.
final class TwoParentDStream<First: Sendable, Second: Sendable, Output: Sendable>: DStream<Output>, SteadyReader,
  @unchecked Sendable
{
  private let first: DStream<First>
  private let second: DStream<Second>
  private let transform: @Sendable (RDD<First>, RDD<Second>, Time) throws -> RDD<Output>

  init(
    _ first: DStream<First>, _ second: DStream<Second>, _ site: OperatorSite,
    _ transform: @escaping @Sendable (RDD<First>, RDD<Second>, Time) throws -> RDD<Output>
  ) {
    self.first = first
    self.second = second
    self.transform = transform
    super.init(context: first.context, site: site)
    requireSameClock([first, second], site)
  }

  override var dependencies: [any StreamNode] { [first, second] }

  override func compute(_ time: Time) throws -> RDD<Output>? {
    let (a, b) = (try first.rdd(at: time), try second.rdd(at: time))
    guard let a, let b else { return nil }
    do { return try transform(a, b, time) } catch { throw site.failure(error) }
  }
}

/// A stream each of whose RDDs is made from those that several parents have for the same batch.
final class ManyParentDStream<Input: Sendable, Output: Sendable>: DStream<Output>, SteadyReader, @unchecked Sendable {
  private let inputs: [DStream<Input>]
  private let passesOverMissing: Bool
  private let transform: @Sendable ([RDD<Input>], Time) throws -> RDD<Output>

  /// - Parameter passesOverMissing: whether a batch for which some of the streams have no RDD is made of the others, and
  ///   not left out.
  init(
    _ inputs: [DStream<Input>], _ context: StreamingContext, _ site: OperatorSite, passesOverMissing: Bool = false,
    _ transform: @escaping @Sendable ([RDD<Input>], Time) throws -> RDD<Output>
  ) {
    self.inputs = inputs
    self.passesOverMissing = passesOverMissing
    self.transform = transform
    super.init(context: context, site: site)
    requireSameClock(inputs, site)
  }

  override var dependencies: [any StreamNode] { inputs }

  override func compute(_ time: Time) throws -> RDD<Output>? {
    // All are asked, also if one has none: each must see every batch.
    let rdds = try inputs.map { try $0.rdd(at: time) }.compactMap { $0 }
    guard rdds.count == inputs.count || passesOverMissing, !rdds.isEmpty else { return nil }
    do { return try transform(rdds, time) } catch { throw site.failure(error) }
  }
}

extension DStream {
  /// Streams that are put together must belong to one context and make their RDDs equally often.
  func requireSameClock(_ parents: [any StreamNode], _ site: OperatorSite) {
    guard let first = parents.first else {
      context.graph.fail(MartletError(.invalidArgument, "\(site.name) at \(site.callSite) was given no stream."))
      return
    }
    if let stranger = parents.first(where: { $0.context !== context }) {
      let ours = parents.first { $0.context === context }
      let error = MartletError(
        .invalidArgument,
        """
        \(site.name) at \(site.callSite) puts streams of two contexts together: \(stranger.site.name) at \
        \(stranger.site.callSite) does not belong to the context of \
        \(ours.map { "\($0.site.name) at \($0.site.callSite)" } ?? "the new stream"). Make all of them with one \
        StreamingContext.
        """)
      // Whichever of the two is started.
      context.graph.fail(error)
      stranger.context.graph.fail(error)
      return
    }
    for parent in parents.dropFirst() where parent.slideDuration != first.slideDuration {
      context.graph.fail(
        MartletError(
          .invalidArgument,
          """
          \(site.name) at \(site.callSite) puts streams together that slide by \(first.slideDuration.text) \
          (\(first.site.name) at \(first.site.callSite)) and by \(parent.slideDuration.text) (\(parent.site.name) at \
          \(parent.site.callSite)). Give them windows with the same slide.
          """))
    }
  }
}
