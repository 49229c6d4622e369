import MartletCore

/// The entries of an aggregation that have been written to disk, by sub-partitions of the keys' hashes.
///
/// All entries of a key are in one sub-partition, in the order in which they were written, so that each sub-partition
/// can be merged by itself. One that is still too large is divided again, by other bits of the hash.
struct CombineSpill<Key: Hashable, Combined> {
  static var fanOut: Int { 16 }
  /// With this number of divisions, even a billion keys would fit: only a single key can be larger, and it cannot be
  /// divided.
  static var maximumLevel: Int { 8 }

  let space: SpillSpace<(Key, Combined)>
  private let level: Int
  private var runs: [SpillRun]
  private let buffers: [ElementBuffer<(Key, Combined)>]

  init(_ space: SpillSpace<(Key, Combined)>, level: Int) {
    self.space = space
    self.level = level
    runs = Array(repeating: SpillRun(), count: Self.fanOut)
    buffers = (0..<Self.fanOut).map { _ in ElementBuffer() }
  }

  /// Writes the entries, which are consumed even if it fails.
  mutating func write(_ entries: Chunk<(Key, Combined)>) throws {
    var left = entries
    defer { left.discard() }
    let watch = keyWatch(Key.self)
    while left.count > 0 {
      let size = min(left.count, chunkCapacity * Self.fanOut)
      for i in 0..<size {
        let hash = mix(partitionHash(&(left.base + i).pointee.0, watch), UInt64(level + 1))
        buffers[Int(truncatingIfNeeded: hash >> 60)].append(Chunk(left.base + i, 1))
      }
      left = left.dropFirst(size)
      for bucket in 0..<Self.fanOut where left.count == 0 || buffers[bucket].count >= chunkCapacity {
        let full = buffers[bucket].takeAll()
        defer { full.discard() }
        try space.write(full.base, full.count, to: &runs[bucket])
      }
    }
  }

  /// A pass over each sub-partition that is not empty.
  func readers() -> [() throws -> ChunkReader<(Key, Combined)>] {
    runs.filter { $0.count > 0 }.map { run in { [space] in try space.reader(run) } }
  }
}
