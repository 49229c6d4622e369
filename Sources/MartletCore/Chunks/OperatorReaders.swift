/// Applies a map kernel to every chunk of its parent.
package final class MapReader<Input, Output>: ChunkReader<Output> {
  private let parent: ChunkReader<Input>
  private let kernel: MapKernel<Input, Output>
  private let site: OperatorSite
  /// As large as the largest chunk so far, because small pipelines may be very long.
  private let output = ElementBuffer<Output>()

  package init(_ parent: ChunkReader<Input>, _ kernel: @escaping MapKernel<Input, Output>, _ site: OperatorSite) {
    self.parent = parent
    self.kernel = kernel
    self.site = site
  }

  package override func next() throws -> Chunk<Output>? {
    guard let chunk = try parent.next() else { return nil }
    output.reserve(chunk.count)
    do { try kernel(chunk.base, chunk.count, output.base) } catch { throw site.failure(ofClosure: error) }
    return Chunk(output.base, chunk.count)
  }
}

/// Applies a filter kernel, in place, to every chunk of its parent.
package final class FilterReader<Element>: ChunkReader<Element> {
  private let parent: ChunkReader<Element>
  private let kernel: FilterKernel<Element>
  private let site: OperatorSite

  package init(_ parent: ChunkReader<Element>, _ kernel: @escaping FilterKernel<Element>, _ site: OperatorSite) {
    self.parent = parent
    self.kernel = kernel
    self.site = site
  }

  package override func next() throws -> Chunk<Element>? {
    while let chunk = try parent.next() {
      let kept: Int
      do { kept = try kernel(chunk.base, chunk.count) } catch { throw site.failure(ofClosure: error) }
      if kept > 0 { return Chunk(chunk.base, kept) }
    }
    return nil
  }
}

/// Applies a flat-map kernel; an input chunk that makes many elements is processed in several steps.
package final class FlatMapReader<Input, Output>: ChunkReader<Output> {
  private let parent: ChunkReader<Input>
  private let kernel: FlatMapKernel<Input, Output>
  private let site: OperatorSite
  private let output = ElementBuffer<Output>(capacity: chunkCapacity + 64)
  private var pending: Chunk<Input>?

  package init(
    _ parent: ChunkReader<Input>, _ kernel: @escaping FlatMapKernel<Input, Output>, _ site: OperatorSite
  ) {
    self.parent = parent
    self.kernel = kernel
    self.site = site
  }

  deinit { pending?.discard() }

  package override func next() throws -> Chunk<Output>? {
    while true {
      guard let input = try pending ?? parent.next() else { return nil }
      pending = nil
      let taken: Int
      do { taken = try kernel(input.base, input.count, output) } catch { throw site.failure(ofClosure: error) }
      if taken < input.count { pending = input.dropFirst(taken) }
      if output.count > 0 { return output.takeAll() }
    }
  }
}
