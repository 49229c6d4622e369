import MartletCore

/// Applies a kernel to whole partitions, as far as results are asked for.
final class PartitionKernelReader<Output>: ChunkReader<Output> {
  private let prepare: (AbandonableCall) throws -> Work
  private let isTransparent: Bool
  private let site: OperatorSite
  private let call = AbandonableCall()
  private let output = ElementBuffer<Output>(capacity: chunkCapacity)
  private var work: Work?
  private var source: ResultSource<Output>?
  private var isAtEnd = false

  /// A kernel and its elements, some or all of them computed.
  struct Work {
    var inputs: [any ClosureInputs]
    var begin: () throws -> ResultSource<Output>

    /// Whether the kernel may ask for an element that cannot be had.
    var mayFail: Bool { inputs.contains { $0.mayFail } }
    /// Why one of the inputs ended before its time.
    var failure: (any Error)? { inputs.lazy.compactMap { $0.failure }.first }
  }

  /// - Parameters:
  ///   - isTransparent: as of `PartitionKernel`.
  ///   - prepare: computes elements, as many as must be there before the kernel begins.
  init(isTransparent: Bool, _ site: OperatorSite, prepare: @escaping (AbandonableCall) throws -> Work) {
    self.isTransparent = isTransparent
    self.site = site
    self.prepare = prepare
  }

  /// Applies a kernel to one partition.
  ///
  /// - Parameter depth: how many readers `parent` reads through. Beyond what any thread has stack for, all elements are
  ///   computed first, on the thread that has.
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
      // Set once: a closure that is read and stored again gets a wrapper each time.
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
