@frozen public struct Chunk<Element> {
  @usableFromInline package var base: UnsafeMutablePointer<Element>
  @usableFromInline package var count: Int
  @inlinable package init(_ base: UnsafeMutablePointer<Element>, _ count: Int) { self.base = base; self.count = count }
}
open class ChunkReader<Element> {
  public init() {}
  open func next() throws -> Chunk<Element>? { nil }
}
package final class Scratch<Element> {
  package var base: UnsafeMutablePointer<Element>
  package var capacity: Int
  init(_ n: Int) { base = .allocate(capacity: n); capacity = n }
  deinit { base.deallocate() }
  func reserve(_ n: Int) { if n > capacity { base.deallocate(); base = .allocate(capacity: n); capacity = n } }
}
public typealias MapKernel<T, U> = @Sendable (UnsafeMutablePointer<T>, Int, UnsafeMutablePointer<U>) throws -> Void
public final class MapReader<T, U>: ChunkReader<U> {
  let parent: ChunkReader<T>, kernel: MapKernel<T, U>, out = Scratch<U>(1024)
  package init(_ p: ChunkReader<T>, _ k: @escaping MapKernel<T, U>) { parent = p; kernel = k }
  public override func next() throws -> Chunk<U>? {
    guard let c = try parent.next() else { return nil }
    out.reserve(c.count)
    try kernel(c.base, c.count, out.base)
    return Chunk(out.base, c.count)
  }
}
public typealias FilterKernel<T> = @Sendable (UnsafeMutablePointer<T>, Int) throws -> Int
public final class FilterReader<T>: ChunkReader<T> {
  let parent: ChunkReader<T>, kernel: FilterKernel<T>
  package init(_ p: ChunkReader<T>, _ k: @escaping FilterKernel<T>) { parent = p; kernel = k }
  public override func next() throws -> Chunk<T>? {
    while let c = try parent.next() {
      let n = try kernel(c.base, c.count)
      if n > 0 { return Chunk(c.base, n) }
    }
    return nil
  }
}
public final class Output<U> {
  @usableFromInline package var base: UnsafeMutablePointer<U>
  @usableFromInline package var count = 0
  @usableFromInline package var capacity: Int
  @inlinable package init(_ n: Int) { base = .allocate(capacity: n); capacity = n }
  deinit { base.deinitialize(count: count); base.deallocate() }
  @inlinable @inline(never) package func grow(count n: Int) -> UnsafeMutablePointer<U> {
    let b = UnsafeMutablePointer<U>.allocate(capacity: capacity * 2)
    b.moveInitialize(from: base, count: n)
    base.deallocate(); base = b; capacity *= 2
    return b
  }
}
public typealias FlatMapKernel<T, U> = @Sendable (UnsafeMutablePointer<T>, Int, Output<U>) throws -> Int
public final class FlatMapReader<T, U>: ChunkReader<U> {
  let parent: ChunkReader<T>, kernel: FlatMapKernel<T, U>, out = Output<U>(1024 + 64)
  var input: Chunk<T>?
  package init(_ p: ChunkReader<T>, _ k: @escaping FlatMapKernel<T, U>) { parent = p; kernel = k }
  public override func next() throws -> Chunk<U>? {
    while true {
      if input == nil { input = try parent.next() }
      guard let c = input else { return nil }
      let used = try kernel(c.base, c.count, out)
      input = used == c.count ? nil : Chunk(c.base + used, c.count - used)
      if out.count > 0 { let n = out.count; out.count = 0; return Chunk(out.base, n) }
    }
  }
}
