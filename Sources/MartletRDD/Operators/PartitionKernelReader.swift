import MartletCore

/// Applies a kernel to whole partitions, as results are requested.
final class PartitionKernelReader<Output>: ChunkReader<Output> {
  private let prepare: (AbandonableCall) throws -> Work
  private let isTransparent: Bool
  private let site: OperatorSite
  private let call = AbandonableCall()
  private let output = ElementBuffer<Output>(capacity: chunkCapacity)
  private var work: Work?
  private var source: ResultSource<Output>?
  private var isAtEnd = false

  /// A kernel and its elements, some or all of them already computed.
  struct Work {
    var inputs: [any ClosureInputs]
    var begin: () throws -> ResultSource<Output>

    /// True if the kernel may request an element that cannot be read.
    var mayFail: Bool { inputs.contains { $0.mayFail } }
    /// The error that ended one of the inputs early.
    var failure: (any Error)? { inputs.lazy.compactMap { $0.failure }.first }
  }

  /// - Parameters:
  ///   - isTransparent: as in `PartitionKernel`.
  ///   - prepare: computes the elements that the kernel needs before it begins.
  init(isTransparent: Bool, _ site: OperatorSite, prepare: @escaping (AbandonableCall) throws -> Work) {
    self.isTransparent = isTransparent
    self.site = site
    self.prepare = prepare
  }

  /// Applies a kernel to one partition.
  ///
  /// - Parameter depth: the number of nested readers of `parent`. If not every thread has enough stack for them, all
  ///   elements are computed first, on a thread that has.
  convenience init<Input>(
    _ parent: ChunkReader<Input>, _ partition: Int, _ kernel: PartitionKernel<Input, Output>, _ site: OperatorSite,
    _ context: MartletContext, depth: Int
  ) {
    let isTransparent = kernel.isTransparent && depth <= depthOfAnyStack
    self.init(isTransparent: isTransparent, site) { call in
      let input = try ClosureInput(parent, context, isTransparent: isTransparent, call)
      return Work(inputs: [input]) { try kernel.begin(partition, input.elements) }
    }
  }

  override func next() throws -> Chunk<Output>? {
    if isAtEnd { return nil }
    let work = try self.work ?? prepare(call)
    self.work = work
    do {
      // Set once, because a closure that is read and stored again gets a new wrapper each time.
      if source == nil { try run(apart: work.mayFail) { [self] in source = try work.begin() } }
      try run(apart: !isTransparent && work.mayFail) { [self] in try source?(output) }
    } catch {
      throw work.failure ?? site.failure(error)
    }
    if let failure = work.failure { throw failure }
    isAtEnd = output.count == 0
    return isAtEnd ? nil : output.takeAll()
  }

  private func run(apart: Bool, _ body: @escaping () throws -> Void) throws {
    if apart { try call.run(body) } else { try body() }
  }
}
