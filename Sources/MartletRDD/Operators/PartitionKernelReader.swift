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
  private struct Work {
    var begin: () throws -> ResultSource<Output>
    /// Whether the kernel may ask for an element that cannot be had.
    var mayFail: () -> Bool
    var failure: () -> (any Error)?
  }

  init<Input>(
    _ parent: ChunkReader<Input>, _ partition: Int, _ kernel: PartitionKernel<Input, Output>, _ site: OperatorSite,
    _ context: MartletContext
  ) {
    self.site = site
    isTransparent = kernel.isTransparent
    prepare = { call in
      let input = try ClosureInput(parent, context, isTransparent: kernel.isTransparent, call)
      return Work {
        try kernel.begin(partition, input.elements)
      } mayFail: {
        input.mayFail
      } failure: {
        input.elements.failure
      }
    }
  }

  init<First, Second>(
    _ first: ChunkReader<First>, _ second: ChunkReader<Second>, _ kernel: ZipPartitionsKernel<First, Second, Output>,
    _ site: OperatorSite, _ context: MartletContext
  ) {
    self.site = site
    isTransparent = kernel.isTransparent
    prepare = { call in
      let firsts = try ClosureInput(first, context, isTransparent: kernel.isTransparent, call)
      let seconds = try ClosureInput(second, context, isTransparent: kernel.isTransparent, call)
      return Work {
        try kernel.begin(firsts.elements, seconds.elements)
      } mayFail: {
        firsts.mayFail || seconds.mayFail
      } failure: {
        firsts.elements.failure ?? seconds.elements.failure
      }
    }
  }

  override func next() throws -> Chunk<Output>? {
    if isAtEnd { return nil }
    let work = try self.work ?? prepare(call)
    self.work = work
    do {
      // Set once: a closure that is read and stored again gets a wrapper each time.
      if source == nil { try run(apart: work.mayFail()) { [self] in source = try work.begin() } }
      try run(apart: !isTransparent && work.mayFail()) { [self] in try source?(output) }
    } catch {
      throw work.failure() ?? site.failure(error)
    }
    if let failure = work.failure() { throw failure }
    isAtEnd = output.count == 0
    return isAtEnd ? nil : output.takeAll()
  }

  private func run(apart: Bool, _ body: @escaping () throws -> Void) throws {
    if apart { try call.run(body) } else { try body() }
  }
}
