// Unsafe code. Invariant: for each partition p, `cursors[p]` is the position of the next element in the buffer of p,
// and `limits[p]` is the end of that buffer; only `flush` and `grow` update `buffers[p].count`.

public import MartletCore

/// Takes the pairs of one task and moves each into the buffer of its partition.
@usableFromInline package final class ShuffleWriter<Key: Hashable & Sendable, Value: Sendable> {
  @usableFromInline package let partitioner: Partitioner<Key>
  @usableFromInline package let usesHash: Bool
  @usableFromInline let watch = keyWatch(Key.self)
  @usableFromInline package let numPartitions: Int
  @usableFromInline package let cursors: UnsafeMutablePointer<UnsafeMutablePointer<(Key, Value)>>
  @usableFromInline package let limits: UnsafeMutablePointer<UnsafeMutablePointer<(Key, Value)>>
  private let buffers: [ElementBuffer<(Key, Value)>]
  private var runs: [SpillRun] = []
  private let site: OperatorSite

  init(_ partitioner: Partitioner<Key>, _ site: OperatorSite) {
    self.partitioner = partitioner
    self.site = site
    usesHash = partitioner is HashPartitioner<Key>
    numPartitions = partitioner.numPartitions
    buffers = (0..<numPartitions).map { _ in ElementBuffer() }
    cursors = .allocate(capacity: numPartitions)
    limits = .allocate(capacity: numPartitions)
    for p in 0..<numPartitions {
      cursors[p] = buffers[p].base
      limits[p] = buffers[p].base
    }
  }

  deinit {
    flush()
    cursors.deallocate()
    limits.deallocate()
  }

  /// Makes space for at least one more pair in partition `p`.
  @usableFromInline @inline(never)
  package func grow(_ p: Int) {
    let buffer = buffers[p]
    cursors[p] = buffer.grow(count: cursors[p] - buffer.base) + buffer.count
    limits[p] = buffer.base + buffer.capacity
  }

  @usableFromInline @inline(never)
  package func refuse(_ p: Int) -> MartletError {
    site.invalidArgument(
      "the partitioner \(type(of: partitioner)) returned partition \(p); it has partitions 0 to \(numPartitions - 1).")
  }

  private func flush() {
    for p in 0..<numPartitions { buffers[p].count = cursors[p] - buffers[p].base }
  }

  /// Appends to the only partition, without looking at the keys.
  func appendToOnly(_ chunk: Chunk<(Key, Value)>) {
    buffers[0].append(chunk)
    cursors[0] = buffers[0].base + buffers[0].count
    limits[0] = buffers[0].base + buffers[0].capacity
  }

  /// Writes the contents of all buffers to disk, and empties them.
  func spill(to space: SpillSpace<(Key, Value)>) throws {
    flush()
    if runs.isEmpty { runs = Array(repeating: SpillRun(), count: numPartitions) }
    for p in 0..<numPartitions {
      try space.write(buffers[p].base, buffers[p].count, to: &runs[p])
      buffers[p].takeAll().discard()
      cursors[p] = buffers[p].base
    }
  }

  /// The output, when everything has been written.
  func finish() -> ShuffleOutput<Key, Value> {
    flush()
    // An empty buffer may have memory from before it was spilled.
    return ShuffleOutput(runs: runs, buffers: buffers.map { $0.count > 0 ? $0 : ElementBuffer() })
  }
}

/// The output of one task, by partitions: data on disk precedes data in memory.
struct ShuffleOutput<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// Empty if everything is in memory.
  var runs: [SpillRun]
  var buffers: [ElementBuffer<(Key, Value)>]
  var lease: KeptMemory.Lease?
}

/// Takes pairs and moves each into the buffer of its partition.
@usableFromInline package typealias ScatterKernel<Key: Hashable & Sendable, Value: Sendable> =
  @Sendable (UnsafeMutablePointer<(Key, Value)>, Int, ShuffleWriter<Key, Value>) throws -> Void

@inlinable @inline(__always)
package func scatterKernel<Key: Hashable & Sendable, Value: Sendable>() -> ScatterKernel<Key, Value> {
  { source, count, writer in
    let cursors = writer.cursors
    let limits = writer.limits
    let partitions = writer.numPartitions
    let watch = writer.watch
    var i = 0
    if writer.usesHash {
      while i < count {
        let p = partition(of: partitionHash(&(source + i).pointee.0, watch), among: partitions)
        if cursors[p] == limits[p] { writer.grow(p) }
        cursors[p].moveInitialize(from: source + i, count: 1)
        cursors[p] += 1
        i &+= 1
      }
    } else {
      do {
        while i < count {
          let p = try writer.partitioner.partition(of: (source + i).pointee.0)
          guard p >= 0 && p < partitions else { throw writer.refuse(p) }
          if cursors[p] == limits[p] { writer.grow(p) }
          cursors[p].moveInitialize(from: source + i, count: 1)
          cursors[p] += 1
          i &+= 1
        }
      } catch {
        (source + i).deinitialize(count: count &- i)
        throw error
      }
    }
  }
}
